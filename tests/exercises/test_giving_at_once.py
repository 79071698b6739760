"""Sweeps at once, and a client who acts in the middle of one: nothing comes twice, and no answer is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from exercises import tasks
from exercises.answers import NotWithClient, decline_for_now, say_too_much, submit_answer
from exercises.courses import end_course, go_on, hold_course, resume_course
from exercises.giving import give_due
from exercises.models import Assignment, Course, Mode
from outbox.models import Message
from practice import clock
from practice.models import AuditEntry
from tests.exercises.beginning import DAILY, start
from tests.factories import make_client

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
WEEK = timedelta(days=7)


def at_once(*deeds: Callable[[], object]) -> None:
    """Run deeds in threads that start together; whatever one raises fails the test."""
    begin = Barrier(len(deeds))

    def attempt(deed: Callable[[], object]) -> None:
        try:
            begin.wait()
            deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        for done in [pool.submit(attempt, deed) for deed in deeds]:
            done.result(30)


def let_time_pass(course: Course, **given: object) -> None:
    """Let a course, and what came of it, be a week old."""
    Course.unscoped.filter(pk=course.pk).update(starts_on=clock.today() - WEEK)
    for row in Assignment.unscoped.filter(step__course=course):
        Assignment.unscoped.filter(pk=row.pk).update(
            assigned_at=row.assigned_at - WEEK, occurrence=_older(row.occurrence), **given
        )


def _older(occurrence: str) -> str:
    return occurrence if occurrence == "once" else (clock.today() - WEEK).isoformat()


def test_of_many_sweeps_at_once_each_gives_something_else() -> None:
    courses = [start(make_client(), Mode.TOGETHER, (Mode.EVERY, 2)) for _ in range(4)]
    for course in courses:
        let_time_pass(course)
    at_once(*[tasks.sweep] * THREADS)
    assert Assignment.unscoped.count() == 8
    assert Message.objects.filter(kind="exercise").count() == 8
    assert AuditEntry.objects.filter(deed="exercise.give").count() == 8


def test_of_many_looks_at_one_course_one_gives() -> None:
    course = start(None, DAILY)
    let_time_pass(course)
    at_once(*[lambda: give_due(course.pk)] * THREADS)
    assert sorted(Assignment.unscoped.values_list("state", flat=True)) == ["assigned", "gone_by"]
    assert Message.objects.filter(kind="exercise", state="planned").count() == 1


@pytest.mark.postgres
def test_an_answer_that_comes_in_during_a_sweep_stays_an_answer() -> None:
    """The client's transaction is open when the sweep wants to let their exercise go by, and ends first."""
    course = start(None, DAILY)
    let_time_pass(course)
    first = Assignment.unscoped.select_related("client", "version").get()
    has_answered, swept = Event(), Event()

    def answer() -> None:
        with transaction.atomic():
            submit_answer(assignment=first, sharing="done_only", values={})
            has_answered.set()
            swept.wait(1)  # the sweep is at our row by now, and waits

    def sweep() -> None:
        has_answered.wait(10)
        give_due(course.pk)
        swept.set()

    at_once(answer, sweep)
    first.refresh_from_db()
    assert (first.state, Assignment.unscoped.count()) == ("done", 2)


@pytest.mark.parametrize("deed", [hold_course, resume_course, go_on, end_course])
def test_the_counsellor_the_client_and_the_sweep_do_not_wait_for_each_other(deed: Callable[..., None]) -> None:
    course = start(None, Mode.TOGETHER, Mode.WHEN_DONE, (Mode.EVERY, 2))
    let_time_pass(course)
    row = Assignment.unscoped.select_related("client", "version", "step").get()

    def answer() -> None:
        with suppress(NotWithClient):  # the counsellor was first
            submit_answer(assignment=row, sharing="done_only", values={})

    at_once(answer, answer, *[tasks.sweep] * 3, lambda: deed(actor=course.started_by, course=course))
    pairs = list(Assignment.unscoped.values_list("step", "occurrence"))
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("deed", [decline_for_now, say_too_much])
def test_not_this_week_and_too_much_in_a_sweep_stop_what_comes(deed: Callable[..., None]) -> None:
    course = start(None, Mode.TOGETHER, (Mode.EVERY, 2))
    row = Assignment.unscoped.select_related("client", "version", "step").get()
    let_time_pass(course)
    at_once(tasks.sweep, tasks.sweep, lambda: deed(assignment=row))
    assert Assignment.unscoped.count() in (1, 2)
    tasks.sweep()
    count = Assignment.unscoped.count()
    tasks.sweep()
    assert (Assignment.unscoped.count(), Message.objects.filter(kind="exercise").count()) == (count, count)
