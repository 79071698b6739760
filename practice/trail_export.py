"""The trail as a file for a spreadsheet: the same columns that its codes are made over, and who acted by name."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from practice import trail
from practice.deeds import label_of
from practice.models import AuditEntry, AuditHead, User
from practice.selectors import audit_entries

COLUMNS = (
    "number", "at (UTC)", "member", "address", "deed", "in words", "subject type", "subject id", "reference", "detail",
    "code",
)  # fmt: skip
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\ufeff"
ROWS_AT_ONCE = 1000


@transaction.atomic
def export_trail(
    *, actor: User, reference: str, deed: str, member: UUID | None, first_day: date | None, last_day: date | None
) -> Iterator[str]:
    """Return the lines of what was chosen, the oldest first, with its own audit row, which is not among them.

    Without that row nothing leaves. The lines are read from the database as they are taken.
    """
    entries = audit_entries(reference=reference, deed=deed, member=member, first_day=first_day, last_day=last_day)
    head = AuditHead.objects.first() or AuditHead()
    chosen = entries.filter(number__lte=head.number).order_by("number")
    trail.record(
        "trail.export", actor=actor, subject=head, reference=reference, rows=chosen.count(), only_deed=deed,
        only_member=member, first_day=first_day, last_day=last_day,
    )  # fmt: skip
    return _lines(chosen)


class _Echo:
    """What csv writes to: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def _lines(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield _BYTE_ORDER_MARK + writer.writerow(COLUMNS)
    for entry in entries.iterator(chunk_size=ROWS_AT_ONCE):
        yield writer.writerow([_harmless(cell) for cell in _cells(entry)])


def _cells(entry: AuditEntry) -> list[str]:
    return [
        str(entry.number), entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor.name if entry.actor else "", entry.actor.email if entry.actor else "",
        entry.deed, label_of(entry.deed), entry.subject_type, str(entry.subject_id or ""), entry.reference,
        json.dumps(entry.detail, ensure_ascii=False, sort_keys=True), bytes(entry.mac).hex(),
    ]  # fmt: skip


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from computing what somebody has typed as their name."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
