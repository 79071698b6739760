"""The mail that an exercise comes with: written at the moment of sending, its link minted then."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from clients import letters, links
from clients.models import ClientLink
from exercises.models import Assignment
from exercises.services import MAIL_KIND
from outbox.kinds import Dropped, Kind, Later, Mail, OnUnknown, register
from outbox.models import Message
from practice import clock
from practice.letters import write

LINK_DAYS = timedelta(days=14)
WHY_NOT = {
    Assignment.State.DONE: "already answered",
    Assignment.State.NOT_NOW: "not this week",
    Assignment.State.WITHDRAWN: "exercise withdrawn",
}


def render(message: Message) -> Mail | Dropped | Later:
    """Write the mail of an assignment, or say why it is no longer wanted, or when it may leave."""
    assignment = _assignment(message)
    if assignment is None:
        return Dropped("exercise is gone")
    if not assignment.is_open:
        return Dropped(WHY_NOT[Assignment.State(assignment.state)])
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
    written = write(
        "mail/exercise",
        {
            **letter.context,
            "exercise_url": settings.SITE_URL + reverse("exercises:practise", args=[token]),
            "minutes": assignment.version.minutes,
            "link_expires_at": last_moment(expires_at),
        },
    )
    return Mail(to=letter.to, subject=written.subject, text=written.text, html=written.html, headers=letter.headers)


def _assignment(message: Message) -> Assignment | None:
    rows = Assignment.unscoped.select_related("client__counsellor", "version")  # no viewer: the outbox sends for all
    return rows.filter(pk=message.subject_id).first()


def link_expires_at(assignment: Assignment) -> datetime:
    """Return when a link made now runs out: at the end of the 14th day after the due day, or after today if later."""
    last_day = max(assignment.due_on, clock.local(timezone.now()).date()) + LINK_DAYS
    return clock.start_of(last_day + timedelta(days=1))


def last_moment(expires_at: datetime) -> datetime:
    """Return the last minute in which the link works: "until Friday" is the whole of Friday."""
    return expires_at - timedelta(minutes=1)


def register_kind() -> None:
    """Make the kind known. Nobody gets an exercise twice: where its outcome is unknown, a person decides."""
    register(Kind(name=MAIL_KIND, label="Exercise", render=render, on_unknown=OnUnknown.PARK))
