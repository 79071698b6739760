"""The caseload, week by week: what each client was given, and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse

from clients.models import Client
from exercises.models import Answer, Assignment, Course, Sharing
from exercises.planning import MAIL_KIND
from exercises.selectors import assignments
from outbox.models import Message
from practice import clock
from practice.models import User
from sessions.selectors import bookable_clients, name_of

WEEKS = 6
WEEK = timedelta(days=7)
State = Assignment.State


@dataclass(frozen=True)
class Standing:
    """Where something stands, in a word and a sign; `means` is said in the legend."""

    word: str
    icon: str
    means: str


WAITING = Standing("not sent yet", "clock", "its mail has not left so far")
SENT = Standing("sent", "mail", "its mail has left; nobody is watched while they read it")
OPENED = Standing("opened", "eye", "they have opened it, by the button on its page")
STARTED = Standing("started", "pencil", "they have begun to write")
DONE = Standing("done", "check", "done, in part or tried: each of them counts in full")
PRIVATE = Standing("kept private", "lock", "done, and their words are theirs")
NOT_NOW = Standing("not this week", "moon", "they chose to leave it for now, which is a good answer too")
TOO_MUCH = Standing("too much", "heart", "they said that it was too much")
GONE_BY = Standing("gone by", "arrow-right", "a newer one took its place")
LEGEND = (WAITING, SENT, OPENED, STARTED, DONE, PRIVATE, NOT_NOW, TOO_MUCH, GONE_BY)
_SETTLED = {State.NOT_NOW: NOT_NOW, State.TOO_MUCH: TOO_MUCH, State.GONE_BY: GONE_BY}


@dataclass
class Mark:
    """One standing of one exercise in a week; `count` of them where it came several times. Leads to the latest."""

    standing: Standing
    url: str
    count: int = 0


@dataclass
class Given:
    """One exercise of a week, with what became of it."""

    title: str
    marks: dict[Standing, Mark] = field(default_factory=dict)


@dataclass(frozen=True)
class Week:
    """A week, by its Monday."""

    monday: date

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def name(self) -> str:
        """Return the week as an address has it: 2026-W48."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02d}"

    @property
    def is_this(self) -> bool:
        return self.monday <= clock.today() <= self.sunday


@dataclass(frozen=True)
class ClientRow:
    """One client's weeks: each with the exercises given in it."""

    client: Client
    name: str
    weeks: list[tuple[Week, list[Given]]]

    @property
    def is_quiet(self) -> bool:
        return not any(given for _, given in self.weeks)


@dataclass(frozen=True)
class Caseload:
    """Six weeks of the viewer's active clients. `nothing`: those who were never given anything."""

    weeks: list[Week]
    rows: list[ClientRow]
    nothing: list[tuple[Client, str]]

    @property
    def earlier(self) -> Week:
        return Week(self.weeks[0].monday - WEEK)

    @property
    def later(self) -> Week | None:
        """Return the last of the six weeks that follow, as far as this one; None where these are the newest."""
        newest = _monday(clock.today())
        last = self.weeks[-1].monday
        return None if last >= newest else Week(min(last + WEEKS * WEEK, newest))


def week_of(text: str) -> Week:
    """Return the week that an address names; this one for what is no week, or lies ahead."""
    this = Week(_monday(clock.today()))
    try:
        year, number = text.split("-W")
        named = Week(date.fromisocalendar(int(year), int(number), 1))
        first = named.monday - WEEKS * WEEK
    except (ValueError, OverflowError):
        return this
    return min(named, this, key=lambda week: week.monday) if first.year > 1 else this


def caseload(viewer: User, last: Week) -> Caseload:
    """Return what the viewer's active clients were given in the six weeks up to `last`; five queries at any length."""
    clients = bookable_clients(viewer)
    weeks = [Week(last.monday - back * WEEK) for back in reversed(range(WEEKS))]
    given = _given(viewer, clients, weeks)
    had = _ever_given(viewer)
    rows = [
        ClientRow(client, name_of(client), [(week, given.get((client.pk, week.monday), [])) for week in weeks])
        for client in clients
        if client.pk in had
    ]
    return Caseload(weeks, rows, [(client, name_of(client)) for client in clients if client.pk not in had])


def _given(viewer: User, clients: Sequence[Client], weeks: Sequence[Week]) -> dict[tuple[UUID, date], list[Given]]:
    rows = assignments(viewer).filter(
        client__in=[client.pk for client in clients],
        assigned_at__gte=clock.start_of(weeks[0].monday),
        assigned_at__lt=clock.start_of(weeks[-1].monday + WEEK),
    )
    found = list(rows.exclude(state=State.WITHDRAWN).defer("answer__values").order_by("assigned_at"))
    have_left = _have_left(row.pk for row in found)
    cells: dict[tuple[UUID, date], dict[UUID, Given]] = {}
    for row in found:
        cell = cells.setdefault((row.client_id, _monday(clock.local(row.assigned_at).date())), {})
        given = cell.setdefault(row.version.exercise_id, Given(row.version.title))
        _mark(given, row, standing_of(row, has_left=row.pk in have_left))
    return {place: list(cell.values()) for place, cell in cells.items()}


def _mark(given: Given, row: Assignment, standing: Standing) -> None:
    mark = given.marks.setdefault(standing, Mark(standing, ""))
    mark.count += 1
    mark.url = reverse("exercises:assignment", args=[row.pk])


def _have_left(ids: Iterable[UUID]) -> set[UUID]:
    sent = Message.objects.filter(kind=MAIL_KIND, subject_id__in=list(ids), state=Message.State.SENT)
    return set(sent.values_list("subject_id", flat=True))


def _ever_given(viewer: User) -> set[UUID]:
    """Return the clients who were given something, or for whom a programme was started; two queries."""
    given = Assignment.visible_to(viewer).exclude(state=State.WITHDRAWN).values_list("client", flat=True)
    started = Course.visible_to(viewer).values_list("client", flat=True)
    return {*given.distinct(), *started.distinct()}


def standing_of(row: Assignment, *, has_left: bool) -> Standing:
    """Say where one assignment stands. That its day has passed changes nothing."""
    settled = _SETTLED.get(State(row.state))
    if settled is not None:
        return settled
    if row.state == State.DONE:
        answer: Answer | None = getattr(row, "answer", None)
        return PRIVATE if answer is not None and answer.sharing != Sharing.SHARED else DONE
    if row.started_at is not None:
        return STARTED
    if row.opened_at is not None:
        return OPENED
    return SENT if has_left else WAITING


def legend_of(rows: Iterable[ClientRow]) -> list[Standing]:
    """Return the signs that stand on a page, in the order of the legend."""
    seen = {standing for row in rows for _, given in row.weeks for each in given for standing in each.marks}
    return [standing for standing in LEGEND if standing in seen]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
