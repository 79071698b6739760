"""What comes next of a course, in a phrase."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.dateformat import format as shown

from exercises.giving import around_of, plan_of, with_parts
from exercises.models import Course, Mode
from exercises.running import title_of
from exercises.timing import Due, Plan, next_due
from exercises.watch import meetings_of
from practice import clock
from practice.models import Practice


@dataclass(frozen=True)
class Coming:
    """A course with its title, and what comes next of it or what it waits for."""

    course: Course
    title: str
    phrase: str


def coming_of(courses: Sequence[Course]) -> list[Coming]:
    """Return what comes next of courses that are open, as `running.courses_of` gives them; five queries for any number.

    No sealed value is opened.
    """
    if not courses:
        return []
    whole = {course.pk: course for course in with_parts(course.pk for course in courses)}
    meetings = meetings_of({course.client_id for course in courses})
    practice = Practice.current()
    found = []
    for course in courses:
        plan = plan_of(whole[course.pk])
        due = next_due(plan, around_of(course.client, practice, meetings[course.client_id]))
        found.append(Coming(course, title_of(course), _phrase(course, plan, due, whole[course.pk])))
    return found


def _phrase(course: Course, plan: Plan, due: Due | None, whole: Course) -> str:
    if course.state == Course.State.HELD:
        return "On hold, since it was too much" if course.held_why == Course.Why.TOO_MUCH else "On hold"
    if course.client.mail_stopped_at is not None:
        return "Nothing comes while they have stopped e-mails"
    if due is None:
        return _waits(plan)
    titles = {step.position: step.version.title for step in whole.steps.all()}
    what = "" if len(titles) == 1 else f"{titles[due.position]}, "
    return f"Next: {what}{_day(due)}"


def _day(due: Due) -> str:
    day = clock.local(due.at).date()
    if day <= clock.today():
        return "today"
    return shown(day, "l j F")


def _waits(plan: Plan) -> str:
    """Say what a course waits for that has nothing on a day to come."""
    open_ones = [step for step in plan.steps if step.is_repeating or not plan.of(step)]
    if not open_ones:
        return "All of it has been given"
    if open_ones[0].mode in (Mode.AFTER_SESSION, Mode.BEFORE_SESSION):
        return "Waits for a session to be booked"
    if open_ones[0].mode == Mode.WEEKDAYS:
        return "Nothing more comes"
    return "Waits until the one before is done"
