"""The sweep: what is due is given with its mail, once, to whom it may be given."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone

from clients.models import Client
from exercises import giving
from exercises.answers import Key, decline_for_now, say_too_much, submit_answer
from exercises.courses import go_on, hold_course, resume_course
from exercises.drafts import save_draft
from exercises.models import Assignment, Mode
from tests.exercises import travel
from tests.exercises.beginning import DAILY, came, mails, start
from tests.exercises.factories import damage, deeds, make_token
from tests.exercises.plans import at
from tests.exercises.travel import Clock
from tests.factories import make_client, make_session

pytestmark = pytest.mark.django_db
FIVE = (Mode.TOGETHER, Mode.WHEN_DONE)


@pytest.fixture
def monday() -> Iterator[Clock]:
    with travel.clock() as clock:
        yield clock


def latest() -> Assignment:
    return Assignment.unscoped.select_related("client", "version", "step").latest("assigned_at")


# --- what comes ----------------------------------------------------------------------------------------------
def test_what_is_due_comes_with_its_mail_and_the_courses_words(monday: Clock) -> None:
    start(None, Mode.TOGETHER, (Mode.EVERY, 2), nudges=0)
    monday.to(2)
    assert came() == [("step-1", "Mon 02 Mar 09:00"), ("step-2", "Wed 04 Mar 09:00")]
    assert mails() == [("planned", "Mon 02 Mar 09:00", ""), ("planned", "Wed 04 Mar 09:00", "")]
    row = latest()
    words = (row.personal_line, row.why, row.plan_when, row.plan_where)
    assert words == ("For the walk home.", "You spoke of the harsh voice.", "after supper", "on the back step")
    assert (row.due_on, row.nudges, row.occurrence, row.follows_session) == (date(2026, 3, 11), 0, "once", False)
    assert deeds()[-1] == "exercise.give"


def test_it_is_best_done_before_the_next_session_and_follows_it(monday: Clock) -> None:
    client = make_client()
    session = make_session(client, at(4, 15))
    start(client, Mode.TOGETHER)
    assert (latest().due_on, latest().before, latest().follows_session) == (date(2026, 3, 5), session, True)


def test_a_second_look_gives_nothing(monday: Clock) -> None:
    course = start(None, Mode.TOGETHER, Mode.TOGETHER)
    assert len(came()) == 2
    assert (giving.sweep(), giving.give_due(course.pk), len(came())) == (0, [], 2)


def test_an_answer_lets_the_next_one_come_the_day_after(monday: Clock) -> None:
    start(None, *FIVE)
    submit_answer(assignment=latest(), sharing="shared", values={})
    monday.to(0, 12)
    assert [step for step, _ in came()] == ["step-1"]
    monday.to(1)
    assert came()[1:] == [("step-2", "Tue 03 Mar 09:00")]


def test_not_this_week_rests_seven_days_and_then_goes_on_by_itself(monday: Clock) -> None:
    start(None, *FIVE)
    monday.to(1)
    decline_for_now(assignment=latest())
    for day in range(2, 9):
        monday.to(day, 8, 59)
    assert came() == [("step-1", "Mon 02 Mar 09:00")]
    monday.to(8)
    assert came()[1:] == [("step-2", "Tue 10 Mar 09:00")]


def test_going_on_ends_the_rest_after_not_this_week(monday: Clock) -> None:
    course = start(None, *FIVE)
    monday.to(1, 10)
    decline_for_now(assignment=latest())
    go_on(actor=course.started_by, course=course)
    assert came()[1:] == [("step-2", "Tue 03 Mar 10:00")]


def test_going_on_lets_what_waits_go_by(monday: Clock) -> None:
    course = start(None, *FIVE)
    first = latest()
    monday.to(1, 10)
    go_on(actor=course.started_by, course=course)
    first.refresh_from_db()
    assert (first.state, came()[1:]) == ("gone_by", [("step-2", "Tue 03 Mar 10:00")])
    assert [state for state, _, _ in mails()] == ["dropped", "planned"]


# --- repeated by days --------------------------------------------------------------------------------------
def test_a_daily_one_is_for_its_day_and_the_older_one_goes_by(monday: Clock) -> None:
    start(None, DAILY)
    monday.to(1)
    first, second = Assignment.unscoped.order_by("assigned_at")
    assert (first.state, second.state) == ("gone_by", "assigned")
    assert (first.due_on, second.due_on) == (date(2026, 3, 2), date(2026, 3, 3))
    assert [state for state, _, _ in mails()] == ["dropped", "planned"]
    assert mails("exercise_nudge") == []


def test_the_mail_of_a_day_ends_with_its_day(monday: Clock) -> None:
    start(None, DAILY)
    monday.jump(1, 0, 5)
    assert monday.send(1, 8, 30).expired == 1
    assert mails() == [("expired", "Mon 02 Mar 09:00", "its time had passed")]


def test_days_on_which_no_worker_looked_stay_missed(monday: Clock) -> None:
    start(None, DAILY)
    monday.to(3, 14, 30)
    assert came() == [("step-1", "Mon 02 Mar 09:00"), ("step-1", "Thu 05 Mar 14:30")]


def test_who_is_writing_is_left_in_peace(monday: Clock) -> None:
    start(None, DAILY)
    monday.to(0, 19)
    token = make_token(latest())
    save_draft(assignment=latest(), typed={"q_line": "You ag"}, key=Key(latest().pk, token))
    monday.to(1)
    assert (len(came()), latest().state) == (1, "assigned")
    monday.to(2)
    assert [day for _, day in came()] == ["Mon 02 Mar 09:00", "Wed 04 Mar 09:00"]


# --- what holds it up ------------------------------------------------------------------------------------------
def test_for_who_stopped_mail_it_waits(monday: Clock) -> None:
    course = start(None, Mode.TOGETHER, (Mode.EVERY, 2))
    client = Client.unscoped.filter(pk=course.client_id)
    client.update(mail_stopped_at=timezone.now())
    monday.to(4)
    assert len(came()) == 1
    client.update(mail_stopped_at=None)
    monday.to(5, 11)
    assert came()[1:] == [("step-2", "Sat 07 Mar 11:00")]


def test_in_a_pause_nothing_comes_and_afterwards_one_a_day(monday: Clock) -> None:
    dates = [(Mode.ON_DATE, date(2026, 3, day)) for day in (3, 4)]
    course = start(None, *dates)
    Client.unscoped.filter(pk=course.client_id).update(paused_until=date(2026, 3, 9))
    for day in (1, 3, 6, 7, 8):
        monday.to(day)
    assert came() == [("step-1", "Mon 09 Mar 09:00"), ("step-2", "Tue 10 Mar 09:00")]


def test_a_hold_stops_it_and_taking_it_up_makes_up_for_it(monday: Clock) -> None:
    course = start(None, Mode.TOGETHER, (Mode.EVERY, 2), (Mode.EVERY, 2))
    hold_course(actor=course.started_by, course=course)
    monday.to(6)
    assert len(came()) == 1
    resume_course(actor=course.started_by, course=course)
    monday.to(7)
    assert came()[1:] == [("step-2", "Sun 08 Mar 09:00")]


def test_too_much_holds_the_course(monday: Clock) -> None:
    course = start(None, *FIVE)
    say_too_much(assignment=latest())
    monday.to(30)
    course.refresh_from_db()
    assert (course.state, course.held_why, len(came())) == ("held", "too_much", 1)


def test_where_the_work_has_ended_the_course_is_closed(monday: Clock) -> None:
    course = start(None, Mode.TOGETHER, (Mode.EVERY, 2))
    Client.unscoped.filter(pk=course.client_id).update(state=Client.State.ENDED, ended_at=timezone.now())
    monday.to(2)
    course.refresh_from_db()
    assert (course.state, len(came()), deeds()[-1]) == ("ended", 1, "course.end")


def test_a_course_that_has_run_its_length_is_finished(monday: Clock) -> None:
    course = start(None, DAILY, until_on=date(2026, 3, 3))
    for day in (1, 2, 3):
        monday.to(day)
    course.refresh_from_db()
    assert (course.state, len(came()), deeds()[-1]) == ("finished", 2, "course.finish")


def test_a_course_of_who_stopped_mail_is_finished_too(monday: Clock) -> None:
    course = start(None, DAILY, until_on=date(2026, 3, 3))
    Client.unscoped.filter(pk=course.client_id).update(mail_stopped_at=timezone.now())
    monday.to(2)
    course.refresh_from_db()
    assert course.state == "finished"


def test_a_record_that_does_not_open_holds_up_nobody_else(monday: Clock) -> None:
    start(None, Mode.TOGETHER, (Mode.EVERY, 2))
    damage("exercises_course", "why")
    other = start(None, Mode.TOGETHER, (Mode.EVERY, 2))
    monday.to(2)
    assert len(came()) == 3
    assert latest().client == other.client


# --- who came too late -------------------------------------------------------------------------------------------
def test_what_was_missed_by_a_course_bound_to_sessions(monday: Clock) -> None:
    client = make_client()
    make_session(client, at(0, 15))
    start(client, (Mode.AFTER_SESSION, 1))
    monday.to(3, 12)
    assert came() == [("step-1", "Thu 05 Mar 12:00")]
    assert timezone.now() - latest().assigned_at == timedelta(0)
