"""Free times: each lies within the hours, runs into nothing, and reads as a day and a time."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from practice import clock
from practice.models import User
from sessions import slots
from sessions.hits import Ground, hits
from sessions.models import ClientSession, TimeOff, WorkingHours
from sessions.slots import Need, fits, free_slots
from tests.factories import make_client, make_practice, make_session, make_user
from vault.models import DataKey
from vault.services import create_data_key

FIFTY, TEN = timedelta(minutes=50), timedelta(minutes=10)
LONDON = ZoneInfo("Europe/London")
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=LONDON)
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def shown(found: Iterable[datetime]) -> list[str]:
    return [f"{clock.local(each):%a %H:%M}" for each in found]


def hours(counsellor: User, weekday: int, begins: time, ends: time) -> WorkingHours:
    return WorkingHours.objects.create(counsellor=counsellor, weekday=weekday, from_time=begins, until_time=ends)


def off(counsellor: User, begins: datetime, ends: datetime, kind: str = "blocked") -> TimeOff:
    if not DataKey.objects.filter(owner_id=counsellor.pk).exists():
        create_data_key(counsellor.pk)
    return TimeOff.unscoped.create(counsellor=counsellor, kind=kind, starts_at=begins, ends_at=ends)


@pytest.fixture
def counsellor() -> User:
    return make_user()


@pytest.mark.django_db
@time_machine.travel(SUNDAY, tick=False)
def test_without_hours_of_their_own_the_usual_ones_are_offered(counsellor: User) -> None:
    found = free_slots(counsellor, length=FIFTY, first=SUNDAY.date(), most=9)
    assert shown(found) == [*(f"Mon {hour:02d}:00" for hour in range(9, 17)), "Tue 09:00"]
    weekdays = {clock.local(each).weekday() for each in free_slots(counsellor, length=FIFTY, first=MONDAY, most=999)}
    assert weekdays == {0, 1, 2, 3, 4}


@pytest.mark.django_db
@time_machine.travel(SUNDAY, tick=False)
def test_hours_that_are_set_take_the_place_of_the_usual_ones(counsellor: User) -> None:
    hours(counsellor, 0, time(14), time(16))
    hours(counsellor, 0, time(9), time(10))
    hours(make_user(), 1, time(9), time(17))
    found = free_slots(counsellor, length=FIFTY, first=MONDAY, most=4)
    assert shown(found) == ["Mon 09:00", "Mon 14:00", "Mon 15:00", "Mon 09:00"]
    assert clock.local(found[3]).date() == MONDAY + timedelta(days=7)


@pytest.mark.django_db
@time_machine.travel(SUNDAY, tick=False)
def test_what_stands_in_the_diary_is_left_out_with_the_pauses_on_both_sides(counsellor: User) -> None:
    hours(counsellor, 0, time(9), time(13))
    make_session(make_client(counsellor), at(MONDAY, 10, 5), buffer=timedelta(minutes=20))
    make_session(make_client(counsellor), at(MONDAY, 12, 10), status="cancelled_late")
    make_session(make_client(), at(MONDAY, 9))
    # Until 11:15 with its pause, then 11:30.
    assert shown(free_slots(counsellor, length=FIFTY, buffer=TEN, first=MONDAY, days=1)) == ["Mon 09:00", "Mon 11:30"]
    # A pause of twenty minutes would reach into the session at 10:05.
    assert shown(free_slots(counsellor, length=FIFTY, buffer=2 * TEN, first=MONDAY, days=1)) == ["Mon 11:30"]


@pytest.mark.django_db
@time_machine.travel(SUNDAY, tick=False)
def test_a_gap_too_short_for_a_round_time_is_used_all_the_same(counsellor: User) -> None:
    hours(counsellor, 0, time(9, 50), time(10, 40))
    hours(counsellor, 0, time(11, 10), time(12, 10))
    hours(counsellor, 0, time(14), time(15, 30))
    assert shown(free_slots(counsellor, length=FIFTY, first=MONDAY, days=1)) == ["Mon 09:50", "Mon 11:15", "Mon 14:00"]


@pytest.mark.django_db
@time_machine.travel(SUNDAY, tick=False)
def test_leave_blocked_time_and_bank_holidays_are_left_out(counsellor: User) -> None:
    make_practice(nation="england")
    off(counsellor, at(MONDAY, 0), at(TUESDAY, 0), "leave")
    off(counsellor, at(TUESDAY, 9), at(TUESDAY, 11, 40))
    off(make_user(), at(TUESDAY, 11), at(TUESDAY, 17))
    assert shown(free_slots(counsellor, length=FIFTY, first=MONDAY, most=2)) == ["Tue 12:00", "Tue 13:00"]
    christmas = free_slots(counsellor, length=FIFTY, first=date(2026, 12, 24), most=9)
    assert [f"{each:%d %H}" for each in christmas] == [*(f"24 {hour:02d}" for hour in range(9, 17)), "29 09"]


@pytest.mark.django_db
@time_machine.travel(at(MONDAY, 13, 7), tick=False)
def test_nothing_is_offered_that_is_past_or_within_the_hour(counsellor: User) -> None:
    assert shown(free_slots(counsellor, length=FIFTY, first=MONDAY, most=2)) == ["Mon 14:30", "Mon 15:30"]
    assert shown(free_slots(counsellor, length=FIFTY, first=date(2020, 1, 1), most=1)) == ["Mon 14:30"]
    assert not fits(counsellor, at(MONDAY, 14), FIFTY)
    assert fits(counsellor, at(MONDAY, 14, 10), FIFTY)


@pytest.mark.django_db
@time_machine.travel(SUNDAY, tick=False)
def test_a_session_that_is_to_move_is_not_in_its_own_way(counsellor: User) -> None:
    hours(counsellor, 0, time(9), time(10))
    session = make_session(make_client(counsellor), at(MONDAY, 9, 10), buffer=TEN)
    assert free_slots(counsellor, length=FIFTY, first=MONDAY, days=7) == []
    assert shown(free_slots(counsellor, length=FIFTY, first=MONDAY, days=7, but=[session.pk])) == ["Mon 09:00"]
    assert not fits(counsellor, at(MONDAY, 9), FIFTY)
    assert fits(counsellor, at(MONDAY, 9), FIFTY, but=[session.pk])


@pytest.mark.django_db
@time_machine.travel(SUNDAY, tick=False)
def test_what_fits_runs_into_nothing(counsellor: User) -> None:
    make_session(make_client(counsellor), at(MONDAY, 10), buffer=TEN)
    assert fits(counsellor, at(MONDAY, 18), FIFTY)
    assert fits(counsellor, at(MONDAY, 9), FIFTY, TEN)
    assert not fits(counsellor, at(MONDAY, 9), FIFTY, 2 * TEN)
    assert not fits(counsellor, at(MONDAY, 10, 40), FIFTY)
    assert not fits(counsellor, at(MONDAY, 10, 55), FIFTY)
    off(counsellor, at(MONDAY, 12), at(MONDAY, 13))
    assert not fits(counsellor, at(MONDAY, 12, 30), FIFTY)
    hours(counsellor, 0, time(9), time(17))
    assert not fits(counsellor, at(MONDAY, 18), FIFTY)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_three_of_everything_take_as_many_queries_as_one(
    counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        for number in range(count):
            hours(counsellor, number, time(9), time(17))
            make_session(make_client(counsellor), at(MONDAY, 9 + number))
            off(counsellor, at(MONDAY, 14 + number), at(MONDAY, 15 + number))
        # The practice's nation, time off, hours, sessions.
        with django_assert_num_queries(4):
            free_slots(counsellor, length=FIFTY, first=MONDAY, most=30)
        with django_assert_num_queries(4):
            fits(counsellor, at(MONDAY, 9), FIFTY)


def test_a_session_of_no_length_is_no_session() -> None:
    with pytest.raises(ValueError, match="takes some time"):
        free_slots(User(), length=timedelta(0), first=MONDAY)


# --- whatever the diary, over both clock changes -----------------------------------------------------------
# A Saturday before the clocks change, in spring and in autumn.
EVES = {
    "Europe/London": (date(2027, 3, 27), date(2026, 10, 24)),
    "America/New_York": (date(2027, 3, 13), date(2026, 10, 31)),
}
DAYS = 4
quarters = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))
spans = st.tuples(quarters, quarters).filter(lambda span: span[0] < span[1])
# Minutes from midnight of the first day, a length, a pause after it.
stretches = st.tuples(st.integers(-300, DAYS * 1440), st.integers(5, 300), st.integers(0, 30))


def laid_out(
    first: date, working: list[tuple[int, tuple[time, time]]],
    booked: list[tuple[int, int, int]], away: list[tuple[int, int, int]],
) -> Ground:  # fmt: skip
    """Return a diary with these hours, sessions and time off, the day after the clock change a bank holiday."""
    midnight = clock.start_of(first)

    def span(begins: int, minutes: int) -> dict[str, datetime]:
        starts_at = midnight + timedelta(minutes=begins)
        return {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=minutes)}

    return Ground(
        holidays={first + timedelta(days=2): "A holiday"},
        time_off=[TimeOff(kind="blocked", **span(begins, minutes)) for begins, minutes, _ in away],
        hours=[WorkingHours(weekday=weekday, from_time=a, until_time=b) for weekday, (a, b) in working],
        sessions=[
            ClientSession(id=uuid4(), buffer=timedelta(minutes=pause), **span(begins, minutes))
            for begins, minutes, pause in booked
        ],
    )


@pytest.mark.parametrize(("zone", "season"), [(zone, season) for zone in EVES for season in (0, 1)])
@settings(deadline=None, max_examples=60)
@given(
    working=st.lists(st.tuples(st.integers(0, 6), spans), max_size=8),
    booked=st.lists(stretches, max_size=6),
    away=st.lists(stretches, max_size=3),
    minutes=st.sampled_from([25, 50, 90]),
    pause=st.sampled_from([0, 10, 15]),
)
def test_whatever_the_diary_a_slot_lies_within_the_hours_and_overlaps_nothing(
    zone: str, season: int, working: list[tuple[int, tuple[time, time]]],
    booked: list[tuple[int, int, int]], away: list[tuple[int, int, int]], minutes: int, pause: int,
) -> None:  # fmt: skip
    length, buffer = timedelta(minutes=minutes), timedelta(minutes=pause)
    first, here = EVES[zone][season], ZoneInfo(zone)
    now = datetime(first.year, first.month, first.day, 6, tzinfo=here)
    with override_settings(TIME_ZONE=zone), time_machine.travel(now, tick=False):
        diary = laid_out(first, working, booked, away)
        found = list(slots.slots(diary, Need(length, buffer), first, DAYS))
        assert [each for each in found if hits(diary, each, each + length, buffer=buffer)] == []
        assert [
            each for each in found if clock.at(each.astimezone(here).date(), each.astimezone(here).time()) != each
        ] == []
    assert [each for each in found if each < now + timedelta(hours=1) or each.minute % 5] == []
    assert [each for each in found if not is_within(each.astimezone(here), length, here, working)] == []
    assert [each for each in found if each.astimezone(here).date() in diary.holidays] == []
    for each in found:
        ends = each + length
        assert all(s.ends_at + s.buffer <= each or s.starts_at >= ends + buffer for s in diary.sessions)
        assert all(o.ends_at <= each or o.starts_at >= ends for o in diary.time_off)
    assert all(later - each >= length + buffer for each, later in zip(found, found[1:], strict=False))


def is_within(start: datetime, length: timedelta, here: ZoneInfo, working: list[tuple[int, tuple[time, time]]]) -> bool:
    """Say whether each minute of a session is shown by the clock as one of a weekday's span.

    Where an hour comes twice, a span that begins in it goes on while the clock shows it again.
    """
    first = start.astimezone(UTC)

    def walls() -> Iterator[datetime]:
        minutes = range(int(length.total_seconds()) // 60)
        return ((first + timedelta(minutes=number)).astimezone(here) for number in minutes)

    usual = [(weekday, (time(9), time(17))) for weekday in range(5)]
    return any(
        all(
            wall.weekday() == weekday and (begins <= wall.time() or wall.fold) and wall.time() < ends
            for wall in walls()
        )
        for weekday, (begins, ends) in (working or usual)
    )


@pytest.mark.parametrize(
    ("zone", "season", "shown_as"),
    [
        # 01:00 to 02:00 does not exist, so 02:00 follows 00:50; in New York 03:00 follows 01:50.
        ("Europe/London", 0, ["00:00", "02:00", "03:00"]),
        ("America/New_York", 0, ["00:00", "01:00", "03:00"]),
        # 01:00 to 02:00 comes twice: the second time it cannot be typed, and is not offered.
        ("Europe/London", 1, ["00:00", "01:00", "02:00", "03:00"]),
        ("America/New_York", 1, ["00:00", "01:00", "02:00", "03:00"]),
    ],
)
def test_the_hour_that_is_missing_or_comes_twice(zone: str, season: int, shown_as: list[str]) -> None:
    eve = EVES[zone][season]
    sunday = eve + timedelta(days=1)
    with (
        override_settings(TIME_ZONE=zone),
        time_machine.travel(datetime(eve.year, eve.month, eve.day, 12, tzinfo=UTC), tick=False),
    ):
        diary = laid_out(eve, [(6, (time(0), time(4)))], [], [])
        found = list(slots.slots(diary, Need(FIFTY, TEN), sunday, 1))
        assert [f"{clock.local(each):%H:%M}" for each in found] == shown_as


@settings(deadline=None, max_examples=60)
@given(
    working=st.lists(st.tuples(st.integers(0, 6), spans), max_size=8),
    booked=st.lists(stretches, max_size=9),
    away=st.lists(stretches, max_size=3),
    pause=st.sampled_from([0, 10]),
)
def test_where_nothing_is_offered_nothing_fits(
    working: list[tuple[int, tuple[time, time]]],
    booked: list[tuple[int, int, int]], away: list[tuple[int, int, int]], pause: int,
) -> None:  # fmt: skip
    need = Need(FIFTY, timedelta(minutes=pause))
    with time_machine.travel(SUNDAY, tick=False):
        diary = laid_out(MONDAY, working, booked, away)
        offered = {clock.local(each).date() for each in slots.slots(diary, need, MONDAY, DAYS)}
        for day in {MONDAY + timedelta(days=number) for number in range(DAYS)} - offered:
            starts = [clock.start_of(day) + timedelta(minutes=5 * number) for number in range(288)]
            inside = [each for each in starts if is_within(each.astimezone(LONDON), FIFTY, LONDON, working)]
            assert [each for each in inside if slots.is_free(diary, each, need)] == []
