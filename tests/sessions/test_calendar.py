"""What the diary's pages show, and how it is worded."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from practice.models import User
from sessions.calendar import Day, Looks, Page, View, clock_change, page_of
from sessions.calendar_items import Item
from sessions.models import WorkingHours
from sessions.time_off import block_time
from tests.factories import make_client, make_practice, make_session, make_user
from tests.sessions.time import make_leave

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
MONDAY = date(2026, 11, 23)
PLAIN = Looks()


@pytest.fixture
def counsellor() -> User:
    return make_user()


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LONDON)


def week(viewer: User, day: date = MONDAY, looks: Looks = PLAIN) -> Page:
    return page_of(viewer, View.WEEK, day, looks)


def day_of(page: Page, on: date) -> Day:
    return next(day for day in page.days if day.on == on)


def work(counsellor: User, weekday: int, from_hour: int, until_hour: int) -> None:
    WorkingHours.objects.create(
        counsellor=counsellor, weekday=weekday, from_time=time(from_hour), until_time=time(until_hour)
    )


def only(page: Page) -> Item:
    (item,) = [item for day in page.days for item in day.items]
    return item


@pytest.mark.parametrize(
    ("view", "first", "last", "before", "after", "title", "label"),
    [
        ("day", (11, 25), (11, 25), (11, 24), (11, 26), "Wednesday 25 November 2026", "Week 48"),
        ("week", (11, 23), (11, 29), (11, 16), (11, 30), "23 to 29 November 2026", "Week 48"),
        ("month", (11, 1), (11, 30), (10, 1), (12, 1), "November 2026", "Weeks 44 to 49"),
        ("agenda", (11, 25), (12, 22), (10, 28), (12, 23), "25 November to 22 December 2026", "Weeks 48 to 52"),
    ],
)
def test_each_view_has_its_days_neighbours_and_words(
    counsellor: User, view: str, first: tuple[int, int], last: tuple[int, int], before: tuple[int, int],
    after: tuple[int, int], title: str, label: str,
) -> None:  # fmt: skip
    page = page_of(counsellor, View(view), date(2026, 11, 25), PLAIN)
    days = [date(2026, *each) for each in (first, last, before, after)]
    assert [page.first, page.last, page.before, page.after] == days
    assert (page.title, page.week_label) == (title, label)


def test_in_the_hour_that_comes_twice_a_session_says_which_it_is(counsellor: User) -> None:
    with time_machine.travel(datetime(2027, 10, 1, 9, 0, tzinfo=LONDON), tick=False):
        make_session(make_client(counsellor), datetime(2027, 10, 31, 0, 30, tzinfo=UTC))
        item = only(week(counsellor, date(2027, 10, 31)))
    assert (item.begins, item.ends) == ("01:30 BST", "01:20 GMT")


def test_a_week_over_new_year_names_both_years(counsellor: User) -> None:
    page = week(counsellor, date(2026, 12, 30))
    assert (page.title, page.week_label) == ("28 December 2026 to 3 January 2027", "Week 53")


def test_a_month_is_shown_in_whole_weeks(counsellor: User) -> None:
    page = page_of(counsellor, View.MONTH, date(2026, 11, 25), PLAIN)
    assert [len(each) for each in page.weeks] == [7] * 6
    assert [day.on for day in page.days if not day.is_within] == [
        *(date(2026, 10, day) for day in range(26, 32)), *(date(2026, 12, day) for day in range(1, 7)),
    ]  # fmt: skip


def test_an_agenda_leaves_out_days_on_which_nothing_stands(counsellor: User) -> None:
    make_session(make_client(counsellor), at(30, 10))
    with time_machine.travel(at(26, 12), tick=False):
        page = page_of(counsellor, View.AGENDA, date(2026, 11, 25), PLAIN)
    assert [day.on for day in page.days] == [date(2026, 11, 26), date(2026, 11, 30)]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 29), "Clocks go forward an hour at 01:00"),
        (date(2026, 10, 25), "Clocks go back an hour at 02:00"),
        (date(2026, 10, 26), ""),
    ],
)
def test_the_day_of_a_clock_change_says_so(counsellor: User, day: date, words: str) -> None:
    assert (clock_change(day), day_of(week(counsellor, day), day).clocks) == (words, words)


def test_on_both_clock_changes_a_session_stands_at_its_wall_time(counsellor: User) -> None:
    make_session(make_client(counsellor), at(29, 10, month=3))
    make_session(make_client(counsellor), at(25, 10, month=10))
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        item = only(week(counsellor, day))
        assert (item.begins, item.span.start, "h10 m0 x0 y50" in item.classes) == ("10:00", 600, True)


def test_the_hour_that_comes_twice_shows_both_side_by_side(counsellor: User) -> None:
    first = datetime(2026, 10, 25, 0, 10, tzinfo=ZoneInfo("UTC"))
    for starts_at in (first, first + timedelta(hours=1)):
        make_session(make_client(counsellor), starts_at)
    items = day_of(week(counsellor, date(2026, 10, 25)), date(2026, 10, 25)).items
    assert [(item.begins, item.classes[-5:]) for item in items] == [
        ("01:10 BST", "k0 n2"), ("01:10 GMT", "k1 n2"),
    ]  # fmt: skip


def test_bank_holidays_have_their_names(counsellor: User) -> None:
    make_practice(nation="england")
    holidays = {day.on.day: day.holiday for day in week(counsellor, date(2026, 12, 25)).days if day.holiday}
    assert holidays[25] == "Christmas Day"


def test_without_working_hours_it_shows_eight_to_eight(counsellor: User) -> None:
    page = week(counsellor)
    assert (page.from_hour, page.until_hour, page.days[0].off) == (8, 20, [])


def test_working_hours_set_the_edges_and_what_lies_outside_is_shaded(counsellor: User) -> None:
    work(counsellor, 0, 10, 13)
    work(counsellor, 0, 14, 19)
    page = week(counsellor)
    assert (page.from_hour, page.until_hour) == (9, 20)
    assert page.days[0].off == ["h9 m0 x1 y0", "h13 m0 x1 y0", "h19 m0 x1 y0"]
    assert page.days[1].off == ["h9 m0 x11 y0"]


def test_a_bank_holiday_is_shaded_from_edge_to_edge(counsellor: User) -> None:
    make_practice(nation="england")
    for weekday in range(5):
        work(counsellor, weekday, 10, 13)
    page = week(counsellor, date(2026, 12, 25))
    assert day_of(page, date(2026, 12, 24)).off == ["h9 m0 x1 y0", "h13 m0 x4 y0"]
    assert day_of(page, date(2026, 12, 25)).off == ["h9 m0 x8 y0"]


def test_an_early_and_a_late_session_stretch_the_page(counsellor: User) -> None:
    make_session(make_client(counsellor), at(24, 6, 30))
    make_session(make_client(counsellor), at(25, 21, 30))
    page = week(counsellor)
    assert (page.from_hour, page.until_hour) == (6, 23)


def test_a_cancelled_session_steps_behind_what_took_its_time(counsellor: User) -> None:
    make_session(make_client(counsellor, name="Gone"), at(24, 10), status="cancelled_by_client")
    make_session(make_client(counsellor, name="Here"), at(24, 10, 30))
    make_session(make_client(counsellor, name="Alone"), at(24, 14), status="cancelled_late")
    found = {item.name: item.classes for item in day_of(week(counsellor), date(2026, 11, 24)).items}
    assert found == {
        "Gone": "is-cancelled_by_client is-cancelled h10 m0 x0 y50 is-behind k0 n1",
        "Here": "is-booked h10 m30 x0 y50 k0 n1 b1",
        "Alone": "is-cancelled_late is-cancelled h14 m0 x0 y50 k0 n1",
    }


def test_cancelled_sessions_can_be_left_out(counsellor: User) -> None:
    make_session(make_client(counsellor), at(24, 10), status="cancelled_by_client")
    make_session(make_client(counsellor, name="Here"), at(24, 10))
    item = only(week(counsellor, looks=Looks(hides_cancelled=True)))
    assert (item.name, item.classes[-5:]) == ("Here", "k0 n1")


def test_names_put_away_are_not_even_opened(counsellor: User) -> None:
    make_session(make_client(counsellor, name="Bryony Testwell", reference="C-0042"), at(24, 10))
    assert only(week(counsellor, looks=Looks(hides_names=True))).name == "C-0042"


def test_blocked_time_stands_with_its_label_in_each_day_it_touches(counsellor: User) -> None:
    with time_machine.travel(at(20, 12)):
        block_time(actor=counsellor, starts_at=at(24, 22), ends_at=at(25, 9, 30), label="Night train")
    page = week(counsellor)
    found = [(day.on.day, item.begins, item.ends, item.name) for day in page.days for item in day.items]
    assert found == [(24, "22:00", "24:00", "Night train"), (25, "00:00", "09:30", "Night train")]


def test_blocked_time_beside_a_session_stands_beside_it(counsellor: User) -> None:
    with time_machine.travel(at(20, 12)):
        block_time(actor=counsellor, starts_at=at(24, 10), ends_at=at(24, 12))
    make_session(make_client(counsellor, name="Here"), at(24, 11))
    items = day_of(week(counsellor), date(2026, 11, 24)).items
    assert [(item.name, item.classes[-5:]) for item in items] == [("Blocked time", "k0 n2"), ("Here", "k1 n2")]


def test_leave_takes_the_whole_day_and_stretches_nothing(counsellor: User) -> None:
    make_leave(counsellor, date(2026, 11, 24), date(2026, 11, 25), label="Lisbon")
    page = week(counsellor)
    assert {day.on.day: [item.name for item in day.whole] for day in page.days if day.whole} == {
        24: ["Leave: Lisbon"], 25: ["Leave: Lisbon"],
    }  # fmt: skip
    assert (page.from_hour, page.until_hour, [day.items for day in page.days]) == (8, 20, [[]] * 7)


def test_another_counsellors_time_is_not_in_it(counsellor: User) -> None:
    other = make_user()
    with time_machine.travel(at(20, 12)):
        block_time(actor=other, starts_at=at(24, 10), ends_at=at(24, 12))
    work(other, 0, 6, 22)
    make_session(make_client(other), at(24, 10))
    page = week(counsellor)
    assert ([day.items for day in page.days], page.from_hour) == ([[]] * 7, 8)


@pytest.mark.parametrize(
    ("status", "hours", "says", "is_movable"),
    [
        ("booked", 24, ["Confirmed"], True),
        ("confirmed", 24, [], True),
        ("cancelled_by_client", 24, [], False),
        ("booked", -2, ["Attended", "Did not attend"], False),
        ("attended", -2, ["Did not attend"], False),
        ("cancelled_late", -2, ["Attended", "Did not attend"], False),
    ],
)
def test_one_click_says_what_fits_the_moment(
    counsellor: User, status: str, hours: int, says: list[str], is_movable: bool
) -> None:
    now = at(25, 12)
    make_session(make_client(counsellor), now + timedelta(hours=hours), status=status)
    with time_machine.travel(now, tick=False):
        item = only(week(counsellor))
    assert ([label for _, label in item.says], item.is_movable) == (says, is_movable)


def test_now_is_marked_on_today_alone(counsellor: User) -> None:
    with time_machine.travel(at(25, 10, 17), tick=False):
        page = week(counsellor)
    assert {day.on.day: day.now for day in page.days if day.now or day.is_today} == {25: "h10 m17"}
