"""When what comes once comes: each mode, rest, pause, the last day, and what was late."""

from datetime import date

import pytest

from exercises.timing import is_finished, next_due
from tests.exercises.plans import around, at, came, day, meeting, plan, shown


# --- the first step ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["together", "when_done"])
def test_the_first_step_comes_on_the_first_day_at_nine(mode: str) -> None:
    assert shown(next_due(plan(mode), around(at(0, 6)))) == (1, "once", "Mon 02 Mar 09:00")


@pytest.mark.parametrize("mode", ["done_plus", "every"])
def test_a_first_step_with_days_comes_so_many_days_after_the_start(mode: str) -> None:
    assert shown(next_due(plan((mode, 3)), around(at(0, 6)))) == (1, "once", "Thu 05 Mar 09:00")


def test_a_course_that_starts_later_waits_for_its_day() -> None:
    later = plan("together", starts_on=day(4))
    assert shown(next_due(later, around(at(0, 12)))) == (1, "once", "Fri 06 Mar 09:00")


def test_it_comes_at_the_hour_that_the_client_prefers() -> None:
    assert shown(next_due(plan("together"), around(at(0, 6), hour=18))) == (1, "once", "Mon 02 Mar 18:00")


def test_after_that_hour_it_comes_straight_away() -> None:
    assert shown(next_due(plan("together"), around(at(0, 11, 40)))) == (1, "once", "Mon 02 Mar 11:40")


def test_in_the_evening_it_waits_for_the_morning() -> None:
    assert shown(next_due(plan("together"), around(at(0, 20, 1)))) == (1, "once", "Tue 03 Mar 08:00")


def test_at_night_it_waits_for_the_hour() -> None:
    assert shown(next_due(plan("together"), around(at(1, 2), hour=10))) == (1, "once", "Tue 03 Mar 10:00")


# --- together -----------------------------------------------------------------------------------------------
def test_together_comes_on_the_same_day_as_the_one_before() -> None:
    row = plan("together", "together", given=[came(1, 0)])
    assert shown(next_due(row, around(at(0, 9)))) == (2, "once", "Mon 02 Mar 09:00")


def test_together_waits_for_the_one_before() -> None:
    row = plan(("every", 2), "together")
    assert shown(next_due(row, around(at(0, 9)))) == (1, "once", "Wed 04 Mar 09:00")


# --- when done, and days after ------------------------------------------------------------------------------
def test_nothing_can_be_said_while_the_one_before_is_with_the_client() -> None:
    for mode in ("when_done", ("done_plus", 2)):
        assert next_due(plan("together", mode, given=[came(1, 0)]), around(at(30))) is None


def test_when_done_comes_on_the_day_on_which_the_one_before_is_done() -> None:
    row = plan("together", "when_done", given=[came(1, 0, settled=2)])
    assert shown(next_due(row, around(at(2, 14, 20)))) == (2, "once", "Wed 04 Mar 14:20")


def test_done_on_the_day_on_which_it_came_lets_the_next_come_the_day_after() -> None:
    row = plan("together", "when_done", given=[came(1, 0, settled=0)])
    assert shown(next_due(row, around(at(0, 14)))) == (2, "once", "Tue 03 Mar 09:00")


def test_done_plus_counts_from_the_day_of_the_answer() -> None:
    row = plan("together", ("done_plus", 3), given=[came(1, 0, settled=5)])
    assert shown(next_due(row, around(at(5, 14)))) == (2, "once", "Tue 10 Mar 09:00")


def test_every_counts_from_the_day_on_which_the_one_before_was_sent_done_or_not() -> None:
    for settled in (None, 6):
        row = plan("together", ("every", 3), given=[came(1, 1, settled=settled)])
        assert shown(next_due(row, around(at(1, 14)))) == (2, "once", "Fri 06 Mar 09:00")


def test_a_repeated_step_between_is_waited_for_by_nobody() -> None:
    row = plan("together", ("after_session", 1), "when_done", given=[came(1, 0, settled=1)])
    assert shown(next_due(row, around(at(1, 6)))) == (3, "once", "Tue 03 Mar 09:00")


# --- fixed date -----------------------------------------------------------------------------------------------
def test_a_fixed_date_waits_for_nobody() -> None:
    row = plan("together", "when_done", ("on_date", date(2026, 3, 6)), given=[came(1, 0)])
    assert shown(next_due(row, around(at(1)))) == (3, "once", "Fri 06 Mar 09:00")


def test_a_fixed_date_that_went_by_is_made_up_for() -> None:
    row = plan(("on_date", date(2026, 2, 20)))
    assert shown(next_due(row, around(at(0, 10)))) == (1, "once", "Mon 02 Mar 10:00")


# --- the day before the next session ----------------------------------------------------------------------------
def test_it_comes_on_the_day_before_the_next_session() -> None:
    row, sessions = plan("before_session"), [meeting(at(10, 15)), meeting(at(3, 15))]
    assert shown(next_due(row, around(at(0, 6), meetings=sessions))) == (1, "once", "Wed 04 Mar 09:00")


