"""The practice's time zone in a calendar file: a VTIMEZONE that says when its clocks change (RFC 5545, 3.6.5).

Written here, since icalendar 7.3 dates a change forwards by the clock after it, where the RFC asks for the one before:
a reader that trusts it is an hour off in that night. Rules, not lists of days, where a zone has one: Outlook reads
rules alone.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

# A rule is believed that holds for so many years; where it does not, each change is listed.
YEARS = 20
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Observance:
    """What the clocks go from and to; `name` is GMT or BST."""

    before: timedelta
    after: timedelta
    name: str


def vtimezone(zone: ZoneInfo, first_year: int) -> Timezone:
    """Return the zone from the January of a year on."""
    whole = Timezone()
    whole.add("tzid", zone.key)
    observances = _observances(zone.key, first_year)
    winter = min(observance.after for observance, _ in observances)
    for observance, starts in observances:
        part = TimezoneDaylight() if observance.after > winter else TimezoneStandard()
        part.add("dtstart", starts[0])
        part.add("tzoffsetfrom", observance.before)
        part.add("tzoffsetto", observance.after)
        part.add("tzname", observance.name)
        rule = _rule(starts)
        if rule is not None:
            part.add("rrule", rule)
        elif len(starts) > 1:
            part.add("rdate", list(starts[1:]))
        whole.add_component(part)
    return whole


@lru_cache(maxsize=8)
def _observances(key: str, first_year: int) -> tuple[tuple[Observance, tuple[datetime, ...]], ...]:
    """Return each kind of change with its days: how things stand that January, then what follows, in order."""
    zone = ZoneInfo(key)
    begin = datetime(first_year, 1, 1, tzinfo=UTC)
    stands = _offset(begin, zone)
    found: dict[Observance, list[datetime]] = defaultdict(list)
    found[Observance(stands, stands, _name(begin, zone))].append(datetime(first_year - 1, 12, 1))
    for moment in _changes(zone, begin, datetime(first_year + YEARS, 1, 1, tzinfo=UTC)):
        before = _offset(moment - timedelta(seconds=1), zone)
        # By the clock that is left, as the RFC asks.
        starts_at = moment.replace(tzinfo=None) + before
        found[Observance(before, _offset(moment, zone), _name(moment, zone))].append(starts_at)
    return tuple((observance, tuple(starts)) for observance, starts in found.items())


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Give the first moment of each other offset, to the second."""
    day = timedelta(days=1)
    while begin < end:
        if _offset(begin, zone) != _offset(begin + day, zone):
            early, late = begin, begin + day
            while late - early > timedelta(seconds=1):
                middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
                early, late = (middle, late) if _offset(middle, zone) == _offset(begin, zone) else (early, middle)
            yield late
        begin += day


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _name(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).tzname() or zone.key


def _rule(starts: tuple[datetime, ...]) -> vRecur | None:
    """Return “each year, the last Sunday of March”, or None where these are no such days, one in each year."""
    first = starts[0]
    years = [start.year for start in starts]
    alike = {(start.month, start.weekday(), start.time()) for start in starts}
    if len(alike) > 1 or years != list(range(first.year, first.year + YEARS)):
        return None
    if all((start + timedelta(days=7)).month != start.month for start in starts):
        place = -1
    elif len({(start.day - 1) // 7 for start in starts}) == 1:
        place = (first.day - 1) // 7 + 1
    else:
        return None
    return vRecur(freq="YEARLY", bymonth=first.month, byday=f"{place}{_DAYS[first.weekday()]}")
