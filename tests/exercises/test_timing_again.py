"""What comes again and again; the clocks' changes; hours outside the practice's; nudges."""

from datetime import date, time

import pytest

from exercises.timing import Around, hour_of, next_due, nudge_days
from tests.exercises.plans import ALL_WEEK, LONDON, around, at, came, day, meeting, plan, shown, wall

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


# --- weekdays -------------------------------------------------------------------------------------------------
def test_a_daily_one_comes_each_day_at_the_hour() -> None:
    row = plan(("weekdays", ALL_WEEK), given=[came(1, 0, occurrence="2026-03-02")])
    assert shown(next_due(row, around(at(0, 10), hour=17))) == (1, "2026-03-03", "Tue 03 Mar 17:00")


def test_it_comes_on_its_days_of_the_week_alone() -> None:
    row = plan(("weekdays", (2, 4)))
    found = [shown(next_due(row, around(at(number, 6)))) for number in (0, 2, 3, 5)]
    assert [each and each[1] for each in found] == ["2026-03-04", "2026-03-04", "2026-03-06", "2026-03-11"]


def test_only_one_day_of_the_week_comes_again_a_week_later() -> None:
    row = plan(("weekdays", (0,)), given=[came(1, 0, occurrence="2026-03-02")])
    assert shown(next_due(row, around(at(0, 9, 1)))) == (1, "2026-03-09", "Mon 09 Mar 09:00")


def test_later_on_the_day_it_is_due_still() -> None:
    assert shown(next_due(plan(("weekdays", ALL_WEEK)), around(at(1, 15)))) == (1, "2026-03-03", "Tue 03 Mar 09:00")


def test_a_day_that_was_missed_stays_missed() -> None:
    row = plan(("weekdays", ALL_WEEK), given=[came(1, 0, occurrence="2026-03-02")])
    assert shown(next_due(row, around(at(3, 20, 1)))) == (1, "2026-03-06", "Fri 06 Mar 09:00")


def test_two_never_come_on_one_day() -> None:
    row = plan(("weekdays", ALL_WEEK), given=[came(1, 2, occurrence="2026-03-04")])
    assert shown(next_due(row, around(at(2, 9), hour=19))) == (1, "2026-03-05", "Thu 05 Mar 19:00")


def test_while_the_client_writes_in_the_last_one_todays_does_not_come() -> None:
    row = plan(("weekdays", ALL_WEEK), given=[came(1, 0, occurrence="2026-03-02", is_at_work=True)])
    assert shown(next_due(row, around(at(1, 9)))) == (1, "2026-03-04", "Wed 04 Mar 09:00")


def test_it_rests_pauses_and_ends() -> None:
    daily = ("weekdays", ALL_WEEK)
    assert shown(next_due(plan(daily, rests_until=day(7)), around(at(1)))) == (1, "2026-03-09", "Mon 09 Mar 09:00")
    paused = around(at(1), paused_until=day(20))
    assert shown(next_due(plan(daily), paused)) == (1, "2026-03-22", "Sun 22 Mar 09:00")
    assert next_due(plan(daily, until_on=day(19)), paused) is None
    assert next_due(plan(daily, until_on=day(3)), around(at(3, 20, 1))) is None


# --- after each session -----------------------------------------------------------------------------------------
def test_it_comes_so_many_days_after_each_session() -> None:
    first, second = meeting(at(0, 15)), meeting(at(7, 15))
    row = plan(("after_session", 2))
    assert shown(next_due(row, around(at(0), meetings=[second, first]))) == (1, "session", "Wed 04 Mar 09:00")
    row = plan(("after_session", 2), given=[came(1, 2, occurrence=str(first.id))])
    due = next_due(row, around(at(2), meetings=[second, first]))
    assert due is not None
    assert (shown(due), due.occurrence) == ((1, "session", "Wed 11 Mar 09:00"), str(second.id))


def test_of_sessions_before_the_course_nothing_comes() -> None:
    assert next_due(plan(("after_session", 2)), around(at(0, 6), meetings=[meeting(at(-1, 15))])) is None


def test_two_days_late_it_still_fits_and_later_not() -> None:
    row, sessions = plan(("after_session", 1)), [meeting(at(0, 15))]
    assert shown(next_due(row, around(at(3, 12), meetings=sessions))) == (1, "session", "Thu 05 Mar 12:00")
    assert next_due(row, around(at(4, 12), meetings=sessions)) is None


def test_after_a_session_in_a_pause_it_comes_only_where_it_still_fits() -> None:
    row, sessions = plan(("after_session", 1)), [meeting(at(0, 15)), meeting(at(7, 15))]
    found = next_due(row, around(at(0, 18), meetings=sessions, paused_until=day(4)))
    assert shown(found) == (1, "session", "Tue 10 Mar 09:00")


