"""Rows of a counsellor's own time, made directly."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from practice import clock
from practice.models import User
from sessions.models import TimeOff
from vault.services import ensure_data_key

BLOCKED, LEAVE = TimeOff.Kind.BLOCKED, TimeOff.Kind.LEAVE


def make_time_off(counsellor: User, starts_at: datetime | None = None, **fields: Any) -> TimeOff:
    """Return blocked time, by default an hour at this time tomorrow."""
    starts_at = starts_at or timezone.now() + timedelta(days=1)
    ensure_data_key(counsellor.pk)
    values = {"kind": BLOCKED, "ends_at": starts_at + timedelta(hours=1), "label": "Dentist", **fields}
    return TimeOff.unscoped.create(counsellor=counsellor, starts_at=starts_at, **values)


def make_leave(counsellor: User, first_on: date, last_on: date, **fields: Any) -> TimeOff:
    """Return leave of whole days."""
    ends_at = clock.start_of(last_on + timedelta(days=1))
    return make_time_off(counsellor, clock.start_of(first_on), kind=LEAVE, ends_at=ends_at, **fields)
