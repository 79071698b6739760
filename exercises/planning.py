"""The mail that belongs to an exercise: its own, and its nudges, as pure rules say that it ought to exist."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from exercises.models import Assignment, Mode
from exercises.timing import hour_of, nudge_days
from outbox import services as outbox
from outbox.models import Message
from outbox.services import DropResult, Wanted
from practice import clock
from practice.models import Practice

MAIL_KIND = "exercise"
NUDGE_KIND = "exercise_nudge"
# A mail that is this much later than its day helps nobody any more.
MAIL_LASTS = timedelta(days=7)
RULES = ("halfway", "last")


def plan_mail(assignment: Assignment, send_at: datetime, *, revision: int = 1) -> None:
    """Plan the mail that brings an exercise, and its nudges. Of one repeated by days it is for that day alone."""
    client = assignment.client
    lasts_until = clock.start_of(assignment.due_on + timedelta(days=1))
    is_for_a_day = assignment.step is not None and assignment.step.mode == Mode.WEEKDAYS
    expires_at = lasts_until if is_for_a_day else max(lasts_until, send_at) + MAIL_LASTS
    outbox.plan(
        MAIL_KIND, subject_id=assignment.pk, owner_id=client.pk, reference=client.reference,
        wanted=[Wanted(rule="give", revision=revision, due_at=send_at, expires_at=max(expires_at, send_at + _HOUR))],
    )  # fmt: skip
    plan_nudges(assignment, sent_at=send_at)


_HOUR = timedelta(hours=1)


def plan_nudges(assignment: Assignment, *, sent_at: datetime | None = None) -> None:
    """Make the nudges be those that its days ask for; what was sent counts, so there are never more than its number.

    `sent_at` is when its own mail leaves or left; by default as the outbox has it. Past moments are not made up for.
    """
    sent_at = sent_at or _left_at(assignment)
    client, practice, now = assignment.client, Practice.current(), timezone.now()
    days = nudge_days(clock.local(sent_at).date(), assignment.due_on, assignment.nudges)
    # Of one nudge the rule is "last", so that a plan with fewer days keeps the count of what was sent.
    moments = {
        rule: hour_of(day, client.preferred_hour, practice)
        for rule, day in zip(reversed(RULES), reversed(days), strict=False)
    }
    outbox.plan(
        NUDGE_KIND, subject_id=assignment.pk, owner_id=client.pk, reference=client.reference,
        wanted=[
            Wanted(rule=rule, revision=1, due_at=moment, expires_at=_end_of(moment))
            for rule, moment in moments.items()
            if moment > now and assignment.is_open
        ],
    )  # fmt: skip


def _left_at(assignment: Assignment) -> datetime:
    first = Message.objects.filter(kind=MAIL_KIND, subject_id=assignment.pk).order_by("due_at").first()
    return assignment.assigned_at if first is None else first.sent_at or first.due_at


def _end_of(moment: datetime) -> datetime:
    """Return the end of a moment's day: a nudge that could not leave on its day is let go."""
    return clock.lenient_at(clock.local(moment).date(), time(23, 59))


def drop_mail(assignment: Assignment, reason: str) -> DropResult:
    """Drop its mail and its nudges, as far as they have not left."""
    results = [outbox.drop([assignment.pk], kind=kind, reason=reason) for kind in (MAIL_KIND, NUDGE_KIND)]
    return DropResult(sum(each.dropped for each in results), results[0].on_their_way)


def drop_nudges(assignment: Assignment, reason: str) -> None:
    """Drop the nudges alone."""
    outbox.drop([assignment.pk], kind=NUDGE_KIND, reason=reason)
