"""One form of a programme sent eight times at once, and deeds that cross: one holds."""

from datetime import timedelta
from uuid import uuid4

import pytest

from exercises import courses
from exercises.courses import CourseClosed, StepWish
from exercises.giving import give_due
from exercises.models import Assignment, Course, Mode
from practice import clock
from practice.models import AuditEntry
from tests.exercises.starting import WORDS, make_programme, newest, start
from tests.exercises.test_at_once import THREADS, at_once
from tests.factories import make_client

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_form_sent_eight_times_at_once_starts_once() -> None:
    client, programme, nonce = make_client(), make_programme((Mode.TOGETHER, 0)), uuid4()
    step = StepWish(newest("gentle-1"), Mode.TOGETHER)

    def begin(_: int) -> None:
        courses.start_course(
            actor=client.counsellor, client=client, steps=[step], words=WORDS, starts_on=clock.today(), nonce=nonce,
            programme=programme,
        )  # fmt: skip

    assert at_once(begin) == {"done": THREADS}
    assert (Course.unscoped.count(), Assignment.unscoped.count(), AuditEntry.objects.count()) == (1, 1, 2)


def test_eight_go_on_while_the_sweep_runs_give_each_step_once() -> None:
    client = make_client()
    course = start(client, (Mode.TOGETHER, 0), (Mode.TOGETHER, 0))
    counsellor = client.counsellor

    def go_on(number: int) -> None:
        if number % 2:
            give_due(course.pk)
            return
        try:
            courses.go_on(actor=counsellor, course=Course.unscoped.get())
        except CourseClosed:
            return

    assert at_once(go_on) == {"done": THREADS}
    assert Assignment.unscoped.count() == 2


def test_a_hold_and_an_end_at_once_leave_it_ended() -> None:
    client = make_client()
    start(client, (Mode.TOGETHER, 0), until_on=clock.today() + timedelta(days=5))
    counsellor = client.counsellor

    def deed(number: int) -> None:
        course = Course.unscoped.get()
        if number % 2:
            courses.end_course(actor=counsellor, course=course)
            return
        try:
            courses.hold_course(actor=counsellor, course=course)
        except CourseClosed:
            return

    assert at_once(deed) == {"done": THREADS}
    assert (Course.unscoped.get().state, Course.unscoped.get().held_why) == ("ended", "")
