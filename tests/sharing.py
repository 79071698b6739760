"""Which tests run in one process of pytest-xdist: those that share something costly. All others go where there is room.

xdist's own `--dist loadgroup` reads marks, and forms no groups since pytest 9.2; this reads where a test stands.
"""

from xdist.scheduler import LoadScopeScheduling

# What a test's address begins with, and what such tests share; the first that fits holds.
SHARED = {
    "tests/e2e/": "one demo practice, one Chromium",
    "tests/faults/": "the processor: they kill and wait, beside others that reckon",
    "tests/test_leaks.py::TestSQLite": "a day that was lived through",
}


class SharingScheduling(LoadScopeScheduling):
    """Hand out what shares something in one piece, the largest first; then the others one by one, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        return next((what for begins, what in SHARED.items() if nodeid.startswith(begins)), nodeid)
