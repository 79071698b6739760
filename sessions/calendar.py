"""The diary's pages: a day, a week, a month, an agenda of four weeks. As many queries whatever stands in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.dateformat import format as shown

from practice import clock
from practice.models import Practice, User
from sessions import bank_holidays, lanes
from sessions.calendar_items import Item, laid_out, of_session, of_time_off
from sessions.lanes import Span
from sessions.models import ClientSession, TimeOff, WorkingHours
from vault.services import warm

# The hours that a calendar shows where no working hours are known.
USUAL_HOURS = (8, 20)
SHORTEST_DAY = 8
AGENDA_DAYS = 28
ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(days=7)
_COLUMNS = (
    "client", "counsellor", "starts_at", "ends_at", "mode", "status", "buffer", "version", "series",
    "client__reference", "client__name", "client__preferred_name", "client__counsellor",
)  # fmt: skip


class View(TextChoices):
    """How much of the diary is shown at once."""

    DAY = "day", "Day"
    WEEK = "week", "Week"
    MONTH = "month", "Month"
    AGENDA = "agenda", "Agenda"


@dataclass(frozen=True)
class Looks:
    """What somebody wants to see in the diary: names or references, cancelled sessions or not."""

    hides_names: bool = False
    hides_cancelled: bool = False


@dataclass(frozen=True)
class Day:
    """A day of the diary. `whole` is what takes all of it: leave; `off` are the hours outside working hours.

    On a bank holiday that is all of them.
    """

    on: date
    label: str
    items: list[Item]
    whole: list[Item]
    off: list[str]
    holiday: str
    clocks: str
    is_today: bool
    is_past: bool
    is_within: bool
    now: str

    @property
    def iso(self) -> str:
        return self.on.isoformat()

    @property
    def weekday(self) -> str:
        return f"{self.on:%a}"

    @property
    def number(self) -> str:
        return str(self.on.day)

    @property
    def month(self) -> str:
        return f"{self.on:%B}"

    @cached_property
    def sessions(self) -> list[Item]:
        return [item for item in self.items if item.is_session]

    @property
    def is_bare(self) -> bool:
        """Return whether there is nothing to say about it."""
        return not (self.items or self.whole or self.holiday or self.clocks)


@dataclass(frozen=True)
class Page:
    """What one page of the diary shows."""

    view: View
    on: date
    first: date
    last: date
    days: list[Day]
    from_hour: int
    until_hour: int
    before: date
    after: date

    @property
    def is_now(self) -> bool:
        return self.first <= clock.today() <= self.last

    @property
    def hours(self) -> list[tuple[str, str]]:
        """Return each full hour between the edges: its class and its words."""
        return [(f"h{hour}", f"{hour:02}:00") for hour in range(self.from_hour + 1, self.until_hour)]

    @property
    def weeks(self) -> list[list[Day]]:
        return [self.days[at : at + 7] for at in range(0, len(self.days), 7)]

    @property
    def is_empty(self) -> bool:
        return not any(day.sessions for day in self.days)

    @property
    def title(self) -> str:
        if self.view == View.DAY:
            return shown(self.first, "l j F Y")
        if self.view == View.MONTH:
            return shown(self.first, "F Y")
        same_year, same_month = self.first.year == self.last.year, self.first.month == self.last.month
        begins = "j" if same_year and same_month else "j F" if same_year else "j F Y"
        return f"{shown(self.first, begins)} to {shown(self.last, 'j F Y')}"

    @property
    def week_label(self) -> str:
        """Return the number of the week (ISO 8601), or of the first and the last one."""
        first, last = self.first.isocalendar().week, self.last.isocalendar().week
        return f"Week {first}" if first == last else f"Weeks {first} to {last}"


def page_of(viewer: User, view: View, day: date, looks: Looks) -> Page:
    """Return a page of a viewer's diary around a day. Five queries at most, whatever stands in it."""
    first, last = _bounds(view, day)
    begin, end = (_monday(first), _monday(last) + 6 * ONE_DAY) if view == View.MONTH else (first, last)
    days = [begin + n * ONE_DAY for n in range((end - begin).days + 1)]
    sessions, time_off = _sessions(viewer, begin, end, looks), list(_time_off(viewer, begin, end))
    owners = {session.client_id for session in sessions} if not looks.hides_names else set()
    warm(owners | ({viewer.pk} if time_off else set()))
    hours = _by_weekday(viewer)
    items = _items(sessions, time_off, days, looks)
    edges = _edges(hours, [item for each in items.values() for item in each])
    holidays = bank_holidays.between(begin, end, Practice.current().nation)
    built = [_day(on, items[on], hours, edges, holidays.get(on, ""), first <= on <= last) for on in days]
    if view == View.AGENDA:
        built = [each for each in built if each.is_today or not each.is_bare]
    before, after = _beside(view, first)
    return Page(view, day, first, last, built, *edges, before, after)


def _bounds(view: View, day: date) -> tuple[date, date]:
    if view == View.WEEK:
        return _monday(day), _monday(day) + 6 * ONE_DAY
    if view == View.MONTH:
        return day.replace(day=1), _next_month(day) - ONE_DAY
    return day, day + (AGENDA_DAYS - 1) * ONE_DAY if view == View.AGENDA else day


