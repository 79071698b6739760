"""Series, moves, endings and undoings in any order, in four time zones, over both clock changes.

Whatever is done: the wall clock's time is kept, no two sessions of a counsellor overlap, what has begun is never
touched, and the mails that are planned are exactly those that the rules ask for, reckoned here in another way.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as budget
from hypothesis import strategies as st
from pytest_django import Settings

from clients.models import Client
from outbox.models import Message
from practice.models import Practice
from sessions import series as deeds
from sessions import undoing
from sessions.diary import DiaryClash, PastSession, SessionChanged, SessionClosed
from sessions.models import ClientSession, ReminderSet, Series
from sessions.outlook import Place
from sessions.recurrence import Rule, days, start_on
from sessions.services import cancel_session, move_session
from tests.factories import make_client, make_practice

ZONES = ["Europe/London", "Europe/Lisbon", "America/New_York", "Asia/Kathmandu"]
OPENS, CLOSES = time(8), time(20)
RULES = ["24h", "eve18:00", "90m"]
LENGTH = timedelta(minutes=50)
# Late summer, so that weeks and months go over the clocks' turning back, and late winter for the other way.
STARTS = [date(2026, 9, 14), date(2027, 2, 22)]
# On PostgreSQL half as many: which deeds follow each other is the same there, and the round on SQLite has shown it.
EXAMPLES = 3 if connection.vendor == "postgresql" else 6
REFUSALS = (
    DiaryClash, PastSession, SessionChanged, SessionClosed, deeds.SeriesHits, deeds.NothingToBook, undoing.CannotUndo,
)  # fmt: skip


# --- the rule alone ---------------------------------------------------------------------------------
rules = st.builds(
    lambda first, interval, is_monthly: Rule.monthly(first, interval) if is_monthly else Rule(first, interval=interval),
    st.dates(date(2026, 1, 1), date(2030, 12, 31)),
    st.integers(1, 6),
    st.booleans(),
)
clock_times = st.times().map(lambda each: each.replace(second=0, microsecond=0, fold=0))


@pytest.mark.parametrize("zone", ZONES)
@given(rule=rules, at=clock_times)
@budget(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_ten_is_ten_on_both_sides_of_every_change(settings: Settings, zone: str, rule: Rule, at: time) -> None:
    settings.TIME_ZONE = zone
    found = [day for _, day in zip(range(40), days(rule), strict=False)]
    assert {day.weekday() for day in found} == {rule.first_on.weekday()} or not found
    assert all(before < after for before, after in pairwise(found))
    for day in found:
        here = start_on(day, at).astimezone(ZoneInfo(zone))
        if exists(day, at, zone):
            assert (here.date(), here.time(), here.fold) == (day, at, 0)
        else:  # the clocks leap over it: as much later as they leap
            assert here.replace(tzinfo=None) - datetime.combine(day, at) == timedelta(hours=1)


def exists(day: date, at: time, zone: str) -> bool:
    shown = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return shown.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown.replace(tzinfo=None)


# --- a diary at random ------------------------------------------------------------------------------
@dataclass
class World:
    """A counsellor, two clients, and a clock that only goes on."""

    zone: str
    clients: list[Client]
    clock: Any
    touched: list[Series] = field(default_factory=list)
    # Sessions that were moved by themselves and need not follow their rule.
    moved: set[UUID] = field(default_factory=set)

    def ahead(self) -> list[ClientSession]:
        rows = ClientSession.unscoped.select_related("client", "series")
        return list(rows.filter(status__in=ClientSession.AHEAD, starts_at__gt=timezone.now()).order_by("starts_at"))


Deed = tuple[str, int, int, int]
DEEDS = ("book", "change", "end", "move", "cancel", "undo", "roll", "wait")
some_deeds = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(0, 40), st.integers(0, 20), st.integers(0, 10)),
    min_size=2, max_size=7,
)  # fmt: skip


@contextmanager
def nothing_kept() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("zone", ZONES)
@given(start=st.sampled_from(STARTS), first=st.integers(0, 20), some=some_deeds)
@budget(
    max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_whatever_is_done_the_diary_holds(
    settings: Settings, zone: str, start: date, first: int, some: list[Deed]
) -> None:
    settings.TIME_ZONE = zone
    now = datetime.combine(start, time(7, 30), tzinfo=ZoneInfo(zone))
    with nothing_kept(), time_machine.travel(now, tick=False) as clock:
        make_practice(mail_from_time=OPENS, mail_until_time=CLOSES, nation=Practice.Nation.ENGLAND)
        one = make_client()
        ReminderSet.objects.create(rules=RULES)
        world = World(zone, [one, make_client(one.counsellor)], clock)
        for deed in [("book", first, 0, 0), *some]:
            do(world, deed)
        assert world.touched, "the first deed books a series, so that the others have something to be done to"


def do(world: World, deed: Deed) -> None:
    """Do one deed, or be refused; then look at everything."""
    name, *numbers = deed
    begun = snapshot(lambda row: row.starts_at <= timezone.now())
    with suppress(*REFUSALS), transaction.atomic():
        STEPS[name](world, *numbers)
    if name != "wait":
        assert snapshot(lambda row: row.starts_at <= timezone.now()) == begun
    look(world)


def book(world: World, a: int, b: int, c: int) -> None:
    client = world.clients[a % 2]
    first = timezone.localdate(timezone=ZoneInfo(world.zone)) + timedelta(days=4 + a % 5)
    rule = Rule.monthly(first) if c == 0 else Rule(first, interval=1 + b % 3)
    count = 3 + b % 4 if c % 2 else None
    at = Place(time(9 + b % 3, 15 * (a % 4)), LENGTH)
    world.touched.append(
        deeds.book_series(
            actor=client.counsellor, client=client, rule=rule, terms=deeds.Terms(at, "in_person"), count=count
        )
    )


def change(world: World, a: int, b: int, c: int) -> None:
    session = chosen(world, a)
    assert session.series is not None
    day = timezone.localtime(session.starts_at, ZoneInfo(world.zone)).date() + timedelta(days=b % 9)
    at = Place(time(9 + c % 4, 30), LENGTH)
    world.touched.append(
        deeds.change_series(
            actor=session.counsellor, session=session, scope=deeds.ALL if c % 3 == 0 else deeds.FOLLOWING,
            version=session.series.version, rule=Rule(day, interval=1 + b % 2), terms=deeds.Terms(at, "phone"),
        )
    )  # fmt: skip


def end(world: World, a: int, b: int, c: int) -> None:
    session = chosen(world, a)
    assert session.series is not None
    deeds.cancel_series(
        actor=session.counsellor, session=session, scope=deeds.FOLLOWING, version=session.series.version,
        by=ClientSession.Status.CANCELLED_BY_COUNSELLOR,
    )  # fmt: skip
    session.series.refresh_from_db()
    world.touched.append(session.series)


def move(world: World, a: int, b: int, c: int) -> None:
    session = chosen(world, a)
    world.moved.add(session.pk)
    move_session(
        actor=session.counsellor, session=session, length=LENGTH,
        starts_at=session.starts_at + timedelta(days=b % 4, minutes=15 * c),
    )  # fmt: skip


def cancel(world: World, a: int, b: int, c: int) -> None:
    session = chosen(world, a)
    cancel_session(actor=session.counsellor, session=session, by=ClientSession.CANCELLED[c % 3])


def undo(world: World, a: int, b: int, c: int) -> None:
    touched = Series.unscoped.filter(pk__in=[each.pk for each in world.touched])
    rows: list[ClientSession | Series] = [*touched, *world.ahead()]
    for row in rows:
        found = undoing.change_of(row)
        if found is not None:
            before = snapshot(lambda each: True)
            undoing.undo(actor=world.clients[0].counsellor, change=found)
            assert snapshot(lambda each: True) != before
            return


def roll(world: World, a: int, b: int, c: int) -> None:
    deeds.sweep()
    assert deeds.sweep() == 0


def wait(world: World, a: int, b: int, c: int) -> None:
    world.clock.shift(timedelta(minutes=1) if c % 2 else timedelta(days=a, hours=b))


STEPS: dict[str, Callable[[World, int, int, int], None]] = {
    "book": book, "change": change, "end": end, "move": move, "cancel": cancel, "undo": undo, "roll": roll,
    "wait": wait,
}  # fmt: skip


def chosen(world: World, number: int) -> ClientSession:
    ahead = [each for each in world.ahead() if each.series is not None]
    if not ahead:
        raise SessionClosed
    return ahead[number % len(ahead)]


# --- what holds ----------------------------------------------------------------------------------------
def snapshot(which: Callable[[ClientSession], bool]) -> dict[UUID, tuple[Any, ...]]:
    return {
        row.pk: (row.starts_at, row.ends_at, row.status, row.series_id, row.version)
        for row in ClientSession.unscoped.defer("place")
        if which(row)
    }


def look(world: World) -> None:
    ahead = world.ahead()
    for before, after in pairwise(ahead):
        assert before.ends_at <= after.starts_at
    for session in ahead:
        assert mails_of(session) == expected(session, world.zone), session.starts_at
    gone = ClientSession.unscoped.filter(status__in=ClientSession.CANCELLED).values("pk")
    assert not Message.objects.filter(subject_id__in=gone, state=Message.State.PLANNED).exists()
    for series in Series.unscoped.all():
        usual = [each for each in ahead if each.series_id == series.pk and each.pk not in world.moved]
        for each in usual:
            here = each.starts_at.astimezone(ZoneInfo(world.zone))
            assert (here.date(), here.time()) == (each.occurrence_on, series.clock_time)


def mails_of(session: ClientSession) -> list[tuple[str, datetime]]:
    waiting = Message.objects.filter(
        subject_id=session.pk, kind="session_reminder", state=Message.State.PLANNED, due_at__gt=timezone.now()
    )
    return sorted((row.key.split(":", 2)[2].rpartition(":")[0], row.due_at) for row in waiting)


def expected(session: ClientSession, zone: str) -> list[tuple[str, datetime]]:
    """Return what the rules ask for, found by going back minute by minute from each rule's moment.

    Where another rule falls on the same minute, only the one that asked for the later moment stays.
    """
    here = session.starts_at.astimezone(ZoneInfo(zone))
    evening = datetime.combine(here.date() - timedelta(days=1), time(18), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    moments = {
        "lead:24h": session.starts_at - timedelta(hours=24),
        "eve:18:00": evening,
        "lead:90m": session.starts_at - timedelta(minutes=90),
    }
    due = {name: back_into_hours(moment, zone) for name, moment in moments.items()}
    return sorted(
        (name, at)
        for name, at in due.items()
        if at > timezone.now() and not any(due[other] == at and moments[other] > moments[name] for other in due)
    )


def back_into_hours(moment: datetime, zone: str) -> datetime:
    while not OPENS <= moment.astimezone(ZoneInfo(zone)).time() <= CLOSES:
        moment -= timedelta(minutes=1)
    return moment
