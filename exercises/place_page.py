"""What a client's own place shows: what runs, what they wrote, what they may choose. Read by the client alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Prefetch

from clients.models import Client
from exercises.models import Answer, Assignment, Course, CourseStep, Mode
from exercises.place import mail_rests
from exercises.selectors import Reply, reply_of
from practice import clock

FIRST_SHOWN = 8
_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_WORKING_DAYS, _WEEKEND = [0, 1, 2, 3, 4], [5, 6]


@dataclass(frozen=True)
class WithYou:
    """One exercise that is with the client. `best_before`: the day by which it is best done, while that is ahead."""

    assignment: Assignment
    title: str
    came_on: date
    best_before: date | None
    may_be_sent: bool


@dataclass(frozen=True)
class Runs:
    """A programme or a repeated exercise that runs, and what is with the client of it."""

    course: Course
    title: str
    words: str
    with_you: list[WithYou] = field(default_factory=list)


@dataclass(frozen=True)
class Written:
    """One answer that the client sent, with its words where they shared them."""

    assignment: Assignment
    on: date
    title: str
    reply: Reply | None


@dataclass(frozen=True)
class Running:
    """All that is with a client: what runs, and what was given by itself."""

    courses: list[Runs]
    single: list[WithYou]

    @property
    def is_empty(self) -> bool:
        return not (self.courses or self.single)


def running_of(client: Client) -> Running:
    """Return what is with a client, the newest first; three queries."""
    rows = Assignment.unscoped.filter(client=client, state=Assignment.State.ASSIGNED)  # no viewer: the client's own
    given = [
        _with_you(row) for row in rows.select_related("version", "client", "step__course").order_by("-assigned_at")
    ]
    runs = [_runs(course, given) for course in _courses(client)]
    inside = {each.assignment.pk for run in runs for each in run.with_you}
    return Running(runs, [each for each in given if each.assignment.pk not in inside])


def _courses(client: Client) -> Iterable[Course]:
    steps = CourseStep.unscoped.select_related("version")  # no viewer: the client's own
    courses = Course.unscoped.filter(  # no viewer: the client's own
        client=client, state__in=(Course.State.RUNNING, Course.State.HELD)
    )
    return (
        courses.select_related("programme").prefetch_related(Prefetch("steps", queryset=steps)).order_by("-started_at")
    )


def _with_you(row: Assignment) -> WithYou:
    return WithYou(
        row,
        row.version.title,
        clock.local(row.assigned_at).date(),
        row.due_on if row.due_on > clock.today() else None,
        may_be_sent=row.client.may_be_mailed and not mail_rests(row),
    )


def _runs(course: Course, given: Iterable[WithYou]) -> Runs:
    inside = [each for each in given if each.assignment.step and each.assignment.step.course_id == course.pk]
    steps = list(course.steps.all())
    title = course.programme.title if course.programme else ", ".join(step.version.title for step in steps)
    return Runs(course, title, _words(course, steps), inside)


def _words(course: Course, steps: list[CourseStep]) -> str:
    """Say how a course runs: "Every day until 14 December", "Running since 2 November", "Resting for now"."""
    if course.state == Course.State.HELD:
        return "Resting for now"
    is_ahead = course.starts_on > clock.today()
    words = f"From {_shown(course.starts_on)}" if is_ahead else f"Running since {_shown(course.starts_on)}"
    if len(steps) == 1 and steps[0].mode == Mode.WEEKDAYS:
        words = _days_of(steps[0].weekdays) + (f" from {_shown(course.starts_on)}" if is_ahead else "")
    return f"{words} until {_shown(course.until_on)}" if course.until_on else words


def _days_of(weekdays: list[int]) -> str:
    if len(weekdays) == len(_DAYS):
        return "Every day"
    if weekdays in (_WORKING_DAYS, _WEEKEND):
        return "On working days" if weekdays == _WORKING_DAYS else "At weekends"
    *rest, last = (_DAYS[day] for day in weekdays)
    return f"On {', '.join(rest)} and {last}" if rest else f"On {last}"


def _shown(day: date) -> str:
    return f"{day.day} {day:%B}" if day.year == clock.today().year else f"{day.day} {day:%B %Y}"


def written_of(client: Client, most: int | None = None) -> list[Written]:
    """Return what a client has sent, the newest first, each opened by itself; one query."""
    answers = Answer.unscoped.filter(client=client).order_by("-sent_at")  # no viewer: the client's own
    return [_written(answer) for answer in answers.select_related("assignment__version")[:most]]


def _written(answer: Answer) -> Written:
    assignment = answer.assignment
    return Written(assignment, clock.local(answer.sent_at).date(), assignment.version.title, reply_of(assignment))


def shared_of(client: Client) -> Iterable[Assignment]:
    """Return the assignments of which something came back, for `patterns.history`; one query."""
    rows = Assignment.unscoped.filter(client=client, answer__isnull=False)  # no viewer: the client's own
    return rows.select_related("answer", "version")


def assignment_of(client: Client, pk: str) -> Assignment | None:
    """Return one of the client's own assignments, whatever was posted as its id."""
    rows = Assignment.unscoped.select_related("client", "step__course")  # no viewer: the client's own
    return rows.filter(client=client, pk=pk).first() if _is_id(pk) else None


def course_of(client: Client, pk: str) -> Course | None:
    """Return one of the client's own courses, whatever was posted as its id."""
    rows = Course.unscoped.filter(client=client)  # no viewer: the client's own
    return rows.filter(pk=pk).first() if _is_id(pk) else None


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
