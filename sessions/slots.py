"""Free times in a counsellor's diary, by the practice's clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

from django.utils import timezone

from practice import clock
from practice.models import User
from sessions.hits import Ground, ground, hits

# Nobody is offered what begins within the hour.
NOTICE = timedelta(hours=1)
# Where a counsellor has set no working hours: Monday to Friday, nine to five.
USUAL_WEEKDAYS, USUAL_SPAN = range(5), (time(9), time(17))
# The first of these that still fits: full and half hours read best, then quarters, then what the diary leaves.
_STEPS = (30, 15, 5)
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Need:
    """What is looked for: a length, the pause after it, and the sessions that are about to move out of the way."""

    length: timedelta
    buffer: timedelta = timedelta(0)
    but: frozenset[UUID] = frozenset()


def free_slots(
    counsellor: User,
    *,
    length: timedelta,
    buffer: timedelta = timedelta(0),
    first: date,
    days: int = 28,
    most: int = 3,
    but: Iterable[UUID] = (),
) -> list[datetime]:
    """Return the soonest starts (UTC) that fit from this day on, none within the hour; four queries.

    No two of them overlap, so each can be offered beside the others. Raise ValueError for a length of nothing.
    """
    if length <= timedelta(0):
        raise ValueError("A session takes some time.")
    first = max(first, clock.today())
    on = ground(counsellor.pk, first, first + timedelta(days=days))
    return list(islice(slots(on, Need(length, buffer, frozenset(but)), first, days), most))


def fits(
    counsellor: User,
    starts_at: datetime,
    length: timedelta,
    buffer: timedelta = timedelta(0),
    *,
    but: Iterable[UUID] = (),
) -> bool:
    """Say whether nothing stands in the way of a session then; four queries.

    Who has set no working hours may be booked at any hour: a session in the evening is no mistake.
    """
    first, last = clock.local(starts_at).date(), clock.local(starts_at + length).date()
    return is_free(ground(counsellor.pk, first, last), starts_at, Need(length, buffer, frozenset(but)))


def is_free(on: Ground, starts_at: datetime, need: Need) -> bool:
    """Say whether nothing that has been read stands in the way; what begins within the hour is too soon."""
    ends_at = starts_at + need.length
    others = (each for each in on.sessions if each.pk not in need.but)
    if any(each.starts_at < ends_at and each.ends_at > starts_at for each in others):
        return False
    return starts_at >= _soonest() and not hits(on, starts_at, ends_at, buffer=need.buffer, but=need.but)


def slots(on: Ground, need: Need, first: date, days: int) -> Iterator[datetime]:
    """Give what fits on these days, in order; no further query."""
    busy = sorted(_busy(on, need))
    since = _soonest()
    for day in (first + timedelta(days=number) for number in range(days)):
        for stretch in _stretches(on, day):
            for begins, ends in _between(stretch, busy):
                for start in _inside(on, need, (max(begins, since), ends)):
                    since = start + need.length + need.buffer
                    yield start


def _soonest() -> datetime:
    return timezone.now() + NOTICE


def _stretches(on: Ground, day: date) -> list[Stretch]:
    """Return when clients are seen on a day, in order; on bank holidays not at all."""
    if day in on.holidays:
        return []
    spans = [(each.from_time, each.until_time) for each in on.hours if each.weekday == day.weekday()]
    if not on.hours and day.weekday() in USUAL_WEEKDAYS:
        spans = [USUAL_SPAN]
    return [(_moment(day, begins), _moment(day, ends)) for begins, ends in sorted(spans)]


def _moment(day: date, shown: time) -> datetime:
    """Return the moment that a clock shows; in the hour that does not exist, what the leap leads to."""
    return datetime.combine(day, shown, tzinfo=clock.zone()).astimezone(UTC)


def _busy(on: Ground, need: Need) -> Iterator[Stretch]:
    """Give what is taken: sessions with the pause after them, and before them this one's own; time off as it is."""
    for each in on.sessions:
        if each.pk not in need.but:
            yield each.starts_at - need.buffer, each.ends_at + each.buffer
    for off in on.time_off:
        yield off.starts_at, off.ends_at


def _between(stretch: Stretch, busy: Iterable[Stretch]) -> Iterator[Stretch]:
    """Give what is left of a stretch; `busy` is in order of its starts."""
    begins, ends = stretch
    for taken_from, taken_until in busy:
        if taken_from >= ends:
            break
        if taken_from > begins:
            yield begins, taken_from
        begins = max(begins, taken_until)
    yield begins, ends


def _inside(on: Ground, need: Need, stretch: Stretch) -> Iterator[datetime]:
    """Give the starts that fit into an empty stretch, one after the other."""
    begins, ends = stretch
    while begins + need.length <= ends:
        tried = (_next(begins, minutes) for minutes in _STEPS)
        fitting = (each for each in tried if each + need.length <= ends and _holds(on, each, need))
        start = next(fitting, None)
        if start is None:
            begins = _next(begins + timedelta(minutes=1), _STEPS[0])
            continue
        yield start
        begins = start + need.length + need.buffer


def _holds(on: Ground, start: datetime, need: Need) -> bool:
    """Say whether a start can be written as a day and a time, and runs into nothing.

    Of an hour that comes twice only the first can be typed; and hours that end in one that does not exist end early.
    """
    here = clock.local(start)
    if clock.at(here.date(), here.time().replace(fold=0)) != start:
        return False
    return not hits(on, start, start + need.length, buffer=need.buffer, but=need.but)


def _next(moment: datetime, minutes: int) -> datetime:
    """Return the first moment from this one on at which the clock shows a multiple of these minutes."""
    whole = moment.replace(second=0, microsecond=0)
    if whole < moment:
        whole += timedelta(minutes=1)
    return whole + timedelta(minutes=-clock.local(whole).minute % minutes)
