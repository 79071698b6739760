"""Who waits, what would suit them next, who would take a gap, and what is offered for a booking."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from practice import clock
from practice.models import User
from practice.roles import Role
from sessions.models import SessionType, WorkingHours
from sessions.slots import Need
from sessions.waiting_list import Gap, gaps, next_three, waiting_for, waiting_list, who_fits
from tests.factories import make_client, make_practice, make_session, make_user, make_waiting
from vault.services import cache

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=LONDON)
MONDAY = date(2026, 11, 23)
FIFTY = timedelta(minutes=50)


def monday(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=LONDON)


@pytest.fixture
def counsellor() -> User:
    return make_user()


def make_type(minutes: int, name: str = "Couples", buffer: int = 0) -> SessionType:
    return SessionType.objects.create(
        name=name, length=timedelta(minutes=minutes), buffer=timedelta(minutes=buffer)
    )  # fmt: skip


def waits(counsellor: User, name: str, days: int = 1, **fields: object) -> None:
    make_waiting(make_client(counsellor, name=name), since=SUNDAY - timedelta(days=days), **fields)


@time_machine.travel(SUNDAY, tick=False)
def test_the_urgent_come_first_then_who_has_waited_longest(counsellor: User) -> None:
    for name, urgency, days in (
        ("Ash", "usual", 9), ("Birch", "soon", 2), ("Cedar", "flexible", 99), ("Elm", "soon", 3), ("Oak", "usual", 30),
    ):  # fmt: skip
        waits(counsellor, name, days, urgency=urgency)
    assert [row.name for row in waiting_list(counsellor)] == ["Elm", "Birch", "Oak", "Ash", "Cedar"]


@time_machine.travel(SUNDAY, tick=False)
def test_only_ones_own_clients_who_still_come_wait(counsellor: User) -> None:
    waits(counsellor, "Ash")
    waits(make_user(), "Someone Elses")
    waits(counsellor, "Booked", left_at=timezone.now(), left_why="booked")
    make_waiting(make_client(counsellor, state=Client.State.ENDED, ended_at=timezone.now()))
    assert [row.name for row in waiting_list(counsellor)] == ["Ash"]
    assert waiting_list(make_user(Role.ADMIN)) == []


@time_machine.travel(SUNDAY, tick=False)
def test_each_has_the_soonest_time_that_suits(counsellor: User) -> None:
    waits(counsellor, "Ash", 9)
    waits(counsellor, "Birch", 8, times=["2-afternoon", "4-morning"])
    waits(counsellor, "Cedar", 7, times=["0-evening", "6-morning"])
    waits(counsellor, "Elm", 6, session_type=make_type(90), times=["0-morning", "0-afternoon"])
    make_session(make_client(counsellor), monday(9))
    make_session(make_client(counsellor), monday(11))
    shown = [
        (row.name, row.times, row.soonest and f"{clock.local(row.soonest):%a %H:%M}")
        for row in waiting_list(counsellor)
    ]
    assert shown == [
        ("Ash", "any time", "Mon 10:00"),
        ("Birch", "Wed afternoon, Fri morning", "Wed 12:00"),
        ("Cedar", "Mon evening, Sun morning", None),
        ("Elm", "Mon morning and afternoon", "Mon 12:00"),
    ]


@time_machine.travel(SUNDAY, tick=False)
def test_a_gap_shows_only_those_who_fit(counsellor: User) -> None:
    waits(counsellor, "Any time", 1)
    waits(counsellor, "Mornings", 9, times=["0-morning"])
    waits(counsellor, "Afternoons", 8, times=["0-afternoon"])
    waits(counsellor, "Tuesdays", 7, times=["1-morning"])
    waits(counsellor, "Longer", 6, session_type=make_type(120))
    waits(counsellor, "Urgent", 0, urgency="soon", session_type=make_type(30, "Short"))
    fit = [(match.name, match.starts_at) for match in who_fits(counsellor, monday(11), timedelta(minutes=110))]
    assert fit == [
        ("Urgent", monday(11)), ("Mornings", monday(11)), ("Afternoons", monday(12)), ("Any time", monday(11)),
    ]  # fmt: skip


@time_machine.travel(SUNDAY, tick=False)
def test_a_summers_morning_is_the_practices_morning(counsellor: User) -> None:
    waits(counsellor, "Afternoons", times=["0-afternoon"])
    # 11:10 UTC is ten past twelve.
    assert len(who_fits(counsellor, datetime(2027, 7, 5, 11, 10, tzinfo=UTC), FIFTY)) == 1
    assert who_fits(counsellor, datetime(2027, 7, 5, 10, 50, tzinfo=UTC), FIFTY) == []


@time_machine.travel(SUNDAY, tick=False)
def test_a_cancelled_session_leaves_a_gap_where_somebody_fits(counsellor: User) -> None:
    waits(counsellor, "Ash", times=["0-morning"])
    waits(counsellor, "Birch")
    person = make_client(counsellor)
    for start, status in (
        (monday(9), "cancelled_by_client"),
        (monday(14), "cancelled_late"),
        (monday(16), "booked"),
        (SUNDAY + timedelta(minutes=30), "cancelled_by_client"),
        (SUNDAY - timedelta(days=1), "cancelled_by_client"),
        (SUNDAY + timedelta(days=15), "cancelled_by_client"),
    ):
        make_session(person, start, status=status)
    make_session(make_client(), monday(12), status="cancelled_by_client")
    assert gaps(counsellor) == [Gap(monday(9), 50, 2), Gap(monday(14), 50, 1)]


@time_machine.travel(SUNDAY, tick=False)
def test_a_gap_that_is_taken_again_or_that_nobody_wants_is_none(counsellor: User) -> None:
    waits(counsellor, "Ash", times=["1-morning"])
    make_session(make_client(counsellor), monday(9), status="cancelled_by_client")
    tuesday = monday(9) + timedelta(days=1)
    make_session(make_client(counsellor), tuesday, status="cancelled_by_client")
    assert gaps(counsellor) == [Gap(tuesday, 50, 1)]
    make_session(make_client(counsellor), tuesday + timedelta(minutes=20))
    assert gaps(counsellor) == []


@time_machine.travel(SUNDAY, tick=False)
def test_the_same_time_cancelled_twice_is_one_gap(counsellor: User) -> None:
    waits(counsellor, "Ash")
    for _ in range(2):
        make_session(make_client(counsellor), monday(9), status="cancelled_by_client")
    assert gaps(counsellor) == [Gap(monday(9), 50, 1)]


@time_machine.travel(SUNDAY, tick=False)
def test_the_next_three_are_as_long_as_the_last_session(counsellor: User) -> None:
    person = make_client(counsellor)
    make_session(person, SUNDAY - timedelta(days=7), ends_at=SUNDAY - timedelta(days=7) + timedelta(minutes=90))
    usual, theirs = next_three(counsellor, None, MONDAY), next_three(counsellor, person, MONDAY)
    assert (usual.times, usual.minutes) == ([monday(9), monday(10), monday(11)], 50)
    assert (theirs.times, theirs.minutes) == ([monday(9), monday(10, 30), monday(12)], 90)
    need = Need(timedelta(minutes=120))
    assert next_three(counsellor, person, MONDAY, need=need).times == [monday(9), monday(11), monday(13)]


@time_machine.travel(SUNDAY, tick=False)
def test_the_next_three_suit_who_waits_where_anything_does(counsellor: User) -> None:
    WorkingHours.objects.create(counsellor=counsellor, weekday=0, from_time=time(9), until_time=time(13))
    some, none = make_client(counsellor), make_client(counsellor)
    make_waiting(some, times=["0-afternoon"])
    make_waiting(none, times=["2-evening"])
    offers = next_three(counsellor, some, MONDAY)
    weeks = [monday(12) + timedelta(weeks=week) for week in range(3)]
    assert (offers.times, offers.is_narrowed) == (weeks, True)
    offers = next_three(counsellor, none, MONDAY)
    assert (offers.times, offers.is_narrowed) == ([monday(9), monday(10), monday(11)], False)


@time_machine.travel(SUNDAY, tick=False)
def test_another_counsellors_client_says_nothing_of_themselves(counsellor: User) -> None:
    person = make_client()
    make_waiting(person, times=["2-evening"], session_type=make_type(90))
    make_session(person, SUNDAY - timedelta(days=7), ends_at=SUNDAY - timedelta(days=7) + timedelta(minutes=70))
    offers = next_three(counsellor, person, MONDAY)
    assert (offers.minutes, offers.is_narrowed) == (50, False)


@pytest.mark.parametrize("count", [1, 3])
def test_three_rows_take_as_many_queries_as_one(
    counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_practice()
    with time_machine.travel(SUNDAY, tick=False):
        for number in range(count):
            waits(counsellor, f"Ash {number}", session_type=make_type(50, f"Kind {number}", buffer=number))
            make_session(make_client(counsellor), monday(9 + number), status="cancelled_by_client")
        # Entries, keys, and the four of the diary.
        cache.forget()
        with django_assert_num_queries(6):
            assert len(waiting_list(counsellor)) == count
        cache.forget()
        with django_assert_num_queries(2):
            assert len(who_fits(counsellor, monday(9), FIFTY)) == count
        # Entries, cancelled sessions, and the four of the diary.
        with django_assert_num_queries(6):
            assert len(gaps(counsellor)) == count
        with django_assert_num_queries(1):
            waiting_for(counsellor)
