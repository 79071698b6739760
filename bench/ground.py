"""The ground of a measurement: a process with keys and a folder of its own, a fresh database, rows of figures.

Import it before anything of Django: it prepares the environment that config.settings reads.
"""

import base64
import json
import os
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, the figure, the peer's or the limit's, and their ratio."""

    part: str
    what: str
    ours: str
    peer: str
    ratio: str


def prepare(var: str) -> dict[str, str]:
    """Return the environment of one measuring process; `var` is its folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "bench.site",
        "BESIDE_VAR": var,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "VAULT_KEYS": f"bench:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "REQUIRE_MFA": "0",
    }


def start() -> str:
    """Set Django up on the fresh database and return the database's name."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise looks for it
    call_command("migrate", verbosity=0)
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]


def hand_over(figures: Sequence[Figure]) -> None:
    """Write the figures to the file that the orchestrator named."""
    with open(sys.argv[1], "w") as file:
        json.dump([asdict(figure) for figure in figures], file)


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def side_by_side(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Return the median seconds of each work, taken in turns, so that a slow moment hits them all alike."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for times, work in zip(taken, works, strict=True):
            times.append(seconds(work))
    return [statistics.median(times) for times in taken]
