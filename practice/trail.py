"""The audit trail's one door: a deed and its row stand or fall together.

Rows are chained: each carries a number without a gap and an HMAC over itself and the row before, made with a data key
of the trail's own. Whoever can write to the database, and nothing else, can neither change, remove, insert nor reorder
a row without `audit_verify` naming it.
"""

import json
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from practice.models import AuditEntry, AuditHead, User
from vault.macs import mac
from vault.services import create_data_key

Plain = str | int | bool | None | UUID | date | datetime | timedelta


@transaction.atomic(savepoint=False)
def record(deed: str, *, actor: User | None, subject: models.Model, reference: str = "", **detail: Plain) -> None:
    """Write one row, in the caller's transaction. `deed` is `room.verb`; details are ids and choices, never a text.

    Locks the head of the chain until the transaction ends, so a service calls it last, after the locks on its own rows.
    """
    head = _locked_head()
    entry = AuditEntry(
        number=head.number + 1,
        at=timezone.now(),
        deed=deed,
        actor=actor,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk if isinstance(subject.pk, UUID) else None,
        reference=reference,
        detail={name: _plain(value) for name, value in detail.items()},
    )
    entry.mac = link(head, entry)
    entry.save(force_insert=True)
    head.number, head.mac = entry.number, entry.mac
    head.save(update_fields=["number", "mac"])


def link(head: AuditHead, entry: AuditEntry) -> bytes:
    """Return the code of a row that follows upon `head`: over every column of it, and the code before."""
    row = [
        entry.number, entry.at.isoformat(), str(entry.actor_id or ""), entry.deed, entry.subject_type,
        str(entry.subject_id or ""), entry.reference, entry.detail,
    ]  # fmt: skip
    written = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return mac(head.id, "trail", bytes(head.mac) + written.encode())


def _locked_head() -> AuditHead:
    head = AuditHead.objects.select_for_update().first()
    if head is None:
        head = AuditHead.objects.create()
        create_data_key(head.id)
    return head


def _plain(value: Plain) -> str | int | bool | None:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return value
