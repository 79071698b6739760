"""The sweep: what the rules say is due is given, with its mail. It may run twice, or at once with itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from clients.letters import why_not
from clients.models import Client
from exercises import planning
from exercises.answers import leave_client
from exercises.models import Assignment, Course, CourseStep, Mode
from exercises.selectors import next_session, usual_due_day
from exercises.timing import Around, Due, Given, Meeting, Plan, Step, is_finished, next_due, settled
from exercises.watch import meetings_of, to_look_at
from practice import clock, trail
from practice.models import Practice
from vault.errors import VaultError

log = structlog.get_logger("beside.exercises")

State = Assignment.State


def sweep() -> int:
    """Give what is due, everywhere; return how much that was. Each course in a transaction of its own."""
    given = 0
    for course_id in to_look_at():
        try:
            given += len(give_due(course_id))
        except VaultError:  # one record that does not open holds up nobody else's
            log.warning("course.not_opened", course=str(course_id))
    return given


def with_parts(course_ids: Iterable[UUID]) -> list[Course]:
    """Return courses with client, steps, and in `step.came` what was given of each; three queries, nothing opened."""
    given = Assignment.unscoped.select_related("draft").defer("draft__values")  # no viewer: the caller's courses
    came = Prefetch("assignments", queryset=given.order_by("assigned_at"), to_attr="came")
    rows = CourseStep.unscoped.select_related("version").prefetch_related(came)  # no viewer: the caller's courses
    courses = Course.unscoped.filter(pk__in=list(course_ids))  # no viewer: the caller's courses
    return list(courses.select_related("client__counsellor").prefetch_related(Prefetch("steps", queryset=rows)))


def plan_of(course: Course) -> Plan:
    """Return a course, as `with_parts` has read it, for the rules."""
    steps = [Step(row.position, row.mode, row.days, row.on_date, tuple(row.weekdays)) for row in course.steps.all()]
    given = [_given(course, row, each) for row in course.steps.all() for each in row.came]  # type: ignore[attr-defined]  # prefetched
    return Plan(steps, course.starts_on, course.until_on, course.rests_until, sorted(given, key=lambda each: each.on))


def _given(course: Course, step: CourseStep, row: Assignment) -> Given:
    on = clock.local(row.assigned_at).date()
    settled_on = settled(on, row.answered_at, row.state, course.rests_until)
    return Given(step.position, row.occurrence, on, settled_on, is_at_work=row.is_at_work)


def around_of(client: Client, practice: Practice, meetings: Iterable[Meeting]) -> Around:
    """Return what the rules need to know of a client now."""
    return Around(timezone.now(), practice, client.preferred_hour, client.paused_until, tuple(meetings))


@dataclass
class Round:
    """What one look at a course has done, for the trail: its rows are written last, when every lock is held."""

    given: list[Assignment] = field(default_factory=list)
    closed: Course | None = None

    def note(self) -> None:
        """Leave a row for each."""
        for row in self.given:
            _record("exercise.give", row, row.client, version=row.version_id)
        if self.closed is not None:
            deed = "course.finish" if self.closed.state == Course.State.FINISHED else "course.end"
            _record(deed, self.closed, self.closed.client)


@transaction.atomic
def give_due(course_id: UUID) -> list[Assignment]:
    """Give what is due of one course, with its mail, and close the course once it is over. Twice is once.

    Locks the client, then the course. Nothing is given to a client who may not be mailed: it waits. Raise VaultError
    where their address or the course's words do not open.
    """
    round_ = give_now(course_id)
    round_.note()
    return round_.given


def give_now(course_id: UUID) -> Round:
    """Do what `give_due` does, in the caller's transaction, who notes it."""
    round_, held = Round(), _locked(course_id)
    if held is None:
        return round_
    if held.client.state == Client.State.ENDED:
        round_.closed = _closed(held, Course.State.ENDED)
        return round_
    must_wait = bool(why_not(held.client))
    practice, meetings = Practice.current(), meetings_of([held.client_id])[held.client_id]
    # Each coming changes what the next is; a course has no more comings in one go than steps.
    for _ in range(len(held.steps.all()) + 1):
        (course,) = with_parts([course_id])
        around = around_of(course.client, practice, meetings)
        due = next_due(plan_of(course), around)
        if must_wait or due is None or due.at > around.now:
            if is_finished(plan_of(course), around):
                round_.closed = _closed(held, Course.State.FINISHED)
            break
        step = next(row for row in course.steps.all() if row.position == due.position)
        round_.given.append(_give(course, step, due))
    return round_


def _locked(course_id: UUID) -> Course | None:
    """Lock client and course; None where it does not run any more."""
    courses = Course.unscoped.filter(pk=course_id, state=Course.State.RUNNING)  # no viewer: the sweep serves everybody
    client_id = courses.values_list("client", flat=True).first()
    if client_id is None:
        return None
    clients = Client.unscoped.select_for_update(no_key=True)  # no viewer: the sweep serves everybody
    list(clients.filter(pk=client_id).values_list("pk"))
    return courses.select_related("client").select_for_update(of=("self",), no_key=True).first()


def _give(course: Course, step: CourseStep, due: Due) -> Assignment:
    """Give one coming of a step. An older one of the same exercise that nobody is writing in has gone by."""
    client, today = course.client, clock.today()
    _let_go_by(course, step)
    coming = next_session(client.counsellor, client)
    is_for_today = step.mode == Mode.WEEKDAYS
    row = Assignment(
        client=client, version=step.version, assigned_by_id=client.counsellor_id, step=step, occurrence=due.occurrence,
        before=coming, follows_session=coming is not None and not is_for_today, personal_line=course.personal_line,
        why=course.why, plan_when=course.plan_when, plan_where=course.plan_where, nudges=course.nudges,
        is_practised_together=course.is_practised_together,
        due_on=today if is_for_today else usual_due_day(coming, today),
    )  # fmt: skip
    row.save(force_insert=True)
    planning.plan_mail(row, max(due.at, timezone.now()))
    return row


def _let_go_by(course: Course, step: CourseStep) -> None:
    rows = Assignment.unscoped.filter(client=course.client, state=State.ASSIGNED)  # no viewer: the sweep
    same = rows.filter(version__exercise=step.version.exercise_id).select_related("draft", "client")
    for each in same:
        # In one statement: an answer that comes in at this moment stays an answer.
        if not each.is_at_work and leave_client(each, State.GONE_BY):
            planning.drop_mail(each, "a newer one took its place")


def _closed(course: Course, state: Course.State) -> Course:
    """Close a course: what the client has of it stays with them."""
    course.state, course.held_why, course.closed_at = state, "", timezone.now()
    course.save(update_fields=["state", "held_why", "closed_at"])
    return course


def _record(deed: str, subject: Course | Assignment, client: Client, **detail: trail.Plain) -> None:
    trail.record(deed, actor=None, subject=subject, reference=client.reference, **detail)
