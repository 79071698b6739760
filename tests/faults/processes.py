"""Processes on the test's own database, and waiting for what they do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

TICK = ("-W", "error", "manage.py", "outbox_tick")


def database_url() -> str:
    """Return the test's database as DATABASE_URL names it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    password = f":{given['PASSWORD']}" if given["PASSWORD"] else ""
    return f"postgres://{given['USER']}{password}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


def environment(email_url: str, **more: str) -> dict[str, str]:
    """Return what a process needs to work on the test's database with the test's keys."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.faults.site",
        "DATABASE_URL": database_url(),
        "EMAIL_URL": email_url,
        **more,
    }


def start(arguments: Sequence[str], env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start Python with these arguments, its output appended to a file."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=settings.BASE_DIR, env=env, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT,
        )  # fmt: skip


@contextmanager
def running(arguments: Sequence[str], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process as long as the block lasts; at its end it is stopped, if need be with -9."""
    process = start(arguments, env, log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(holds: Callable[[], bool], seconds: float, what: str, log: Path | None = None) -> None:
    """Wait for something; after so many seconds fail with its name and the end of the log."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {seconds:.0f} s\n{log.read_text()[-3000:] if log else ''}")
        time.sleep(0.02)