@pytest.mark.parametrize(
    ("starts", "comes"),
    [
        ((11, 0), "Mon 02 Mar 13:00"),
        # In the middle of the session would be the client's hour.
        ((8, 30), "Mon 02 Mar 10:30"),
        ((18, 30), "Tue 03 Mar 09:00"),
    ],
)
def test_on_the_sessions_own_day_it_comes_once_that_is_over(starts: tuple[int, int], comes: str) -> None:
    found = next_due(plan(("after_session", 0)), around(at(0, 6), meetings=[meeting(at(0, *starts))]))
    assert shown(found) == (1, "session", comes)


def test_what_would_come_on_the_morning_after_the_last_day_does_not() -> None:
    row = plan(("after_session", 0), until_on=day(0))
    assert next_due(row, around(at(0, 6), meetings=[meeting(at(0, 18, 30))])) is None


def test_beside_another_step_of_the_day_it_comes_the_day_after() -> None:
    row = plan("together", ("after_session", 1), given=[came(1, 1)])
    found = next_due(row, around(at(1, 9), meetings=[meeting(at(0, 15))]))
    assert shown(found) == (2, "session", "Wed 04 Mar 09:00")


# --- the clocks ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("change", [SPRING, AUTUMN])
def test_nine_is_nine_on_both_sides_of_a_change(change: date) -> None:
    for mode in (("weekdays", ALL_WEEK), ("on_date", change)):
        due = next_due(plan(mode), around(at(change, 0, 30)))
        assert due is not None
        assert wall(due.at) == f"{change:%a %d %b} 09:00"
        assert due.at.astimezone(LONDON).utcoffset() == at(change, 9).utcoffset()


@pytest.mark.parametrize(
    ("start", "comes"), [(date(2026, 3, 26), "Thu 02 Apr 08:00"), (date(2026, 10, 22), "Thu 29 Oct 08:00")]
)
def test_days_are_counted_on_the_calendar_over_a_change(start: date, comes: str) -> None:
    due = next_due(plan(("every", 7), starts_on=start), around(at(start, 23, 59), hour=8))
    assert shown(due) == (1, "once", comes)


def test_an_hour_that_does_not_exist_is_the_one_that_the_leap_leads_to() -> None:
    early = around(at(SPRING, 0, 5), opens=time(0), hour=1)
    assert shown(next_due(plan("together"), early)) == (1, "once", "Sun 29 Mar 02:00")


def test_of_the_hour_that_comes_twice_it_is_the_first() -> None:
    early = around(at(AUTUMN, 0, 5), opens=time(0), hour=1)
    due = next_due(plan("together"), early)
    assert due is not None
    assert f"{due.at.astimezone(LONDON):%H:%M %Z}" == "01:00 BST"


# --- hours --------------------------------------------------------------------------------------------------------
def moment(hour: int | None, opens: time, closes: time) -> str:
    return wall(hour_of(day(0), hour, around(at(0), opens=opens, closes=closes).practice))


def test_an_hour_before_or_after_the_practices_is_brought_into_them() -> None:
    found = [moment(hour, time(8), time(20)) for hour in (None, 0, 7, 8, 19, 20, 23)]
    hours = ["09:00", "08:00", "08:00", "08:00", "19:00", "19:30", "19:30"]
    assert found == [f"Mon 02 Mar {hour}" for hour in hours]


def test_the_shortest_hours_are_kept_too() -> None:
    assert moment(9, time(17), time(17, 10)) == "Mon 02 Mar 17:00"
    assert moment(23, time(0), time.max) == "Mon 02 Mar 23:00"


def look(minute: int) -> Around:
    """Return what is around when the sweep looks, some seconds after the minute."""
    return around(at(0, 19, minute).replace(second=12), hour=20)


def test_whoever_prefers_the_hour_at_which_mail_hours_end_gets_it_that_day() -> None:
    for mode in ("together", ("weekdays", ALL_WEEK)):
        due = next_due(plan(mode), look(30))
        assert due is not None
        assert due.at <= look(30).now


# --- nudges -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "due", "count", "days"),
    [
        (0, 7, 0, []),
        (0, 7, 1, [6]),
        (0, 7, 2, [3, 6]),
        (0, 2, 1, [1]),
        (0, 2, 2, [1]),
        (0, 3, 2, [1, 2]),
        (0, 1, 1, [1]),
        (0, 1, 2, [1]),
        (0, 0, 2, []),
        (3, 1, 2, []),
    ],
)
def test_nudges_come_before_the_last_day_and_halfway(given: int, due: int, count: int, days: list[int]) -> None:
    assert nudge_days(day(given), day(due), count) == [day(number) for number in days]
