"""The audit trail's one door: a deed and its row stand or fall together.

Rows are chained: each carries a number without a gap and an HMAC over itself and the row before, made with a data key
of the trail's own. Whoever can write to the database, and nothing else, can neither change, remove, insert nor reorder
a row without `audit_verify` naming it (ADR 0010). Where a deed came from (an IP address) is not kept here: who, when,
what and which reference are what the trail is for, and the page of sign-ins has the rest.
"""

from datetime import date, datetime, timedelta
from typing import NoReturn
from uuid import UUID

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from practice.chain import PURPOSE, written
from practice.models import AuditEntry, AuditHead, User
from vault.macs import mac
from vault.services import create_data_key

Head = tuple[UUID, int, bytes]
# On PostgreSQL a function of ours first checks what foreign keys are otherwise checked for at commit: that locks the
# rows they point to, and every lock has to be held before the head's.
_LOCK_HEAD = {
    "sqlite": "SELECT id, number, mac FROM practice_audithead",
    "postgresql": "SELECT id, number, mac FROM practice_lock_head()",
}
Plain = str | int | bool | None | UUID | date | datetime | timedelta


def record(deed: str, *, actor: User | None, subject: models.Model, reference: str = "", **detail: Plain) -> None:
    """Write one row, in the caller's transaction. `deed` is `room.verb`; details are ids and choices, never a text.

    Locks the head of the trail until the transaction ends: a service calls it last, when it holds every other lock
    that it needs, or two deeds could wait for each other.
    """
    append(
        AuditEntry(
            deed=deed,
            actor=actor,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk if isinstance(subject.pk, UUID) else None,
            reference=reference,
            detail={name: _plain(value) for name, value in detail.items()},
        )
    )


@transaction.atomic(savepoint=False)
def append(entry: AuditEntry, *, at: datetime | None = None) -> None:
    """Chain a row to the trail and save it; `at` is when it was done, None for now. Locks as `record` does.

    The database moves the head on with the row (migration 0002).
    """
    head_id, number, code = _locked_head() or _first_head() or _locked_head() or _lost()
    entry.id = entry.number = number + 1
    entry.at = at or timezone.now()
    entry.mac = mac(head_id, PURPOSE, code + written(entry))
    entry.save(force_insert=True)


def _locked_head() -> Head | None:
    """Return the head as it is now, locked where the database can; None before the first deed."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_HEAD[connection.vendor])
        found = cursor.fetchone()
    if found is None:
        return None
    head_id, number, code = found
    return UUID(str(head_id)), number, bytes(code)


def _first_head() -> Head | None:
    """Make the head and its data key. Return None where another deed has made it meanwhile."""
    try:
        with transaction.atomic():
            head = AuditHead.objects.create()
            create_data_key(head.id)
    except IntegrityError:
        return None
    return head.id, 0, b""


def _lost() -> NoReturn:
    raise AuditHead.DoesNotExist("Another deed made the head of the trail, and it is not there.")


def _plain(value: Plain) -> str | int | bool | None:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return value
