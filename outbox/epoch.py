"""The restore guard: an epoch and a counter of ticks, in the database and in a file beside it.

Each tick moves the counter in the database and then in the file, before any mail leaves. A database that was restored
from a backup is behind its file (or has another epoch, or no file at all): what it calls due may have left already.
A crash between the two leaves the file behind, which is no sign of anything.
"""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from outbox.models import Message, Sending

SETTLE_SECONDS = 0.5


@dataclass(frozen=True)
class Mark:
    """What the file holds, on one line: an epoch and how many ticks it has seen."""

    epoch: UUID
    beats: int


def _path() -> Path:
    return Path(settings.VAR_DIR) / "outbox.epoch"


def _read() -> Mark | None:
    try:
        epoch, beats = _path().read_text().split()
        return Mark(UUID(epoch), int(beats))
    except (OSError, ValueError):
        return None


def _write(mark: Mark) -> None:
    """Bring the file up to this mark. It only ever grows: a slower process never sets it back."""
    _path().parent.mkdir(parents=True, exist_ok=True)
    with _alone():
        known = _read()
        if known is not None and known.beats >= mark.beats:
            return
        descriptor, partial = tempfile.mkstemp(prefix=".", dir=_path().parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{mark.epoch} {mark.beats}\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, _path())


@contextmanager
def _alone() -> Iterator[None]:
    with _path().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _durably() -> Iterator[None]:
    """Let SQLite's commit wait for the disk: after a power cut the file must not be ahead of the row."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=NORMAL")


def sending() -> Sending:
    """Return the one row, made on first use."""
    row = Sending.objects.filter(pk=1).first()
    if row is None:
        mark = _first_mark()
        row, _ = Sending.objects.get_or_create(pk=1, defaults={"epoch": mark.epoch, "beats": mark.beats})
    return row


def _first_mark() -> Mark:
    """Return what a database begins with: what the file says, where a new database stands beside an old file.

    One that holds mail from before the file's last change is not new but restored: it differs from its file.
    """
    mark = _read()
    if mark is not None:
        changed_at = datetime.fromtimestamp(_path().stat().st_mtime, UTC)
        if not Message.objects.filter(created_at__lt=changed_at).exists():
            return mark
    return Mark(uuid4(), 0)


def beat(now: datetime) -> Sending | None:
    """Note a tick in the row and in the file. Return None where the database was restored: then nothing may leave."""
    if _is_restored():
        # The counter stays, or a few more ticks would bring the row up to its file.
        Sending.objects.filter(pk=1).update(ticked_at=now)
        return None
    with _durably():
        Sending.objects.filter(pk=1).update(ticked_at=now, beats=F("beats") + 1)
    row = sending()
    _write(Mark(row.epoch, row.beats))
    return row


def _is_restored() -> bool:
    """Say whether another database than this one wrote the file.

    Another process may stand between writing the row and writing the file (first start, resume): look once more, and
    as long as somebody still gives the row another epoch.
    """
    seen = None
    while (row := _unknown_row()) is not None:
        if row.epoch == seen:
            return True
        seen = row.epoch
        time.sleep(SETTLE_SECONDS)
    return False


def _unknown_row() -> Sending | None:
    """Return the row where its file tells of another one."""
    mark = _read()  # before the row: the file follows it, so a row that is read later is never behind its file
    row = sending()
    if mark is None:
        return row if row.beats else None
    return None if mark.epoch == row.epoch and row.beats >= mark.beats else row


def renew() -> None:
    """Agree on a new epoch, once a person has looked. The file learns of it when the row is committed."""
    mark, epoch = _read(), uuid4()
    sending()
    known = mark.beats if mark is not None else 0
    Sending.objects.filter(pk=1).update(epoch=epoch, beats=Greatest(F("beats"), Value(known)) + 1)
    row = sending()
    transaction.on_commit(lambda: _write(Mark(epoch, row.beats)))
