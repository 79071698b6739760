"""What a course does in corners: two at once, a rest, a session moved by a slip, a mail that was kept back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from clients.services import start_mail, stop_mail
from exercises import answers, authoring, courses, following, giving
from exercises.courses import StepWish, Words, start_course
from exercises.mail import render_nudge
from exercises.models import Assignment, Course, Exercise, Mode, Programme
from exercises.patterns import history
from exercises.planning import MAIL_KIND, NUDGE_KIND
from outbox.kinds import Dropped
from outbox.models import Message
from outbox.sender import send_due
from practice import clock
from sessions.services import move_session
from tests.conftest import SmtpSink
from tests.exercises.factories import browser_of, deeds, make_assignment, make_version
from tests.factories import make_client, make_user
from tests.sessions.factories import FIFTY, book

pytestmark = pytest.mark.django_db
State = Assignment.State
MONDAY = datetime(2026, 11, 2, 9, 30, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


SESSION_STEPS = (("one", Mode.TOGETHER), ("two", Mode.BEFORE_SESSION))


def start(client: Any, *steps: StepWish, **terms: Any) -> Course:
    return start_course(
        actor=client.counsellor, client=client, steps=steps, words=Words("Gently.", "You asked.", "mornings"),
        nonce=uuid4(), **{"starts_on": clock.today(), **terms},
    )  # fmt: skip


def came(course: Course) -> list[tuple[int, str]]:
    rows = Assignment.unscoped.filter(step__course=course).order_by("step__position", "assigned_at")
    return list(rows.values_list("step__position", "state"))


@pytest.mark.parametrize("state", [State.NOT_NOW, State.GONE_BY])
def test_too_much_is_heard_also_of_what_was_put_off_or_has_gone_by(state: str) -> None:
    assignment = make_assignment(state=state)
    Assignment.unscoped.update(reviewed_at=timezone.now())

    answers.say_too_much(assignment=assignment)

    kept = Assignment.unscoped.get()
    assert (kept.state, kept.answered_at is not None, kept.reviewed_at) == (State.TOO_MUCH, True, None)
    assert deeds() == ["exercise.too_much"]


def test_a_repetition_leaves_the_same_exercise_of_a_programme_alone(monday: Any) -> None:
    client = make_client()
    first, second = make_version("first"), make_version("second")
    programme = Programme.objects.create(slug="two", title="Two")
    course = start(client, StepWish(first, Mode.TOGETHER), StepWish(second, Mode.WHEN_DONE), programme=programme)
    start(client, StepWish(first, Mode.WEEKDAYS, weekdays=range(7)))

    monday.move_to(MONDAY + timedelta(days=1))
    giving.sweep()

    assert came(course) == [(1, State.ASSIGNED)]


def test_no_nudge_of_a_course_comes_in_the_week_that_was_not_the_one(monday: Any) -> None:
    client = make_client()
    versions = make_version("first"), make_version("second")
    course = start(client, *(StepWish(version, Mode.TOGETHER) for version in versions))
    Message.objects.filter(kind=MAIL_KIND).update(state="sent", sent_at=MONDAY, dispatched_at=MONDAY)
    one, other = Assignment.unscoped.filter(step__course=course).order_by("step__position")

    answers.decline_for_now(assignment=one)

    nudge = Message.objects.get(kind=NUDGE_KIND, subject_id=other.pk)
    monday.move_to(nudge.due_at)
    assert render_nudge(nudge) == Dropped("not this week")


def test_a_session_dragged_to_today_and_back_ends_nothing(monday: Any) -> None:
    client = make_client()
    session = book(client, MONDAY + timedelta(days=8))
    course = start(client, StepWish(make_version(), Mode.WEEKDAYS, weekdays=range(7)), until_session=True)
    for starts_at in (MONDAY + timedelta(hours=5), MONDAY + timedelta(days=8)):
        session.refresh_from_db()
        move_session(actor=client.counsellor, session=session, starts_at=starts_at, length=FIFTY)
        following.follow_sessions()
        giving.sweep()

    course.refresh_from_db()
    assert (course.state, course.until_on) == (Course.State.RUNNING, (MONDAY + timedelta(days=7)).date())


def test_what_is_on_hold_follows_its_session_too(monday: Any) -> None:
    client = make_client()
    session = book(client, MONDAY + timedelta(days=3))
    course = start(client, StepWish(make_version(), Mode.WEEKDAYS, weekdays=range(7)), until_session=True)
    courses.hold_course(actor=client.counsellor, course=course)
    move_session(
        actor=client.counsellor, session=session, starts_at=MONDAY + timedelta(days=17), length=FIFTY
    )  # fmt: skip
    following.follow_sessions()

    monday.move_to(MONDAY + timedelta(days=4))
    courses.resume_course(actor=client.counsellor, course=course)

    course.refresh_from_db()
    assert (course.state, course.until_on) == (Course.State.RUNNING, (MONDAY + timedelta(days=16)).date())


def test_a_step_whose_mail_was_kept_back_comes_once_mail_is_on_again(monday: Any, smtp_sink: SmtpSink) -> None:
    client = make_client()
    start(client, StepWish(make_version(), Mode.TOGETHER))
    stop_mail(client=client)
    assert send_due().dropped == 1
    giving.sweep()
    assert Message.objects.filter(kind=MAIL_KIND, state="planned").count() == 0

    client.refresh_from_db()
    start_mail(client=client)
    giving.sweep()
    giving.sweep()

    assert send_due().sent == 1
    giving.sweep()
    assert send_due().sent == 0


def test_a_mail_that_a_person_dropped_stays_dropped() -> None:
    client = make_client()
    start(client, StepWish(make_version(), Mode.TOGETHER))
    Message.objects.filter(kind=MAIL_KIND).update(state="dropped", reason="dropped by hand")

    giving.sweep()

    assert list(Message.objects.filter(kind=MAIL_KIND).values_list("state", flat=True)) == ["dropped"]


def test_going_on_takes_nothing_away_where_nothing_would_come() -> None:
    client = make_client()
    course = start(client, *(StepWish(make_version(slug), mode) for slug, mode in SESSION_STEPS))

    assert courses.go_on(actor=client.counsellor, course=course) is False

    assert (came(course), deeds()[-1]) == ([(1, State.ASSIGNED)], "exercise.give")


def test_going_on_twice_from_one_page_goes_one_step() -> None:
    client = make_client()
    wishes = [StepWish(make_version(slug), Mode.WHEN_DONE) for slug in ("one", "two", "three")]
    course = start(client, *wishes)

    done = [courses.go_on(actor=client.counsellor, course=course, seen=1) for _ in range(2)]

    assert (done, came(course)) == ([True, False], [(1, State.GONE_BY)])


def test_an_exercise_in_a_shared_programme_stays_shared() -> None:
    me = make_user()
    version = make_version(slug="mine")
    Exercise.objects.update(made_by=me, is_shared=True)
    programme = Programme.objects.create(slug="ours", title="Ours", made_by=me, is_shared=True)
    programme.steps.create(position=1, exercise=version.exercise, mode=Mode.TOGETHER)

    with pytest.raises(authoring.StillHeld):
        authoring.unshare(actor=me, exercise=version.exercise)
    page = browser_of(me).post(reverse("exercises:offer", args=["mine"]), {"deed": "unshare"}, follow=True)

    assert "it stays shared for now" in page.content.decode()
    assert Exercise.objects.get().is_shared


def test_questions_that_two_exercises_number_alike_are_two_measures() -> None:
    client = make_client()
    for slug, label in (("tense", "How tense are you?"), ("warm", "How warm do you feel?")):
        question = {
            "name": "q1",
            "kind": "before_after",
            "label": label,
            "help": "",
            "low": "not at all",
            "high": "very",
        }
        values = {"q1": {"before": 2, "after": 3}}
        make_assignment(client, version=make_version(slug, fields=[question]), state=State.DONE, answer=values)

    found = history(Assignment.unscoped.select_related("version", "answer"))

    assert [measure.label for measure in found.before_after] == ["How tense are you?", "How warm do you feel?"]


@pytest.mark.parametrize("page", ["exercises:write", "exercises:programme_write"])
def test_a_null_byte_in_an_address_is_not_found(page: str) -> None:
    assert browser_of(make_user()).get(f"{reverse(page)}?from=%00").status_code == 404
