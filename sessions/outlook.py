"""What a series would run into, day by day, before anything of it is booked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from practice import clock
from practice.models import User
from sessions.hits import MATTERS_OF_TASTE, Ground, Hit, ground, hits
from sessions.models import ClientSession
from sessions.recurrence import Rule, days, start_on
from sessions.slots import Need, slots

# An open series is booked so far ahead, and rolled forward (sessions.tasks.sweep).
HORIZON = timedelta(weeks=12)
# More sessions than these are not made at once: a year of weeks.
MOST = 60
OFFERED = 3
SKIP, KEEP = "skip", "keep"


@dataclass(frozen=True)
class Place:
    """When and how long: the wall clock's time of a series, and its length and pause."""

    clock_time: time
    length: timedelta
    buffer: timedelta = timedelta(0)


@dataclass(frozen=True)
class Occurrence:
    """One day of a series as it would be. `clash` is a session of the counsellor's that stands there."""

    on: date
    starts_at: datetime
    ends_at: datetime
    hits: list[Hit]
    clash: ClientSession | None
    offers: list[datetime]

    @property
    def is_hit(self) -> bool:
        """Return whether somebody has to say what becomes of it; where nobody is there to say it, it is skipped.

        Hours and pauses are a matter of taste.
        """
        return self.clash is not None or any(hit.why not in MATTERS_OF_TASTE for hit in self.hits)

    @property
    def may_be_kept(self) -> bool:
        """Return whether it may be booked as it stands: two sessions never overlap."""
        return self.clash is None


def outlook(
    counsellor: User, rule: Rule, place: Place, *, count: int | None = None, but: Iterable[UUID] = (), most: int = MOST
) -> list[Occurrence]:
    """Return the days that a series would have, each with what it runs into and times beside it; four queries.

    An open one is looked at up to HORIZON from its first day. Where a number of sessions is wanted, as many days more
    are looked at as would be skipped.
    """
    last = rule.until_on or (rule.first_on + HORIZON if count is None else rule.first_on + timedelta(days=366 * 5))
    wanted = list(_first(days(rule), most * 2, last))
    if not wanted:
        return []
    leave_out = frozenset(but)
    on = ground(counsellor.pk, wanted[0] - timedelta(days=7), wanted[-1] + timedelta(days=7))
    found: list[Occurrence] = []
    taking_place = 0
    for day in wanted:
        if len(found) >= most or (count is not None and taking_place >= count):
            break
        occurrence = look(on, day, place, leave_out)
        taking_place += not occurrence.is_hit
        found.append(occurrence)
    return found


def look(on: Ground, day: date, place: Place, but: frozenset[UUID] = frozenset()) -> Occurrence:
    """Return one day as it would be, with times of the same week beside it where it runs into something."""
    starts_at = start_on(day, place.clock_time)
    ends_at = starts_at + place.length
    others = (each for each in on.sessions if each.pk not in but)
    clash = next((each for each in others if each.starts_at < ends_at and each.ends_at > starts_at), None)
    found = hits(on, starts_at, ends_at, buffer=place.buffer, but=but)
    occurrence = Occurrence(day, starts_at, ends_at, found, clash, [])
    if not occurrence.is_hit:
        return occurrence
    return Occurrence(day, starts_at, ends_at, found, clash, _offers(on, day, place, but))


def _offers(on: Ground, day: date, place: Place, but: frozenset[UUID]) -> list[datetime]:
    """Return free times of the same week, the nearest to the usual time first."""
    monday = max(day - timedelta(days=day.weekday()), clock.today())
    length = 7 - monday.weekday()
    usual = start_on(day, place.clock_time)
    free = slots(on, Need(place.length, place.buffer, but), monday, length)
    return sorted(free, key=lambda start: abs(start - usual))[:OFFERED]


def _first(found: Iterator[date], most: int, last: date) -> Iterator[date]:
    for number, day in enumerate(found):
        if number >= most or day > last:
            return
        yield day
