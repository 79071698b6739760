"""Deeds on courses: start, hold, take up again, go on, end; each harmless the second time."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from exercises import courses
from exercises.answers import decline_for_now
from exercises.courses import AlreadyRuns, CourseClosed, StepWish, Words
from exercises.giving import give_due
from exercises.models import Assignment, Course, CourseStep, Mode
from exercises.services import FormUsed, MayNotBeMailed
from outbox.models import Message
from practice import clock
from tests.exercises.assigning import MONDAY
from tests.exercises.factories import deeds, make_version, refuse_audit
from tests.exercises.starting import make_programme, newest, repeat, start
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db
State = Course.State
THREE = ((Mode.TOGETHER, 0), (Mode.WHEN_DONE, 0), (Mode.EVERY, 3))


def titles(state: str = "assigned") -> list[str]:
    rows = Assignment.unscoped.filter(state=state).order_by("assigned_at")
    return list(rows.values_list("version__title", flat=True))


def fresh() -> Course:
    return Course.unscoped.get()


# --- start ---------------------------------------------------------------------------------------------
def test_starting_copies_the_steps_and_gives_what_is_due() -> None:
    client = make_client()
    course = start(client, *THREE, nudges=2, is_practised_together=True)
    steps = CourseStep.unscoped.values_list("position", "version__title", "mode", "days", "client")
    assert list(steps) == [
        (1, "Step 1", "together", 0, client.pk), (2, "Step 2", "when_done", 0, client.pk),
        (3, "Step 3", "every", 3, client.pk),
    ]  # fmt: skip
    given = Assignment.unscoped.get()
    assert (given.step.course, given.nudges, given.is_practised_together, given.why) == (  # type: ignore[union-attr]
        course, 2, True, "You spoke of the harsh voice.",
    )  # fmt: skip
    assert deeds() == ["course.start", "exercise.give"]


def test_a_programme_that_changes_changes_nothing_that_runs() -> None:
    programme = make_programme(*THREE[:1])
    start(make_client(), *THREE[:1], programme=programme)
    programme.steps.all().delete()
    make_version("gentle-1", title="Newer words")
    assert CourseStep.unscoped.get().version.title == "Step 1"


def test_the_same_form_twice_starts_once() -> None:
    client, nonce = make_client(), uuid4()
    programme = make_programme(*THREE[:1])
    one, two = (start(client, *THREE[:1], programme=programme, nonce=nonce) for _ in range(2))
    assert (one, Course.unscoped.count(), Assignment.unscoped.count()) == (two, 1, 1)
    assert deeds() == ["course.start", "exercise.give"]


def test_a_form_that_was_used_for_another_client_is_refused() -> None:
    counsellor, nonce = make_user(), uuid4()
    start(make_client(counsellor), *THREE[:1], nonce=nonce)
    with pytest.raises(FormUsed):
        start(make_client(counsellor), *THREE[:1], nonce=nonce)


def test_the_same_programme_or_repetition_does_not_run_twice() -> None:
    client, programme, version = make_client(), make_programme(*THREE[:1]), make_version()
    start(client, *THREE[:1], programme=programme)
    repeat(client, version=version)
    with pytest.raises(AlreadyRuns):
        start(client, *THREE[:1], programme=programme)
    with pytest.raises(AlreadyRuns):
        repeat(client, version=version)
    start(make_client(), *THREE[:1], programme=programme)
    assert Course.unscoped.count() == 3


def test_what_has_ended_can_be_started_again() -> None:
    client, programme = make_client(), make_programme(*THREE[:1])
    first = start(client, *THREE[:1], programme=programme)
    courses.end_course(actor=client.counsellor, course=first)
    assert start(client, *THREE[:1], programme=programme).is_running


@pytest.mark.parametrize(
    "fields", [{"may_email": "no"}, {"mail_stopped_at": timezone.now()}, {"state": "ended", "ended_at": timezone.now()}]
)
def test_nothing_starts_for_somebody_who_may_not_be_mailed(fields: dict[str, Any]) -> None:
    with pytest.raises(MayNotBeMailed):
        start(make_client(**fields), *THREE[:1])
    assert (Course.unscoped.count(), deeds()) == (0, [])


@pytest.mark.parametrize("words", [Words(" ", "b", "c"), Words("a", "", "c"), Words("a", "b", " ")])
def test_nothing_starts_without_a_line_a_why_and_a_plan(words: Words) -> None:
    with pytest.raises(ValueError, match="needs steps, a personal line"):
        start(make_client(), *THREE[:1], words=words)


@pytest.mark.parametrize(
    "step",
    [
        {"mode": "sometimes"}, {"mode": Mode.TOGETHER, "days": 2}, {"mode": Mode.ON_DATE}, {"mode": Mode.WEEKDAYS},
        {"mode": Mode.WEEKDAYS, "weekdays": [7]}, {"mode": Mode.EVERY, "weekdays": [1]},
        {"mode": Mode.EVERY, "on_date": clock.today()},
    ],
)  # fmt: skip
def test_what_is_no_step_is_refused(step: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no step of a course"):
        start(make_client(), programme=make_programme(), steps=[StepWish(make_version(), **step)])


def test_without_steps_or_a_session_to_run_until_it_is_refused() -> None:
    with pytest.raises(ValueError, match="needs steps"):
        start(make_client(), programme=make_programme())
    with pytest.raises(ValueError, match="No session"):
        repeat(make_client(), until_on=None, until_session=True)


def test_until_the_next_session_ends_on_the_day_before() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client()
        session = make_session(client, MONDAY + timedelta(days=8))
        course = repeat(client, until_on=None, until_session=True)
    assert (course.before, str(course.until_on)) == (session, "2026-11-30")


def test_where_the_trail_refuses_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client()
    refuse_audit(monkeypatch)
    with pytest.raises(Exception, match="no room in the trail"):
        start(client, *THREE[:1])
    assert (Course.unscoped.count(), Assignment.unscoped.count(), Message.objects.count()) == (0, 0, 0)


# --- hold and take up again ------------------------------------------------------------------------------
def test_a_hold_stops_steps_and_reminders_and_taking_up_brings_both_back() -> None:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        client = make_client()
        course = start(client, (Mode.TOGETHER, 0), (Mode.EVERY, 3))
        for _ in range(2):
            courses.hold_course(actor=client.counsellor, course=course)
        held = fresh()
        assert (held.state, held.held_why) == (State.HELD, "counsellor")
        nudges = Message.objects.filter(kind="exercise_nudge")
        assert list(nudges.values_list("state", flat=True)) == ["dropped"]
        traveller.shift(timedelta(days=3))
        assert give_due(course.pk) == []
        for _ in range(2):
            courses.resume_course(actor=client.counsellor, course=course)
        assert (fresh().state, titles()) == (State.RUNNING, ["Step 1", "Step 2"])
        assert "planned" in nudges.values_list("state", flat=True)
    assert deeds() == ["course.start", "exercise.give", "course.hold", "course.resume", "exercise.give"]


# --- go on ---------------------------------------------------------------------------------------------
def test_going_on_brings_the_next_step_without_an_answer() -> None:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        client = make_client()
        course = start(client, (Mode.TOGETHER, 0), (Mode.WHEN_DONE, 0))
        traveller.shift(timedelta(days=1))
        courses.go_on(actor=client.counsellor, course=course)
        assert (titles("gone_by"), titles()) == (["Step 1"], ["Step 2"])
    assert deeds()[-2:] == ["course.go_on", "exercise.give"]


def test_going_on_ends_the_rest_after_not_this_week() -> None:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        client = make_client()
        course = start(client, (Mode.TOGETHER, 0), (Mode.EVERY, 1))
        decline_for_now(assignment=Assignment.unscoped.get())
        traveller.shift(timedelta(days=1))
        assert give_due(course.pk) == []
        courses.go_on(actor=client.counsellor, course=course)
        assert (fresh().rests_until, titles()) == (None, ["Step 2"])


# --- end -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("reached_them", "after"), [(True, "assigned"), (False, "withdrawn")])
def test_ending_leaves_what_reached_the_client_and_takes_back_what_had_not(reached_them: bool, after: str) -> None:
    client = make_client()
    course = start(client, *THREE)
    if reached_them:
        now = timezone.now()
        Message.objects.filter(kind="exercise").update(state="sent", sent_at=now, dispatched_at=now)
    for _ in range(2):
        courses.end_course(actor=client.counsellor, course=course)
    ended = fresh()
    assert (ended.state, ended.closed_at is not None, titles(after)) == (State.ENDED, True, ["Step 1"])
    assert list(Message.objects.filter(kind="exercise_nudge").values_list("state", flat=True)) == ["dropped"]
    assert deeds() == ["course.start", "exercise.give", "course.end"]


@pytest.mark.parametrize("deed", [courses.hold_course, courses.resume_course, courses.go_on])
def test_what_has_ended_is_not_changed_any_more(deed: Any) -> None:
    client = make_client()
    course = start(client, *THREE)
    courses.end_course(actor=client.counsellor, course=course)
    with pytest.raises(CourseClosed):
        deed(actor=client.counsellor, course=course)
    assert (fresh().state, newest(f"{course.programme.slug}-1").title) == (State.ENDED, "Step 1")  # type: ignore[union-attr]
