"""The audit trail's one door: a deed and its row stand or fall together."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import models

from practice.models import AuditEntry, User

Plain = str | int | bool | None | UUID | date | datetime | timedelta


def record(deed: str, *, actor: User | None, subject: models.Model, reference: str = "", **detail: Plain) -> None:
    """Write one row, in the caller's transaction. `deed` is `room.verb`; details are ids and choices, never a text."""
    AuditEntry.objects.create(
        deed=deed,
        actor=actor,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk if isinstance(subject.pk, UUID) else None,
        reference=reference,
        detail={name: _plain(value) for name, value in detail.items()},
    )


def _plain(value: Plain) -> str | int | bool | None:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return value
