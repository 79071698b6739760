"""What a time runs into besides other sessions: said before anything is saved, and never in the way of who insists.

Another session is no matter of taste and is refused (sessions/services.py, DiaryClash).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from uuid import UUID

from practice import clock
from practice.models import Practice
from sessions import bank_holidays
from sessions.models import ClientSession, TimeOff, WorkingHours


class Why(Enum):
    """What kind of hit it is."""

    HOLIDAY = "holiday"
    LEAVE = "leave"
    BLOCKED = "blocked"
    HOURS = "hours"
    BUFFER = "buffer"


# One may well mean them: they are said, and keep nobody's series from its day.
MATTERS_OF_TASTE = frozenset({Why.HOURS, Why.BUFFER})


@dataclass(frozen=True)
class Hit:
    """One thing that a time runs into, and a sentence for the counsellor."""

    why: Why
    text: str


@dataclass(frozen=True)
class Ground:
    """What stands in a counsellor's diary from day to day, read once: any number of times can be held against it."""

    holidays: dict[date, str]
    time_off: list[TimeOff]
    hours: list[WorkingHours]
    sessions: list[ClientSession]


def ground(counsellor_id: UUID, first: date, last: date) -> Ground:
    """Read what stands in a diary on these days, both included; four queries. Nothing sealed is opened."""
    since, until = clock.start_of(first - timedelta(days=1)), clock.start_of(last + timedelta(days=2))
    off = TimeOff.unscoped.filter(counsellor_id=counsellor_id)  # no viewer: the counsellor's own diary asks
    diary = ClientSession.unscoped.filter(counsellor_id=counsellor_id)  # no viewer: as above
    taken = diary.filter(starts_at__lt=until, ends_at__gt=since).exclude(status__in=ClientSession.CANCELLED)
    return Ground(
        holidays=bank_holidays.between(first, last, Practice.current().nation),
        time_off=list(off.filter(starts_at__lt=until, ends_at__gt=since).defer("label").order_by("starts_at")),
        hours=list(WorkingHours.objects.filter(counsellor_id=counsellor_id)),
        sessions=list(taken.defer("place").order_by("starts_at")),
    )


def hits(
    on: Ground, starts_at: datetime, ends_at: datetime, *, buffer: timedelta = timedelta(0), but: Iterable[UUID] = ()
) -> list[Hit]:
    """Return what a time runs into; `but` are sessions that are about to move away from where they stand."""
    day = clock.local(starts_at).date()
    found = []
    if day in on.holidays:
        found.append(Hit(Why.HOLIDAY, f"{day:%A} {day.day} {day:%B} is a bank holiday: {on.holidays[day]}."))
    for off in on.time_off:
        if off.starts_at < ends_at and off.ends_at > starts_at:
            found.append(_off(off))
    if on.hours and not _is_within(on.hours, starts_at, ends_at):
        found.append(Hit(Why.HOURS, "This is outside your working hours."))
    if _is_too_close(on.sessions, starts_at, ends_at, buffer, set(but)):
        found.append(Hit(Why.BUFFER, "This leaves no pause between two sessions."))
    return found


def hits_of(
    counsellor_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    *,
    buffer: timedelta = timedelta(0),
    but: Iterable[UUID] = (),
) -> list[Hit]:
    """Return what one time runs into; see `hits`."""
    first, last = clock.local(starts_at).date(), clock.local(ends_at).date()
    return hits(ground(counsellor_id, first, last), starts_at, ends_at, buffer=buffer, but=but)


def _off(off: TimeOff) -> Hit:
    if off.kind == TimeOff.Kind.LEAVE:
        return Hit(Why.LEAVE, "You are on leave then.")
    return Hit(Why.BLOCKED, f"You have blocked {clock.shown(off.starts_at)} to {clock.shown(off.ends_at)}.")


def _is_within(hours: Iterable[WorkingHours], starts_at: datetime, ends_at: datetime) -> bool:
    begins, ends = clock.local(starts_at), clock.local(ends_at)
    if begins.date() != ends.date():
        return False
    spans = [each for each in hours if each.weekday == begins.weekday()]
    return any(each.from_time <= begins.time() and ends.time() <= each.until_time for each in spans)


def _is_too_close(
    sessions: Iterable[ClientSession], starts_at: datetime, ends_at: datetime, buffer: timedelta, but: set[UUID]
) -> bool:
    """Say whether a pause is cut short: this time's own by the next session, or the one before's by this time."""
    for each in sessions:
        if each.pk in but or (each.starts_at < ends_at and each.ends_at > starts_at):
            continue  # an overlap is a clash, and is refused in its own words
        if each.starts_at < ends_at + buffer and each.ends_at + each.buffer > starts_at:
            return True
    return False
