"""Courses as the rules of timing see them, at times on the practice's clock. The week begins on Monday 2 March 2026."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from exercises.timing import Around, Due, Given, Meeting, Plan, Step
from practice.models import Practice

LONDON = ZoneInfo("Europe/London")
MONDAY = date(2026, 3, 2)
ALL_WEEK = (0, 1, 2, 3, 4, 5, 6)


def day(number: int) -> date:
    """Return the day so many days after the Monday."""
    return MONDAY + timedelta(days=number)


def at(number: int | date, hour: int = 9, minute: int = 0) -> datetime:
    """Return a moment by the wall clock."""
    on = number if isinstance(number, date) else day(number)
    return datetime.combine(on, time(hour, minute), tzinfo=LONDON)


def steps(*modes: str | tuple[str, Any]) -> list[Step]:
    """Return steps 1, 2, 3 …: a mode, or a mode with its days, its date, or its weekdays."""
    made = []
    for position, each in enumerate(modes, start=1):
        mode, more = each if isinstance(each, tuple) else (each, 0)
        kind = {int: "days", date: "on_date", tuple: "weekdays"}[type(more)]
        fields: dict[str, Any] = {kind: more}
        made.append(Step(position, mode, **fields))
    return made


def plan(*modes: str | tuple[str, Any], given: list[Given] | None = None, **fields: Any) -> Plan:
    """Return a course that starts on the Monday."""
    return Plan(**{"steps": steps(*modes), "starts_on": MONDAY, "given": given or [], **fields})


def came(position: int, on: int, settled: int | None = None, occurrence: str = "once", **fields: Any) -> Given:
    """Return what was given on a day, and settled on another."""
    return Given(position, occurrence, day(on), None if settled is None else day(settled), **fields)


def around(now: datetime, *, opens: time = time(8), closes: time = time(20), **fields: Any) -> Around:
    """Return what is around a course at a moment."""
    return Around(now, Practice(mail_from_time=opens, mail_until_time=closes), **fields)


def meeting(starts_at: datetime) -> Meeting:
    """Return a session."""
    return Meeting(uuid4(), starts_at.astimezone(LONDON).date(), starts_at)


def shown(due: Due | None) -> tuple[int, str, str] | None:
    """Return which step comes, as which, and when by the wall clock; None where nothing does."""
    if due is None:
        return None
    return due.position, "session" if _is_id(due.occurrence) else due.occurrence, wall(due.at)


def wall(moment: datetime) -> str:
    """Write a moment as the wall clock shows it."""
    return f"{moment.astimezone(LONDON):%a %d %b %H:%M}"


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