def _beside(view: View, first: date) -> tuple[date, date]:
    """Return the days whose pages come before and after."""
    if view == View.MONTH:
        return (first - ONE_DAY).replace(day=1), _next_month(first)
    step = {View.DAY: ONE_DAY, View.WEEK: ONE_WEEK}.get(view, AGENDA_DAYS * ONE_DAY)
    return first - step, first + step


def _monday(day: date) -> date:
    return day - day.weekday() * ONE_DAY


def _next_month(day: date) -> date:
    return (day.replace(day=28) + 4 * ONE_DAY).replace(day=1)


def _sessions(viewer: User, first: date, last: date, looks: Looks) -> list[ClientSession]:
    """Return the sessions that begin on these days."""
    until = clock.start_of(last + ONE_DAY)
    mine = ClientSession.visible_to(viewer).filter(starts_at__gte=clock.start_of(first), starts_at__lt=until)
    if looks.hides_cancelled:
        mine = mine.exclude(status__in=ClientSession.CANCELLED)
    return list(mine.select_related("client").only(*_COLUMNS).order_by("starts_at"))


def _time_off(viewer: User, first: date, last: date) -> QuerySet[TimeOff]:
    since, until = clock.start_of(first), clock.start_of(last + ONE_DAY)
    return TimeOff.visible_to(viewer).filter(starts_at__lt=until, ends_at__gt=since).order_by("starts_at")


def _by_weekday(viewer: User) -> dict[int, list[Span]]:
    """Return the spans of each weekday on which the viewer works, in order; empty where none are known."""
    found: dict[int, list[Span]] = {}
    for each in WorkingHours.objects.filter(counsellor=viewer).order_by("from_time"):
        begins = each.from_time.hour * 60 + each.from_time.minute
        ends = each.until_time.hour * 60 + each.until_time.minute
        found.setdefault(each.weekday, []).append(Span(begins, ends - begins))
    return found


def _items(
    sessions: Iterable[ClientSession], time_off: Sequence[TimeOff], days: Sequence[date], looks: Looks
) -> dict[date, list[Item]]:
    now = timezone.now()
    items: dict[date, list[Item]] = {on: [] for on in days}
    for session in sessions:
        item = of_session(session, now, hides_name=looks.hides_names)
        items[clock.local(session.starts_at).date()].append(item)
    for off in time_off:
        for on in days:
            piece = of_time_off(off, on)
            if piece is not None:
                items[on].append(piece)
    return items


def _edges(hours: dict[int, list[Span]], items: Iterable[Item]) -> tuple[int, int]:
    """Return the hours that a calendar begins and ends with: an hour around the working hours, and all that stands."""
    spans = [span for each in hours.values() for span in each]
    first = min((span.start // 60 - 1 for span in spans), default=USUAL_HOURS[0])
    last = max((-(-(span.start + span.length) // 60) + 1 for span in spans), default=USUAL_HOURS[1])
    for item in items:
        if item.span.length < lanes.DAY:
            first, last = min(first, item.span.start // 60), max(last, -(-item.span.end // 60))
    first, last = max(first, 0), min(last, 24)
    return min(first, 24 - SHORTEST_DAY), max(last, min(first, 24 - SHORTEST_DAY) + SHORTEST_DAY)


def _day(
    on: date, items: Sequence[Item], hours: dict[int, list[Span]], edges: tuple[int, int], holiday: str, is_within: bool
) -> Day:
    today, (first, last) = clock.today(), edges
    worked = [] if holiday else hours.get(on.weekday(), [])
    unworked = lanes.gaps(worked, first * 60, last * 60) if hours or holiday else []
    return Day(
        on=on,
        label=shown(on, "l j F"),
        items=laid_out([item for item in items if item.span.length < lanes.DAY]),
        whole=[item for item in items if item.span.length >= lanes.DAY],
        off=[span.css for span in unworked if span.length > 0],
        holiday=holiday,
        clocks=clock_change(on),
        is_today=on == today,
        is_past=on < today,
        is_within=is_within,
        now=_now(on, first, last) if on == today else "",
    )


def _now(on: date, first: int, last: int) -> str:
    here = clock.local(timezone.now())
    is_shown = here.date() == on and first <= here.hour < last
    return lanes.at(here.hour * 60 + here.minute) if is_shown else ""


def clock_change(on: date) -> str:
    """Say that the clocks change on a day, and when; "" on any other."""
    begins, ends = clock.start_of(on), clock.start_of(on + ONE_DAY)
    before, after = clock.local(begins).utcoffset(), clock.local(ends).utcoffset()
    if before is None or after is None or before == after:
        return ""
    late, early = ends, begins
    while late - early > timedelta(minutes=1):
        middle = early + (late - early) // 2
        early, late = (middle, late) if clock.local(middle).utcoffset() == before else (early, middle)
    at = _minute(late.astimezone(clock.zone()).replace(tzinfo=None) - (after - before))
    by = int(abs(after - before).total_seconds()) // 60
    how = "an hour" if by == 60 else f"{by} minutes"  # noqa: PLR2004 - minutes of an hour
    return f"Clocks go {'forward' if after > before else 'back'} {how} at {at:%H:%M}"


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
