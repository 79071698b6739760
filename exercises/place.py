"""The client's deeds in a place of their own: pause, go on, stop one thing, choose an hour, ask for a link again.

By their link, so no member stands in the audit rows. Each locks the client first, as the sweep does.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from clients.links import LinkUnknown
from clients.models import Client
from clients.selectors import paused_until
from exercises import courses, planning, selectors
from exercises.answers import NotWithClient
from exercises.models import Assignment, Course, Mode
from exercises.services import MailWaits, MayNotBeMailed
from exercises.timing import hour_of
from outbox import services as outbox
from practice import clock, trail
from practice.models import Practice

LONGEST_PAUSE = timedelta(days=365)
# A mail that is asked for twice within this time is one mail.
ONCE_IN = timedelta(hours=1)


class MailRests(Exception):
    """No exercise is mailed now: the client pauses, or what it belongs to is on hold or has ended."""


def is_paused(client: Client) -> bool:
    """Return whether a client pauses today; a day that has come is no pause any more."""
    return paused_until(client) is not None


def mail_rests(assignment: Assignment) -> bool:
    """Return whether the mail of an exercise would wait or be dropped (exercises/mail.py). Needs `step.course`."""
    return is_paused(assignment.client) or not _goes_on(assignment)


def _goes_on(assignment: Assignment) -> bool:
    course = None if assignment.step is None else assignment.step.course
    return course is None or course.state in (Course.State.RUNNING, Course.State.FINISHED)


@transaction.atomic
def pause(*, client: Client, until: date) -> None:
    """Let exercises rest until a day, for the client; reminders of sessions still come. The same day twice is once.

    Nudges are dropped, mails that wait leave once the pause is over. Raise ValueError for a day that is not ahead, or
    more than a year ahead.
    """
    if not clock.today() < until <= clock.today() + LONGEST_PAUSE:
        raise ValueError("A pause ends within a year, and not before tomorrow.")
    client = _locked(client)
    if client.paused_until == until:
        return
    client.paused_until = until
    client.save(update_fields=["paused_until"])
    leaves_at = hour_of(until, client.preferred_hour, Practice.current())
    for each in _with_client(client):
        _move_mail(each, leaves_at)
        planning.drop_nudges(each, "the client pauses")
    outbox.recall(client.pk)
    _record("client.pause", client)


@transaction.atomic
def resume(*, client: Client) -> None:
    """End a pause, for the client: mails that waited leave at their hour, nudges are planned again. Twice is once."""
    client = _locked(client)
    if client.paused_until is None:
        return
    client.paused_until = None
    client.save(update_fields=["paused_until"])
    leaves_at = selectors.sending_moment(client, "preferred", Practice.current())
    for each in _with_client(client):
        _move_mail(each, leaves_at)
        _plan_nudges(each)
    _record("client.resume", client)


@transaction.atomic
def choose_hour(*, client: Client, hour: int | None) -> None:
    """Let exercises come at an hour of the practice's clock from now on, or at any; reminders of them follow.

    The version of the details goes up, so that a form that a counsellor has open does not undo it. Raise ValueError
    for what is no hour.
    """
    if hour is not None and hour not in range(24):
        raise ValueError("This is not an hour.")
    client = _locked(client)
    if client.preferred_hour == hour:
        return
    client.preferred_hour, client.version = hour, client.version + 1
    client.save(update_fields=["preferred_hour", "version"])
    for each in _with_client(client):
        _plan_nudges(each)
    _record("client.hour", client)


@transaction.atomic
def stop_course(*, client: Client, course: Course) -> None:
    """End a course because its client wishes it. What they have of it stays with them, and nobody reminds them of it.

    Twice is once. Raise ValueError for a course of somebody else's.
    """
    if course.client_id != client.pk:
        raise ValueError("This is not theirs.")
    _locked(client)
    courses.end_course(actor=None, course=course)


@transaction.atomic
def send_link(*, assignment: Assignment) -> None:
    """Plan one more mail for an exercise, as its client asked: only their mails hold a link to it.

    It leaves at once, within the practice's mail hours. Earlier mails that wait for a decision are given up. Raise
    NotWithClient, MayNotBeMailed, MailRests; MailWaits where one is on its way or left within the last hour.
    """
    client = _locked(assignment.client)
    assignment = _rows(client).select_for_update(of=("self",), no_key=True).get(pk=assignment.pk)
    if not assignment.is_open:
        raise NotWithClient("This exercise is no longer with the client.")
    if not client.may_be_mailed:
        raise MayNotBeMailed("This client may not be e-mailed.")
    if mail_rests(assignment):
        raise MailRests
    mails = selectors.mails_of(assignment)
    since = timezone.now() - ONCE_IN
    if not selectors.may_send_again(assignment, mails) or any(mail.sent_at and mail.sent_at > since for mail in mails):
        raise MailWaits("A mail of this exercise is on its way, or has just left.")
    for mail in mails:
        if mail.state in selectors.UNDECIDED:
            outbox.give_up(mail, reason="sent again, as the client asked")
    send_at = selectors.sending_moment(client, "now", Practice.current())
    planning.plan_mail(assignment, send_at, revision=1 + max(map(selectors.revision_of, mails), default=0))
    trail.record("exercise.send_again", actor=None, subject=assignment, reference=client.reference)


def _locked(client: Client) -> Client:
    """Return the row as it is now, locked where the database can. Raise LinkUnknown for one erased at this moment."""
    found = Client.unscoped.select_for_update(no_key=True).filter(pk=client.pk)  # no viewer: the client, by their link
    row = found.first()
    if row is None:
        raise LinkUnknown
    return row


def _rows(client: Client) -> QuerySet[Assignment]:
    rows = Assignment.unscoped.filter(client=client)  # no viewer: the client, by their link
    return rows.select_related("client", "step__course")


def _with_client(client: Client) -> Iterable[Assignment]:
    return _rows(client).filter(state=Assignment.State.ASSIGNED).order_by("assigned_at")


def _move_mail(assignment: Assignment, leaves_at: datetime) -> None:
    """Let a mail that waits leave at another moment. Of one that is repeated none moves: it is for its own day."""
    if assignment.step is not None and assignment.step.mode == Mode.WEEKDAYS:
        return
    for mail in selectors.mails_of(assignment):
        if mail.is_waiting:
            planning.plan_mail(assignment, leaves_at, revision=selectors.revision_of(mail))


def _plan_nudges(assignment: Assignment) -> None:
    if not mail_rests(assignment):
        planning.plan_nudges(assignment)


def _record(deed: str, client: Client) -> None:
    trail.record(deed, actor=None, subject=client, reference=client.reference)
