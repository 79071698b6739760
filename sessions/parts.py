"""Parts of a week ("0-morning" is Monday's), by the practice's clock: who can come when."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import groupby

from practice import clock
from sessions.models import WaitingEntry

Part = WaitingEntry.Part
# When each part of a day begins; it ends with the next.
BEGINS: dict[str, time] = {Part.MORNING: time(0), Part.AFTERNOON: time(12), Part.EVENING: time(17)}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
KEYS = tuple(f"{weekday}-{part}" for weekday in range(7) for part in BEGINS)
_STEP = timedelta(minutes=5)


def named(key: str) -> str:
    """Return a part's whole name: "Monday morning"."""
    weekday, _, part = key.partition("-")
    return f"{WEEKDAYS[int(weekday)]} {part}"


def tidy(times: Iterable[str]) -> list[str]:
    """Return parts in the order of the week, each once; the whole week is any time, which is none. Raise ValueError."""
    wanted = set(times)
    if unknown := wanted - set(KEYS):
        raise ValueError(f"{sorted(unknown)} are no parts of a week.")
    return [] if len(wanted) == len(KEYS) else [key for key in KEYS if key in wanted]


def suits(times: Collection[str], starts_at: datetime, length: timedelta) -> bool:
    """Say whether all of a session lies in these parts of the week; none stand for any time."""
    return not times or all(_part_at(moment) in times for moment in _through(starts_at, length))


def first_that_suits(
    times: Collection[str], starts_at: datetime, room: timedelta, length: timedelta
) -> datetime | None:
    """Return the first start within a gap at which all of a session suits: the gap's own, or where a part begins."""
    here = clock.local(starts_at)
    later = [datetime.combine(here.date(), begins, tzinfo=here.tzinfo).astimezone(UTC) for begins in BEGINS.values()]
    for start in [starts_at, *(each for each in later if each > starts_at)]:
        if start + length <= starts_at + room and suits(times, start, length):
            return start
    return None


def in_words(times: Collection[str]) -> str:
    """Say the parts in few words: "Mon to Thu morning, Fri all day"; "any time" for none."""
    by_day = [[part for part in BEGINS if f"{weekday}-{part}" in times] for weekday in range(7)]
    runs = groupby(range(7), key=lambda weekday: by_day[weekday])
    said = [f"{_days(list(days))} {_parts(parts)}" for parts, days in runs if parts]
    return ", ".join(said) or "any time"


def _part_at(moment: datetime) -> str:
    here = clock.local(moment)
    return f"{here.weekday()}-{[part for part, begins in BEGINS.items() if begins <= here.time()][-1]}"


def _through(starts_at: datetime, length: timedelta) -> Iterator[datetime]:
    """Give moments all through a session; its last one is no longer in it."""
    moment = starts_at
    while moment < starts_at + length:
        yield moment
        moment += _STEP
    yield starts_at + length - timedelta(seconds=1)


def _days(weekdays: list[int]) -> str:
    first, last = WEEKDAYS[weekdays[0]][:3], WEEKDAYS[weekdays[-1]][:3]
    if first == last:
        return first
    return f"{first} {'and' if len(weekdays) == len((first, last)) else 'to'} {last}"


def _parts(parts: list[str]) -> str:
    return "all day" if len(parts) == len(BEGINS) else " and ".join(parts)
