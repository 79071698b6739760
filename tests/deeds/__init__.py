"""Every service that leaves a row in the trail, each with a deed that it really does: for tests/test_deeds.py.

A function arranges and returns the deed itself. A service that records and is not here fails the test.
"""

from tests.deeds import clients, courses, diary, exercises, library, notes, practice, sessions, supervision
from tests.deeds.registry import DEEDS

__all__ = [
    "DEEDS", "clients", "courses", "diary", "exercises", "library", "notes", "practice", "sessions", "supervision",
]  # fmt: skip
