"""Deeds on courses, and those by which the work ends and begins again."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

from clients import ending as clients_ending
from exercises import courses, ending
from exercises.courses import start_course
from exercises.giving import give_due
from exercises.models import Course, Mode
from practice import clock
from tests.deeds.registry import Deed, deed
from tests.exercises.beginning import WORDS, start, wishes
from tests.factories import make_client, make_session

HELD = {"state": Course.State.HELD, "held_why": Course.Why.COUNSELLOR}


def _begun(**changes: object) -> Course:
    """Return a course of which one exercise is with the client and the next waits for it."""
    course = start(None, Mode.TOGETHER, Mode.WHEN_DONE)
    Course.unscoped.filter(pk=course.pk).update(**changes)
    return course


def _due() -> Course:
    """Return a course of which something is due that did not come."""
    course = start(None, (Mode.EVERY, 3))
    Course.unscoped.filter(pk=course.pk).update(starts_on=clock.today() - timedelta(days=10))
    return course


@deed("exercises.courses.start_course")
def _start_course() -> Deed:
    client, steps = make_client(), wishes(Mode.TOGETHER, Mode.TOGETHER)
    return partial(
        start_course,
        actor=client.counsellor, client=client, steps=steps, words=WORDS, starts_on=clock.today(), nonce=uuid4(),
    )  # fmt: skip


@deed("exercises.courses.hold_course")
def _hold_course() -> Deed:
    course = _begun()
    return partial(courses.hold_course, actor=course.started_by, course=course)


@deed("exercises.courses.resume_course")
def _resume_course() -> Deed:
    course = _due()
    Course.unscoped.filter(pk=course.pk).update(**HELD)
    return partial(courses.resume_course, actor=course.started_by, course=course)


@deed("exercises.courses.go_on")
def _go_on() -> Deed:
    course = _begun()
    return partial(courses.go_on, actor=course.started_by, course=course)


@deed("exercises.courses.end_course")
def _end_course() -> Deed:
    course = _begun()
    return partial(courses.end_course, actor=course.started_by, course=course)


@deed("exercises.giving.Round.note")
def _give_due() -> Deed:
    return partial(give_due, _due().pk)


@deed("exercises.ending.end_work")
def _end_work() -> Deed:
    course = _begun()
    make_session(course.client)
    return partial(ending.end_work, actor=course.started_by, client=course.client)


@deed("clients.ending.take_up_again")
def _take_up_again() -> Deed:
    course = _begun()
    ending.end_work(actor=course.started_by, client=course.client)
    return partial(clients_ending.take_up_again, actor=course.started_by, client=course.client)
