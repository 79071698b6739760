"""The mails of an exercise, its own and its nudges: written at the moment of sending, their links minted then."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from clients import letters, links
from clients.models import ClientLink
from exercises.models import Assignment, Course
from exercises.planning import MAIL_KIND, NUDGE_KIND
from exercises.selectors import revision_of
from exercises.timing import hour_of
from outbox.kinds import Dropped, Kind, Later, Mail, OnUnknown, register
from outbox.models import Message
from practice import clock
from practice.letters import Written, write
from practice.models import Practice

LINK_DAYS = timedelta(days=14)
WHY_NOT = {
    Assignment.State.DONE: "already answered",
    Assignment.State.NOT_NOW: "not this week",
    Assignment.State.TOO_MUCH: "it was too much",
    Assignment.State.WITHDRAWN: "exercise withdrawn",
    Assignment.State.GONE_BY: "a newer one took its place",
}


def render(message: Message) -> Mail | Dropped | Later:
    """Write the mail of an assignment, or say why it is no longer wanted, or when it may leave.

    While the client pauses, or its course rests or is on hold, it waits.
    """
    assignment = _assignment(message)
    if isinstance(assignment, Dropped):
        return assignment
    paused_until = assignment.client.paused_until
    if paused_until is not None and paused_until > clock.today():
        return Later(hour_of(paused_until, assignment.client.preferred_hour, Practice.current()))
    course = assignment.step.course if assignment.step else None
    if course is not None and course.state == Course.State.ENDED:
        return Dropped("the programme was ended")
    if course is not None and course.state == Course.State.HELD:
        return Later(timezone.now() + timedelta(hours=1))
    if course is not None and _rests(course) and revision_of(message) == 1:  # a later one was asked for
        return Later(hour_of(course.rests_until or clock.today(), assignment.client.preferred_hour, Practice.current()))
    return _letter(assignment, "mail/exercise")


def render_nudge(message: Message) -> Mail | Dropped | Later:
    """Write a nudge, or say why it is no longer wanted. It asks all once more: whatever has changed, it yields.

    None while the client pauses or writes, on hold, in the seven days after "not this week", after the work has ended,
    or before its own mail has left. Where its session moves the sweep plans it anew (exercises/following.py).
    """
    assignment = _assignment(message)
    if isinstance(assignment, Dropped):
        return assignment
    reason = _why_no_nudge(assignment)
    return Dropped(reason) if reason else _letter(assignment, "mail/exercise_nudge")


def _why_no_nudge(assignment: Assignment) -> str:
    client, course = assignment.client, assignment.step.course if assignment.step else None
    if client.paused_until is not None and client.paused_until > clock.today():
        return "the client pauses"
    if course is not None and not course.is_running and course.state != Course.State.FINISHED:
        return "on hold" if course.is_open else "the programme was ended"
    if course is not None and _rests(course):
        return "not this week"
    if assignment.is_at_work:
        return "the client is writing"
    own = Message.objects.filter(kind=MAIL_KIND, subject_id=assignment.pk, state=Message.State.SENT)
    left_at = own.order_by("-sent_at").values_list("sent_at", flat=True).first()
    if left_at is None:
        return "its own mail has not left"
    return "" if clock.local(left_at).date() < clock.today() else "its own mail left today"


def _rests(course: Course) -> bool:
    return course.rests_until is not None and course.rests_until > clock.today()


def _letter(assignment: Assignment, template: str) -> Mail | Dropped | Later:
    letter = letters.address(assignment.client)
    if not isinstance(letter, letters.ClientLetter):
        return letter
    expires_at = link_expires_at(assignment)
    token = links.mint(
        client=assignment.client,
        purpose=ClientLink.Purpose.EXERCISE,
        subject_id=assignment.pk,
        expires_at=expires_at,
    )
    exercise_url = settings.SITE_URL + reverse("exercises:practise", args=[token])
    written = words_of(assignment, letter.context, exercise_url, expires_at, template)
    return Mail(to=letter.to, subject=written.subject, text=written.text, html=written.html, headers=letter.headers)


def words_of(
    assignment: Assignment,
    context: dict[str, Any],
    exercise_url: str,
    expires_at: datetime,
    template: str = "mail/exercise",
) -> Written:
    """Write the words of a mail around a link; a preview and a test have another one in its place."""
    link_until = {"link_expires_at": last_moment(expires_at)}
    return write(template, {**context, "exercise_url": exercise_url, "minutes": assignment.takes, **link_until})


def _assignment(message: Message) -> Assignment | Dropped:
    rows = Assignment.unscoped.select_related(  # no viewer: the outbox sends for all
        "client__counsellor", "version", "step__course", "draft"
    )
    assignment = rows.filter(pk=message.subject_id).first()
    if assignment is None:
        return Dropped("exercise is gone")
    return assignment if assignment.is_open else Dropped(WHY_NOT[Assignment.State(assignment.state)])


def link_expires_at(assignment: Assignment) -> datetime:
    """Return when a link made now runs out: at the end of the 14th day after the due day, or after today if later."""
    last_day = max(assignment.due_on, clock.local(timezone.now()).date()) + LINK_DAYS
    return clock.start_of(last_day + timedelta(days=1))


def last_moment(expires_at: datetime) -> datetime:
    """Return the last minute in which the link works: "until Friday" is the whole of Friday."""
    return expires_at - timedelta(minutes=1)


def register_kind() -> None:
    """Make the kinds known. Nobody gets an exercise twice: where its outcome is unknown, a person decides."""
    register(Kind(name=MAIL_KIND, label="Exercise", render=render, on_unknown=OnUnknown.PARK))
    register(Kind(name=NUDGE_KIND, label="Exercise, once more", render=render_nudge, on_unknown=OnUnknown.PARK))
