"""The sweep: what the rules say is due is given, with its mail. It may run twice, or at once with itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from clients.letters import why_not
from clients.models import Client
from exercises import planning
from exercises.answers import leave_client
from exercises.models import Assignment, Course, CourseStep, Mode
from exercises.selectors import next_session, usual_due_day
from exercises.timing import Around, Due, Given, Meeting, Plan, Step, is_finished, next_due, settled
from exercises.watch import meetings_of, to_look_at
from outbox.models import Message
from outbox.verdicts import TOO_LATE
from practice import clock, trail
from practice.models import Practice
from vault.errors import VaultError

log = structlog.get_logger("beside.exercises")

State = Assignment.State
# Why clients/letters.py keeps a mail back from somebody who may be mailed again later.
NOT_MAILED = ("client has not agreed to e-mail", "client stopped e-mails", "no e-mail address")


def sweep() -> int:
    """Give what is due, everywhere; return how much that was. Each course in a transaction of its own."""
    bring_back()
    given = 0
    for course_id in to_look_at():
        try:
            given += len(give_due(course_id))
        except VaultError:  # one record that does not open holds up nobody else's
            log.warning("course.not_opened", course=str(course_id))
    return given


def bring_back() -> int:
    """Plan the mail anew of what a course gave and no mail ever brought; return of how many.

    A hold, a pause of all sending or a client who stopped e-mails may outlast a mail; without it they never hear of the
    step, and what waits for it waits for ever. What was for one day alone is let be.
    """
    mails = Message.objects.filter(kind=planning.MAIL_KIND, subject_id=OuterRef("pk"))
    # Only what a rule of ours kept from leaving: what a person dropped stays dropped.
    kept_back = Q(state=Message.State.DROPPED, reason__in=NOT_MAILED) | Q(state=Message.State.EXPIRED, reason=TOO_LATE)
    tried = mails.exclude(kept_back, dispatched_at=None)
    rows = Assignment.unscoped.filter(  # no viewer: the sweep serves everybody
        state=State.ASSIGNED, step__course__state=Course.State.RUNNING, client__state=Client.State.ACTIVE,
        client__mail_stopped_at=None, client__may_email=Client.MayEmail.YES,
    ).exclude(step__mode=Mode.WEEKDAYS)  # fmt: skip
    lost = list(rows.filter(Exists(mails), ~Exists(tried)).select_related("client", "step"))
    send_at = clock.next_mail_moment(timezone.now(), Practice.current()) if lost else timezone.now()
    for row in lost:
        revision = 1 + Message.objects.filter(kind=planning.MAIL_KIND, subject_id=row.pk).count()
        planning.plan_mail(row, send_at, revision=revision)
    return len(lost)


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
    # Another course's comings are its own: one that was pushed aside would count as settled there.
    rows = Assignment.unscoped.filter(Q(step=None) | Q(step__course=course), client=course.client)  # no viewer: sweep
    same = rows.filter(state=State.ASSIGNED, version__exercise=step.version.exercise_id)
    same = same.select_related("draft", "client")
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