def test_without_a_session_nothing_can_be_said() -> None:
    assert next_due(plan("before_session"), around(at(0, 6), meetings=[meeting(at(-7))])) is None


def test_on_the_day_itself_it_is_too_late_for_this_session() -> None:
    row, sessions = plan("before_session"), [meeting(at(0, 15)), meeting(at(7, 15))]
    assert shown(next_due(row, around(at(0, 6), meetings=sessions))) == (1, "once", "Sun 08 Mar 09:00")


def test_on_the_eve_it_comes_straight_away_and_in_its_late_evening_no_more() -> None:
    row, sessions = plan("before_session"), [meeting(at(1, 15)), meeting(at(8, 15))]
    assert shown(next_due(row, around(at(0, 19, 59), meetings=sessions))) == (1, "once", "Mon 02 Mar 19:59")
    assert shown(next_due(row, around(at(0, 20, 1), meetings=sessions))) == (1, "once", "Mon 09 Mar 09:00")


def test_it_never_comes_on_the_day_of_the_one_before() -> None:
    row = plan("together", "before_session", given=[came(1, 0)])
    sessions = [meeting(at(1, 15)), meeting(at(8, 15))]
    assert shown(next_due(row, around(at(0, 10), meetings=sessions))) == (2, "once", "Mon 09 Mar 09:00")


# --- rest, pause, the last day ------------------------------------------------------------------------------------
def test_the_rest_after_not_this_week_holds_up_every_step() -> None:
    for row in (
        plan("together", rests_until=day(7)),
        plan(("on_date", date(2026, 3, 3)), rests_until=day(7)),
    ):
        assert shown(next_due(row, around(at(1)))) == (1, "once", "Mon 09 Mar 09:00")


def test_a_pause_ends_on_its_day() -> None:
    assert shown(next_due(plan("together"), around(at(0), paused_until=day(10)))) == (1, "once", "Thu 12 Mar 09:00")


def test_a_pause_that_is_over_says_nothing() -> None:
    assert shown(next_due(plan("together"), around(at(1, 6), paused_until=day(0)))) == (1, "once", "Tue 03 Mar 09:00")


def test_of_a_session_whose_eve_lies_in_a_pause_nothing_comes() -> None:
    row, sessions = plan("before_session"), [meeting(at(3, 15)), meeting(at(10, 15))]
    found = next_due(row, around(at(0), meetings=sessions, paused_until=day(4)))
    assert shown(found) == (1, "once", "Wed 11 Mar 09:00")


def test_on_the_last_day_it_comes_and_after_it_no_more() -> None:
    row = plan(("every", 3), until_on=day(3))
    assert shown(next_due(row, around(at(0)))) == (1, "once", "Thu 05 Mar 09:00")
    assert next_due(row, around(at(3, 20, 1))) is None
    assert next_due(row, around(at(4))) is None


# --- late ---------------------------------------------------------------------------------------------------------
def test_late_steps_are_made_up_for_one_a_day() -> None:
    dates = [("on_date", day(number)) for number in (1, 2, 3)]
    row = plan(*dates)
    assert shown(next_due(row, around(at(10, 12)))) == (1, "once", "Thu 12 Mar 12:00")
    row = plan(*dates, given=[came(1, 10)])
    assert shown(next_due(row, around(at(10, 12)))) == (2, "once", "Fri 13 Mar 09:00")
    row = plan(*dates, given=[came(1, 10), came(2, 11)])
    assert shown(next_due(row, around(at(11, 12)))) == (3, "once", "Sat 14 Mar 09:00")


def test_what_came_once_comes_no_more() -> None:
    row = plan("together", "together", given=[came(1, 0), came(2, 0)])
    assert next_due(row, around(at(9))) is None


# --- over -------------------------------------------------------------------------------------------------------------
def test_a_course_is_finished_once_all_that_comes_once_is_settled() -> None:
    row = plan("together", "together", given=[came(1, 0, settled=1), came(2, 0, settled=8)])
    assert [is_finished(row, around(at(number))) for number in (1, 7, 8)] == [False, False, True]


def test_a_course_with_a_step_to_come_or_with_the_client_is_not_finished() -> None:
    assert not is_finished(plan("together", "when_done", given=[came(1, 0, settled=1)]), around(at(9)))
    assert not is_finished(plan("together", given=[came(1, 0)]), around(at(90)))


def test_a_repetition_is_finished_after_its_last_day_only() -> None:
    row = plan(("weekdays", (0, 1)), until_on=day(8))
    assert [is_finished(row, around(at(number, 21))) for number in (7, 8, 9)] == [False, False, True]
    assert not is_finished(plan(("weekdays", (0, 1))), around(at(900)))


def test_a_last_day_ends_what_comes_once_too() -> None:
    assert is_finished(plan("together", "when_done", until_on=day(8), given=[came(1, 0)]), around(at(9)))
