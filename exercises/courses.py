"""Deeds on courses: start a programme or a repetition, hold, take up again, go on with the next step, end."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import NotRequired, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clients.letters import why_not
from clients.models import Client
from exercises import planning, selectors
from exercises.answers import end_for, leave_client
from exercises.giving import around_of, give_now, plan_of, with_parts
from exercises.models import Assignment, Course, CourseStep, ExerciseVersion, Mode, Programme
from exercises.models.programme import WITH_DAYS
from exercises.services import FormUsed, MayNotBeMailed
from exercises.timing import due_without_waiting
from exercises.watch import meetings_of
from practice import trail
from practice.models import Practice, User

State = Course.State


class CourseClosed(Exception):
    """The course is finished or was ended."""


class NoSession(ValueError):
    """It was to run until the next session, and none is booked any more."""


class AlreadyRuns(Exception):
    """The same programme, or the same exercise again and again, runs for this client already."""


@dataclass(frozen=True)
class StepWish:
    """One step as it is to run: `days` for the modes that count them, `on_date` and `weekdays` for theirs."""

    version: ExerciseVersion
    mode: str
    days: int = 0
    on_date: date | None = None
    weekdays: Sequence[int] = field(default_factory=tuple)


@dataclass(frozen=True)
class Words:
    """What goes with each exercise of a course."""

    personal_line: str
    why: str
    plan_when: str
    plan_where: str = ""


class Terms(TypedDict):
    """How long a course runs, and how: `nudges` is 0, 1 or 2 after each mail; no `programme` for a repetition.

    With `until_session` it runs until the day before the next session, and follows it.
    """

    starts_on: date
    programme: NotRequired[Programme | None]
    until_on: NotRequired[date | None]
    until_session: NotRequired[bool]
    nudges: NotRequired[int]
    is_practised_together: NotRequired[bool]


@transaction.atomic
def start_course(
    *, actor: User, client: Client, steps: Sequence[StepWish], words: Words, nonce: UUID, **terms: Unpack[Terms]
) -> Course:
    """Start a programme, or (one step on days of the week) a repetition. `nonce` becomes the row's id: twice is once.

    What is due now is given at once. Raise MayNotBeMailed, AlreadyRuns, FormUsed; NoSession for `until_session` where
    none is booked; ValueError without words or steps, or for a step that is none.
    """
    if not steps or not (words.personal_line.strip() and words.why.strip() and words.plan_when.strip()):
        raise ValueError("A course needs steps, a personal line, a why and a plan.")
    _check_steps(steps)
    # As in `assign_exercise`: consent is read from this row, which nobody changes until the first mail is planned.
    client = Client.unscoped.select_for_update(no_key=True).get(pk=client.pk)  # no viewer: the caller passed the scope
    earlier = Course.unscoped.filter(pk=nonce).first()  # no viewer: looks for this very form's own row
    if earlier is not None:
        if (earlier.client_id, earlier.started_by_id) != (client.pk, actor.pk):
            raise FormUsed("This form was used before. Please open it anew.")
        return earlier
    if not client.may_be_mailed:
        raise MayNotBeMailed("This client may not be e-mailed.")
    _refuse_second(client, steps, terms.get("programme"))
    course = _made(actor, client, words, nonce, terms)
    _copy_steps(course, steps)
    round_ = give_now(course.pk)
    _record("course.start", course, actor, programme=course.programme_id or "", steps=len(steps))
    round_.note()
    return course


def _made(actor: User, client: Client, words: Words, nonce: UUID, terms: Terms) -> Course:
    starts_on, until_on = terms["starts_on"], terms.get("until_on")
    before = selectors.next_session(actor, client) if terms.get("until_session") else None
    if terms.get("until_session") and before is None:
        raise NoSession("No session is booked.")
    if before is not None:
        until_on = max(selectors.usual_due_day(before, starts_on), starts_on)
    return Course.unscoped.create(  # no viewer: made for the caller's own client
        id=nonce, client=client, started_by=actor, starts_on=starts_on, until_on=until_on, before=before,
        programme=terms.get("programme"), nudges=terms.get("nudges", 1),
        is_practised_together=terms.get("is_practised_together", False), **asdict(words),
    )  # fmt: skip


def _copy_steps(course: Course, steps: Sequence[StepWish]) -> None:
    CourseStep.unscoped.bulk_create(  # no viewer: made for the caller's own client
        CourseStep(
            course=course, client=course.client, position=number, version=wish.version, mode=wish.mode,
            days=wish.days, on_date=wish.on_date, weekdays=sorted(set(wish.weekdays)),
        )
        for number, wish in enumerate(steps, start=1)
    )  # fmt: skip


def _check_steps(steps: Sequence[StepWish]) -> None:
    for wish in steps:
        is_whole = (
            wish.mode in Mode.values
            and (wish.days == 0 or wish.mode in WITH_DAYS)
            and (wish.on_date is not None) == (wish.mode == Mode.ON_DATE)
            and bool(wish.weekdays) == (wish.mode == Mode.WEEKDAYS)
            # What comes each day would hold up what comes one a day.
            and (wish.mode != Mode.WEEKDAYS or len(steps) == 1)
            and set(wish.weekdays) <= set(range(7))
        )
        if not is_whole:
            raise ValueError("This is no step of a course.")


def _refuse_second(client: Client, steps: Sequence[StepWish], programme: Programme | None) -> None:
    rows = Course.unscoped.filter(client=client)  # no viewer: the caller's own client
    running = rows.filter(state__in=(State.RUNNING, State.HELD))
    if programme is not None:
        again = running.filter(programme=programme)
    else:
        again = running.filter(
            programme=None, steps__version__exercise__in=[wish.version.exercise_id for wish in steps]
        )
    if again.exists():
        raise AlreadyRuns("This runs for them already.")


@transaction.atomic
def hold_course(*, actor: User, course: Course) -> None:
    """Put a course on hold: nothing of it comes, and the nudges of what the client has are dropped. Twice is once.

    Raise CourseClosed.
    """
    course = _locked(course)
    if course.state == State.HELD:
        return
    course.state, course.held_why = State.HELD, Course.Why.COUNSELLOR
    course.save(update_fields=["state", "held_why"])
    for each in _with_client(course):
        planning.drop_nudges(each, "on hold")
    _record("course.hold", course, actor)


@transaction.atomic
def resume_course(*, actor: User, course: Course) -> None:
    """Take a course up again; what came due meanwhile comes now, one a day. Twice is once. Raise CourseClosed."""
    course = _locked(course)
    if course.state == State.RUNNING:
        return
    course.state, course.held_why = State.RUNNING, ""
    course.save(update_fields=["state", "held_why"])
    round_ = give_now(course.pk)
    for each in _with_client(course):
        planning.plan_nudges(each)
    _record("course.resume", course, actor)
    round_.note()


@transaction.atomic
def go_on(*, actor: User, course: Course, seen: int | None = None) -> bool:
    """Go on with the next step without waiting: for an answer, after "not this week", on hold. Raise CourseClosed.

    What the client has of it has gone by; what they wrote there stays theirs. `seen` is how many comings the page
    showed: where there are more by now, somebody was quicker. Return whether it was done: where nothing would come by
    tomorrow nothing is taken away. Raise VaultError where the client's address does not open.
    """
    course = _locked(course)
    (whole,) = with_parts([course.pk])
    plan, meetings = plan_of(whole), meetings_of([course.client_id])[course.client_id]
    around = around_of(whole.client, Practice.current(), meetings)
    is_stale = seen is not None and seen != len(plan.given)
    if is_stale or due_without_waiting(plan, around) is None or why_not(whole.client):
        return False
    for each in _with_client(course):
        if leave_client(each, Assignment.State.GONE_BY):
            planning.drop_mail(each, "the next step came")
    course.state, course.held_why, course.rests_until = State.RUNNING, "", None
    course.save(update_fields=["state", "held_why", "rests_until"])
    round_ = give_now(course.pk)
    _record("course.go_on", course, actor)
    round_.note()
    return True


@transaction.atomic
def end_course(*, actor: User | None, course: Course) -> None:
    """End a course; no actor: the client wished it. What reached them stays theirs, unnudged. Twice is once."""
    with suppress(CourseClosed):
        _end(_locked(course), actor)


def _end(course: Course, actor: User | None) -> None:
    course.state, course.held_why, course.closed_at = State.ENDED, "", timezone.now()
    course.is_ended_by_client = actor is None
    course.save(update_fields=["state", "held_why", "closed_at", "is_ended_by_client"])
    for each in _with_client(course):
        end_for(each, "the programme was ended")
    _record("course.end", course, actor)


def _locked(course: Course) -> Course:
    """Lock client and course, as the sweep does, and return the course as it is. Raise CourseClosed."""
    list(Client.unscoped.select_for_update(no_key=True).filter(pk=course.client_id))  # no viewer: the caller's own row
    rows = Course.unscoped.select_related("client").select_for_update(of=("self",), no_key=True)  # no viewer: own row
    course = rows.get(pk=course.pk)
    if not course.is_open:
        raise CourseClosed
    return course


def _with_client(course: Course) -> list[Assignment]:
    rows = Assignment.unscoped.filter(step__course=course, state=Assignment.State.ASSIGNED)  # no viewer: own row's
    return list(rows.select_related("client", "step"))


def _record(deed: str, course: Course, actor: User | None, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=course, reference=course.client.reference, **detail)
