"""The erasure journal: a file outside the database that says who was erased, so that a restore can be put right.

One JSON line for each erasure, ids and references only, with a check sum. A backup brings an erased client back; then
`manage.py vault_shred --replay` erases again what stands here (clients/replay.py). The file is written from the
tombstones, so whatever a crash keeps from it is written the next time.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings

from clients.models import AskedBy, Tombstone

log = structlog.get_logger("beside.clients")
_CHECK = "check"


@dataclass(frozen=True)
class Line:
    """One erasure: what a tombstone is made from again after a restore."""

    client_id: UUID
    reference: str
    data_key_id: UUID | None
    erased_at: datetime
    erased_by: UUID | None
    asked_by: str
    received_on: date
    is_rule_considered: bool


@dataclass(frozen=True)
class Journal:
    """What the file holds, and the numbers of the lines that cannot be read."""

    lines: list[Line]
    damaged: list[int]


def read() -> Journal:
    """Return the journal; an empty one where there is no file yet. Raise OSError where it cannot be read."""
    lines: list[Line] = []
    damaged: list[int] = []
    for number, text in enumerate(_text().splitlines(), start=1):
        if not text.strip():
            continue
        try:
            lines.append(_read(text))
        except (ValueError, KeyError, TypeError, AttributeError):
            damaged.append(number)
    return Journal(lines, damaged)


def catch_up() -> int:
    """Add every tombstone that the journal does not list; return how many. Raise OSError where it cannot be written."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two erasures at once write one after the other
        listed = {line.client_id for line in read().lines}
        missing = Tombstone.unscoped.exclude(pk__in=listed).order_by("erased_at")  # no viewer: all that were erased
        lines = [_written(line_of(stone)) for stone in missing]
        if lines:
            # A line that a crash cut short ends here, so that it does not spoil the next one.
            file.write(b"".join([_break_before(file.read()), *lines]))
            os.fsync(file.fileno())
            _sync_folder(path.parent)
    return len(lines)


def catch_up_or_say() -> None:
    """Bring the journal up to date after an erasure; where the disk refuses, say so in the log: it is tried again."""
    try:
        catch_up()
    except OSError as error:
        log.error("erasure.journal_not_written", error=type(error).__name__)


def is_up_to_date(stone: Tombstone) -> bool:
    """Say whether the journal lists this erasure."""
    with suppress(OSError):
        return any(line.client_id == stone.pk for line in read().lines)
    return False


def line_of(stone: Tombstone) -> Line:
    """Return what the journal says of an erasure."""
    return Line(
        client_id=stone.pk, reference=stone.reference, data_key_id=stone.data_key_id, erased_at=stone.erased_at,
        erased_by=stone.erased_by_id, asked_by=stone.asked_by, received_on=stone.received_on,
        is_rule_considered=stone.is_rule_considered,
    )  # fmt: skip


def _path() -> Path:
    return Path(settings.ERASURE_JOURNAL)


def _text() -> str:
    with suppress(FileNotFoundError):
        return _path().read_text(encoding="utf-8", errors="replace")
    return ""


def _written(line: Line) -> bytes:
    values = {name: _plain(value) for name, value in asdict(line).items()}
    return json.dumps({**values, _CHECK: _sum(values.values())}).encode() + b"\n"


def _read(text: str) -> Line:
    values: dict[str, Any] = json.loads(text)
    names = [field.name for field in fields(Line)]
    if values.pop(_CHECK) != _sum(values[name] for name in names) or set(values) != set(names):
        raise ValueError("The line's check sum does not fit.")
    return Line(
        client_id=UUID(values["client_id"]),
        reference=values["reference"],
        data_key_id=_uuid(values["data_key_id"]),
        erased_at=datetime.fromisoformat(values["erased_at"]),
        erased_by=_uuid(values["erased_by"]),
        asked_by=AskedBy(values["asked_by"]),
        received_on=date.fromisoformat(values["received_on"]),
        is_rule_considered=bool(values["is_rule_considered"]),
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _plain(value: object) -> str | bool | None:
    if value is None or isinstance(value, bool):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _sum(values: Iterable[object]) -> str:
    return hashlib.sha256(json.dumps(list(values)).encode()).hexdigest()[:16]


def _break_before(what_stands: bytes) -> bytes:
    return b"" if what_stands.endswith(b"\n") or not what_stands else b"\n"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
