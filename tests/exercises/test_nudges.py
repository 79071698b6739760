"""Friendly reminders: at most their number, in allowed hours, and never once they are not wanted any more."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone

from clients.models import Client
from exercises import place
from exercises.answers import Key, decline_for_now, say_too_much, submit_answer
from exercises.courses import end_course, hold_course, resume_course
from exercises.drafts import save_draft
from exercises.models import Assignment, Course, Mode
from exercises.services import send_again, withdraw_assignment
from sessions.services import move_session
from tests.conftest import SmtpSink
from tests.exercises import travel
from tests.exercises.beginning import mails, start
from tests.exercises.factories import assign, make_token
from tests.exercises.plans import at
from tests.exercises.travel import Clock
from tests.factories import make_client, make_session

pytestmark = pytest.mark.django_db
THURSDAY = date(2026, 3, 5)


@pytest.fixture
def monday() -> Iterator[Clock]:
    with travel.clock() as clock:
        yield clock


def given(client: Client | None = None, **fields: object) -> Assignment:
    """Give an exercise on Monday that is best done by Thursday."""
    return assign(client or make_client(), **{"due_on": THURSDAY, "send_at": at(0), "nudges": 1, **fields})


def nudges() -> list[tuple[str, str, str]]:
    return mails("exercise_nudge")


def test_one_comes_on_the_day_before_the_last_at_the_clients_hour(monday: Clock, smtp_sink: SmtpSink) -> None:
    given(make_client(preferred_hour=18))
    sent = [monday.send(day, hour).sent for day in range(6) for hour in (9, 17, 18)]
    assert sent == [1, 0, 0, 0, 0, 0, 0, 0, 1, *[0] * 9]
    assert nudges() == [("sent", "Wed 04 Mar 18:00", "")]


@pytest.mark.parametrize(("count", "days"), [(0, []), (1, ["Wed 04"]), (2, ["Tue 03", "Wed 04"])])
def test_there_are_as_many_as_were_wished_for(monday: Clock, count: int, days: list[str]) -> None:
    given(nudges=count)
    assert [due[:6] for _, due, _ in nudges()] == days


def test_where_there_is_no_day_between_there_is_none(monday: Clock) -> None:
    given(due_on=date(2026, 3, 2), nudges=2)
    assert nudges() == []


@pytest.mark.parametrize(
    "deed",
    [
        lambda row: submit_answer(assignment=row, sharing="done_only", values={}),
        lambda row: decline_for_now(assignment=row),
        lambda row: say_too_much(assignment=row),
        lambda row: withdraw_assignment(actor=row.assigned_by, assignment=row),
        lambda row: place.pause(client=row.client, until=date(2026, 3, 20)),
    ],
    ids=["done", "not this week", "too much", "withdrawn", "paused"],
)
def test_it_is_dropped_with_the_deed(monday: Clock, smtp_sink: SmtpSink, deed: Callable[[Assignment], object]) -> None:
    row = given()
    monday.send(0)
    deed(row)
    assert [state for state, _, _ in nudges()] == ["dropped"]
    assert [monday.send(day).sent for day in range(1, 7)] == [0] * 6


def test_on_hold_and_after_the_end_none_is_sent(monday: Clock, smtp_sink: SmtpSink) -> None:
    for deed in (hold_course, end_course):
        course = start(None, Mode.TOGETHER)
        monday.send(0)
        deed(actor=course.started_by, course=course)
    assert [state for state, _, _ in nudges()] == ["dropped", "dropped"]
    assert [monday.send(day).sent for day in range(1, 8)] == [0] * 7


def test_taken_up_again_it_is_planned_again_and_past_ones_are_not(monday: Clock, smtp_sink: SmtpSink) -> None:
    course = start(None, Mode.TOGETHER, nudges=2)
    monday.send(0)
    assert [due[:10] for _, due, _ in nudges()] == ["Thu 05 Mar", "Sun 08 Mar"]
    hold_course(actor=course.started_by, course=course)
    monday.send(4)
    resume_course(actor=course.started_by, course=course)
    assert [(state, due[:6]) for state, due, _ in nudges()] == [("dropped", "Thu 05"), ("planned", "Sun 08")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda row: Client.unscoped.update(paused_until=date(2026, 3, 20)), "the client pauses"),
        (lambda row: Client.unscoped.update(mail_stopped_at=timezone.now()), "client stopped e-mails"),
        (lambda row: Assignment.unscoped.update(state="done", answered_at=timezone.now()), "already answered"),
        (lambda row: Course.unscoped.update(state="held", held_why="counsellor"), "on hold"),
        (lambda row: Course.unscoped.update(state="ended", closed_at=timezone.now()), "the programme was ended"),
    ],
)
def test_it_asks_once_more_when_it_is_sent(
    monday: Clock, smtp_sink: SmtpSink, change: Callable[[Assignment], object], reason: str
) -> None:
    start(None, Mode.TOGETHER, (Mode.EVERY, 30))
    monday.send(0)
    monday.to(6, 8)
    change(Assignment.unscoped.get())
    monday.send(6)
    assert nudges() == [("dropped", "Sun 08 Mar 09:00", reason)]


def test_not_while_its_own_mail_has_not_left(monday: Clock, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer = "451 try later"
    given()
    monday.send(0)
    smtp_sink.answer = "250 OK"
    assert monday.send(2).sent == 1
    assert ([state for state, _, _ in mails()], nudges()[0][0]) == (["sent"], "dropped")


def test_not_on_the_day_on_which_its_mail_left_late(monday: Clock, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer = "451 try later"
    given(make_client(preferred_hour=15))
    monday.send(0)
    smtp_sink.answer = "250 OK"
    assert (monday.send(2, 10).sent, monday.send(2, 15).sent) == (1, 0)
    assert nudges() == [("dropped", "Wed 04 Mar 15:00", "its own mail left today")]


def test_not_while_the_client_is_writing(monday: Clock, smtp_sink: SmtpSink) -> None:
    row = given()
    monday.send(0)
    monday.to(1, 20)
    save_draft(assignment=row, typed={"q_line": "You ag"}, key=Key(row.pk, make_token(row)))
    assert monday.send(2).sent == 0
    assert nudges() == [("dropped", "Wed 04 Mar 09:00", "the client is writing")]


def test_one_that_was_sent_counts_when_the_session_moves(monday: Clock, smtp_sink: SmtpSink) -> None:
    client = make_client()
    session = make_session(client, at(4, 15))
    given(client, follows_session=True)
    assert [monday.send(day).sent for day in (0, 1, 2)] == [1, 0, 1]
    move_session(actor=session.counsellor, session=session, starts_at=at(11, 15), length=timedelta(minutes=50))
    for day in range(2, 12):
        monday.send(day)
    assert nudges() == [("sent", "Wed 04 Mar 09:00", "")]
    assert Assignment.unscoped.get().due_on == date(2026, 3, 12)


def test_of_two_the_second_follows_the_session(monday: Clock, smtp_sink: SmtpSink) -> None:
    client = make_client()
    session = make_session(client, at(4, 15))
    given(client, follows_session=True, nudges=2)
    assert [monday.send(day).sent for day in (0, 1)] == [1, 1]
    move_session(actor=session.counsellor, session=session, starts_at=at(11, 15), length=timedelta(minutes=50))
    for day in range(2, 12):
        monday.send(day)
    assert nudges() == [("sent", "Tue 03 Mar 09:00", ""), ("sent", "Wed 11 Mar 09:00", "")]


def test_a_mail_sent_again_is_followed_by_no_more_of_them(monday: Clock, smtp_sink: SmtpSink) -> None:
    row = given(due_on=date(2026, 3, 9))
    assert [monday.send(day).sent for day in (0, 6)] == [1, 1]
    send_again(actor=row.assigned_by, assignment=row)
    assert [monday.send(6, 12).sent, monday.send(7).sent, monday.send(8).sent] == [1, 0, 0]


def test_outside_the_hours_it_does_not_leave_and_the_day_after_not_either(monday: Clock, smtp_sink: SmtpSink) -> None:
    given()
    monday.send(0)
    monday.jump(2, 20, 30)
    assert (monday.send(2, 20, 30).sent, monday.send(3, 9).sent) == (0, 0)
    assert nudges()[0][0] == "expired"


# --- the mail itself in a pause ------------------------------------------------------------------------------
def test_a_mail_waits_for_the_end_of_the_pause(monday: Clock, smtp_sink: SmtpSink) -> None:
    row = given(send_at=at(1))
    place.pause(client=row.client, until=date(2026, 3, 6))
    sent = [(day, hour) for day in range(1, 7) for hour in (8, 9, 10) if monday.send(day, hour).sent]
    assert sent == [(4, 9)]


def test_a_mail_due_in_a_pause_that_nobody_moved_waits_too(monday: Clock, smtp_sink: SmtpSink) -> None:
    row = given(send_at=at(1))
    Client.unscoped.filter(pk=row.client_id).update(paused_until=date(2026, 3, 6))
    sent = [(day, hour) for day in range(1, 7) for hour in (8, 9, 10) if monday.send(day, hour).sent]
    assert sent == [(4, 9)]
