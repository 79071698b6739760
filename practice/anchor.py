"""The anchor: a file outside the database that says how far the trail had come.

Whoever can write to the database can cut off the trail's end and set its head back to an earlier row; then what is
left fits. The file knows better. It is never moved backwards, and never on from a row that is no longer there; only
`audit_verify --accept-restore` lays it anew, once a person has said that an older backup was loaded.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from practice.models import AuditEntry, AuditHead


@dataclass(frozen=True)
class Anchor:
    """A row's number and code, as the file has them on one line, and when that was written."""

    number: int
    mac: bytes
    written_at: datetime

    @property
    def words(self) -> str:
        """Return number and code as `audit_verify --anchor` takes them: `1284:ab12…`."""
        return f"{self.number}:{self.mac.hex()}"


def path() -> Path:
    """Return where the file is."""
    return Path(settings.VAR_DIR) / "audit.anchor"


def parse(words: str) -> Anchor:
    """Read `1284:ab12…`. Raise ValueError where it is neither number nor code."""
    number, _, code = words.strip().partition(":")
    anchor = Anchor(int(number), bytes.fromhex(code), timezone.now())
    if anchor.number < 1 or len(anchor.mac) != 32:
        raise ValueError("An anchor is a number and 64 hex digits.")
    return anchor


def read() -> Anchor | None:
    """Return what the file says, None where there is none. Raise ValueError where it cannot be understood."""
    try:
        words, written_at = path().read_text().split()
    except FileNotFoundError:
        return None
    at = parse(words)
    return Anchor(at.number, at.mac, datetime.fromisoformat(written_at))


def holds(anchor: Anchor) -> bool:
    """Say whether the trail still has the very row that was anchored."""
    return AuditEntry.objects.filter(number=anchor.number, mac=anchor.mac).exists()


def move_on() -> bool:
    """Bring the file up to the trail's head. Return False, and leave it, where its row is no longer in the trail."""
    with _alone():
        known = read()
        head = AuditHead.objects.first()  # after the file: another process may have moved both
        if known is not None and not holds(known):
            return False
        if head is not None and head.number > (known.number if known is not None else 0):
            _write(head)
        return True


def lay_anew() -> None:
    """Write the trail's head to the file, whatever stands there."""
    head = AuditHead.objects.get()
    with _alone():
        _write(head)


def _write(head: AuditHead) -> None:
    """Replace the file in one step, durably: after a power cut it holds the old line or the new one."""
    _bring_to_disk()
    descriptor, partial = tempfile.mkstemp(prefix=".", dir=path().parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{head.number}:{bytes(head.mac).hex()} {timezone.now().isoformat()}\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path())


def _bring_to_disk() -> None:
    """Let SQLite write what is committed to the disk: after a power cut the file must not be ahead of the trail."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint")


@contextmanager
def _alone() -> Iterator[None]:
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
