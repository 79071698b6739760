"""The trail's chain: what of a row its code is made over, and the walk that finds what does not fit.

Row n's code is the HMAC of row n-1's code and of every column of row n, under a data key that the trail's head owns.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from practice.models import AuditEntry, AuditHead
from vault.macs import maker

PURPOSE = "trail"
ROWS_AT_ONCE = 2000
# Nothing stands between the disk and the code: as text, since SQLite's driver would read an instant as a local one.
_AT = {"sqlite": "CAST(at AS TEXT)", "postgresql": "at"}
_ROWS = """
SELECT id, number, mac, {at}, actor_id, deed, subject_type, subject_id, reference, detail
FROM practice_auditentry WHERE number > %s ORDER BY number, id
"""
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass
class Walk:
    """How far a walk has come: the last row's number, and the codes that the next row's may be made over.

    There are two where the last row did not fit: the one that stands there, and the one that would have fitted. Whether
    a row's words or its code was changed, the row after it is judged rightly by one of them.
    """

    number: int = 0
    codes: tuple[bytes, ...] = (b"",)
    rows: int = 0


def written(entry: AuditEntry) -> bytes:
    """Return a row's columns as the code is made over them, the same from both databases."""
    return _written(
        str(entry.number), _moment(entry.at), _hex(entry.actor_id), entry.deed, entry.subject_type,
        _hex(entry.subject_id), entry.reference, _encode(entry.detail),
    )  # fmt: skip


def _written(*columns: str) -> bytes:
    """Join columns, each after its length, so that nothing can wander from one into the next."""
    return "".join([f"{len(column)}:{column}" for column in columns]).encode()


def _moment(at: datetime | str) -> str:
    """Return an instant in UTC with its microseconds, as SQLite keeps it: without them where they are none."""
    if isinstance(at, datetime):
        return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return at if "." in at else f"{at}.000000"


def _hex(value: UUID | str | None) -> str:
    """Return an id as 32 hex digits: what PostgreSQL gives as UUID, SQLite keeps as these."""
    return value.hex if isinstance(value, UUID) else value or ""


def findings(head: AuditHead | None) -> Iterator[str]:
    """Walk the trail from its first row and say what is wrong; nothing where all is as it was written.

    Rows that are written meanwhile are walked too. Memory does not grow with the trail. Raise VaultError where the
    head's data key does not open.
    """
    if head is None:
        if AuditEntry.objects.exists():
            yield "The head of the trail is gone: nobody can say where the trail ended."
        return
    make, walk = maker(head.id, PURPOSE), Walk()
    while True:
        head.refresh_from_db()
        seen = walk.rows
        for row in _rows_after(walk.number):
            wrong = _step(walk, row, make)
            if wrong:
                yield wrong
        if walk.number <= head.number or walk.rows == seen:
            break
    ending = _ending(walk, head)
    if ending:
        yield ending


def _rows_after(number: int) -> Iterator[tuple[Any, ...]]:
    with closing(connection.chunked_cursor()) as cursor:
        cursor.execute(_ROWS.format(at=_AT[connection.vendor]), [number or -1])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def _step(walk: Walk, row: tuple[Any, ...], make: Callable[[bytes], bytes]) -> str | None:
    """Go on by one row. Return what is wrong with it, in words."""
    pk, number, code = row[0], row[1], row[2] if isinstance(row[2], bytes) else b""
    walk.rows += 1
    expected, codes = walk.number + 1, walk.codes
    if not isinstance(number, int) or number < expected:
        return f"Row {pk} bears the number {number}, which another has or nobody gave: it was put in."
    walk.number, walk.codes = number, (code,)
    if number > expected:
        return f"{_span(expected, number - 1)} missing: removed."
    columns = _columns(row)
    fitting = [make(each + columns) for each in codes] if columns is not None else []
    if code not in fitting:
        walk.codes = (code, *fitting[:1])
        return f"No. {number:,} is not as it was written: changed, moved, or put in."
    return f"No. {number:,} bears the id {pk}: changed." if pk != number else None


def _ending(walk: Walk, head: AuditHead) -> str | None:
    """Compare where the walk has ended with what the head says."""
    if head.number > walk.number:
        return f"{_span(walk.number + 1, head.number)} missing at the end: removed."
    if head.number < walk.number:
        return f"The head says that {head.number:,} is the last number: what stands after it was put in."
    if bytes(head.mac) not in walk.codes:
        return f"The head does not know No. {head.number:,}: the head was changed, or the end of the trail replaced."
    return None


def _span(first: int, last: int) -> str:
    return f"No. {first:,} is" if first == last else f"No. {first:,} to {last:,} are"


def _columns(row: tuple[Any, ...]) -> bytes | None:
    """Return what a stored row's code is made over; None where a column holds what nobody writes there."""
    _, number, _, at, actor_id, deed, subject_type, subject_id, reference, detail = row
    try:
        # PostgreSQL keeps JSON in an order of its own.
        detail = detail if detail == "{}" else _encode(json.loads(detail))
        return _written(
            str(number), _moment(at), _hex(actor_id), deed, subject_type, _hex(subject_id), reference, detail
        )
    except (TypeError, ValueError):
        return None
