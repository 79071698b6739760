"""What a course's page says: its steps with what came of each, and what comes next, or why nothing does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.dateformat import format as shown

from exercises.giving import around_of, plan_of, with_parts
from exercises.mode_words import when_it_comes
from exercises.models import Assignment, Course, CourseStep, ExerciseVersion, Mode
from exercises.planning import MAIL_KIND
from exercises.running import title_of
from exercises.selectors import Badge, badge_of
from exercises.sentences import why_no_mail
from exercises.timing import Around, Due, due_without_waiting, next_due
from exercises.watch import meetings_of
from outbox.models import Message
from outbox.selectors import messages_for
from practice import clock
from practice.models import Practice

SHOWN = 7
# "Tuesday 1 December at 09:00".
AT = "l j F \\a\\t H:i"
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
BADGES = {
    Course.State.RUNNING: Badge("Running", "ok"),
    Course.State.HELD: Badge("On hold", "wait"),
    Course.State.FINISHED: Badge("Finished", "soft"),
    Course.State.ENDED: Badge("Ended", "soft"),
}


@dataclass(frozen=True)
class Coming:
    """One coming of a step: what was given, where it stands, and when its mail left."""

    assignment: Assignment
    badge: Badge
    sent_at: datetime | None


@dataclass(frozen=True)
class StepLine:
    """One step, when it comes, and what came of it, the newest first; `older` is what a page folds away."""

    version: ExerciseVersion
    when: str
    comings: list[Coming]
    older: list[Coming]
    is_next: bool


@dataclass(frozen=True)
class CoursePage:
    """A course as its page shows it. `may_go_on`: a step waits that could come without waiting."""

    course: Course
    title: str
    badge: Badge
    lines: list[StepLine]
    comes_next: str
    may_go_on: bool
    # How many comings there are so far: "go on" from an older page is refused.
    seen: int


def page_of(course_id: UUID) -> CoursePage:
    """Return the page of a course that the caller has looked up for its viewer."""
    (course,) = with_parts([course_id])
    steps: list[CourseStep] = list(course.steps.all())
    around = around_of(course.client, Practice.current(), meetings_of([course.client_id])[course.client_id])
    plan = plan_of(course)
    due = next_due(plan, around) if course.is_running else None
    mails = messages_for(each.pk for step in steps for each in came_of(step))
    return CoursePage(
        course=course,
        title=title_of(course),
        badge=BADGES[Course.State(course.state)],
        lines=[_line(step, mails, due) for step in steps],
        comes_next=_comes_next(course, steps, due, around) if course.is_open else "",
        may_go_on=course.is_running and due_without_waiting(plan, around) is not None,
        seen=len(plan.given),
    )


def when_of(step: CourseStep) -> str:
    """Return when a step of a course comes; its days and its date are known by now."""
    if step.mode == Mode.WEEKDAYS:
        return "every day" if len(step.weekdays) == len(DAYS) else f"on {_listed([DAYS[day] for day in step.weekdays])}"
    if step.on_date is not None:
        return f"on {shown(step.on_date, 'l j F')}"
    return when_it_comes(step.mode, step.days, is_first=step.position == 1)


def came_of(step: CourseStep) -> list[Assignment]:
    """Return what was given of a step that `with_parts` has read, the oldest first."""
    came: list[Assignment] = step.came  # type: ignore[attr-defined]  # prefetched
    return came


def _line(step: CourseStep, mails: dict[UUID, list[Message]], due: Due | None) -> StepLine:
    comings = [Coming(each, badge_of(each), _left_at(mails[each.pk])) for each in reversed(came_of(step))]
    is_next = due is not None and due.position == step.position
    return StepLine(step.version, when_of(step), comings[:SHOWN], comings[SHOWN:], is_next)


def _left_at(mails: Sequence[Message]) -> datetime | None:
    return min((mail.sent_at for mail in mails if mail.kind == MAIL_KIND and mail.sent_at), default=None)


def _comes_next(course: Course, steps: Sequence[CourseStep], due: Due | None, around: Around) -> str:
    """Return the sentences on what comes next; what holds it back comes first."""
    if course.held_why == Course.Why.TOO_MUCH:
        return "They said that it was too much, so it rests. Nothing more comes until you take it up again."
    if course.held_why:
        return "Nothing comes while it is on hold."
    refusal = why_no_mail(course.client)
    if refusal:
        return refusal
    return " ".join([*_rests(course, around), _next(steps, due, around)])


def _rests(course: Course, around: Around) -> list[str]:
    """Say what puts it off: the client's own pause, or "not this week"."""
    said = []
    if course.client.paused_until is not None and course.client.paused_until > around.today:
        said.append(f"They have asked for a pause until {shown(course.client.paused_until, 'l j F')}.")
    if course.rests_until is not None and course.rests_until > around.today:
        said.append(f"They said “not this week”, so it rests until {shown(course.rests_until, 'l j F')}.")
    return said


def _next(steps: Sequence[CourseStep], due: Due | None, around: Around) -> str:
    if due is not None:
        title = next(step.version.title for step in steps if step.position == due.position)
        if due.at <= around.now:
            return f"Next: {title}, in a moment."
        return f"Next: {title}, on {clock.shown(due.at, AT)}."
    with_client = [each for step in steps for each in came_of(step) if each.is_open]
    coming = _to_come(steps)
    if coming and with_client and coming[0].mode in (Mode.WHEN_DONE, Mode.DONE_PLUS):
        return "The next step waits until the one before is answered."
    if coming and coming[0].mode not in (Mode.BEFORE_SESSION, Mode.WHEN_DONE, Mode.DONE_PLUS):
        return "Nothing more of it comes before its last day."
    if _to_come(steps) or any(step.mode == Mode.AFTER_SESSION for step in steps):
        return "The next step waits for a session to be booked."
    return "All of it has come. It closes once the last one is answered."


def _to_come(steps: Sequence[CourseStep]) -> list[CourseStep]:
    """Return the steps that come once and have not come yet."""
    return [step for step in steps if step.mode not in (Mode.AFTER_SESSION, Mode.WEEKDAYS) and not came_of(step)]


def _listed(words: Sequence[str]) -> str:
    """Return "Mondays, Wednesdays and Fridays"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
