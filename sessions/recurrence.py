"""Which days a series falls on, and at which moment: reckoned on the wall clock, the zone attached afterwards.

10:00 is 10:00 on both sides of a clock change. In the hour that the clocks leap over it is the moment that the leap
leads to (RFC 5545, 3.3.10: the offset before the gap); of an hour that comes twice it is the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.rrule import FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, rrule

from practice import clock
from sessions.models import Series

_WEEKDAYS = (MO, TU, WE, TH, FR, SA, SU)
DAYS_A_WEEK = 7
# Nobody plans further: a rule without an end is asked for days up to here.
FURTHEST = timedelta(days=366 * 10)
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}


@dataclass(frozen=True)
class Rule:
    """When a series comes round. `nth` is given for months: which such weekday, -1 for the last."""

    first_on: date
    rhythm: str = Series.Rhythm.WEEKLY
    interval: int = 1
    nth: int | None = None
    until_on: date | None = None

    @classmethod
    def of(cls, series: Series) -> "Rule":
        """Return the rule of a series, without the number of its sessions: that counts rows."""
        return cls(series.first_on, series.rhythm, series.interval, series.nth, series.until_on)

    @classmethod
    def monthly(cls, first_on: date, interval: int = 1, until_on: date | None = None) -> "Rule":
        """Return the rule by the weekday of a month that this first day stands for; a fifth one is the last."""
        return cls(first_on, Series.Rhythm.MONTHLY, interval, nth_of(first_on), until_on)


def nth_of(day: date) -> int:
    """Return which weekday of its month a day is; a fifth counts as the last."""
    number = (day.day - 1) // DAYS_A_WEEK + 1
    return number if number in _ORDINALS else -1


def days(rule: Rule, *, after: date | None = None) -> Iterator[date]:
    """Give the rule's days in order, from its first, or those after a day."""
    last = rule.until_on or rule.first_on + FURTHEST
    weekday = _WEEKDAYS[rule.first_on.weekday()]
    is_weekly = rule.rhythm == Series.Rhythm.WEEKLY
    found = rrule(
        WEEKLY if is_weekly else MONTHLY,
        interval=rule.interval,
        byweekday=weekday if is_weekly else weekday(rule.nth or 1),
        dtstart=datetime.combine(rule.first_on, time()),
        until=datetime.combine(last, time()),
    )
    for moment in found:
        if after is None or moment.date() > after:
            yield moment.date()


def start_on(day: date, clock_time: time) -> datetime:
    """Return the moment (UTC) at which a session of this day begins."""
    return clock.lenient_at(day, clock_time)


def in_words(rule: Rule, clock_time: time) -> str:
    """Return a rule in words: "every Tuesday at 10:00", "the last Friday of every second month at 14:30"."""
    weekday = f"{rule.first_on:%A}"
    at = f"at {clock_time:%H:%M}"
    if rule.rhythm == Series.Rhythm.MONTHLY:
        each = "every month" if rule.interval == 1 else f"every {_nth_word(rule.interval)} month"
        return f"the {_ORDINALS[rule.nth or 1]} {weekday} of {each} {at}"
    if rule.interval == 1:
        return f"every {weekday} {at}"
    return f"every {_nth_word(rule.interval)} {weekday} {at}"


def _nth_word(number: int) -> str:
    words = {2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth"}
    return words.get(number, f"{number}th")
