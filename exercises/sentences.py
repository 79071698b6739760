"""What pages say about an exercise's mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.dateformat import format as shown

from clients.letters import why_not
from clients.models import Client
from exercises.models import Assignment
from exercises.planning import MAIL_KIND
from outbox.models import Message
from outbox.selectors import messages_for
from outbox.services import DropResult
from practice import clock
from vault.errors import VaultError

State = Message.State
_NO_MAIL = {
    "work has ended": "Work with this client has ended, so nothing would be sent.",
    "client has not agreed to e-mail": (
        "This client hasn't agreed to e-mail, so nothing would be sent. Change this on their record, or do the exercise"
        " together."
    ),
    "client stopped e-mails": (
        "This client has stopped e-mails, so nothing would be sent. They can start them again by the link in any"
        " earlier mail; until then you can do the exercise together."
    ),
    "no e-mail address": (
        "There is no e-mail address on this client's record, so nothing would be sent. Add one there, or do the"
        " exercise together."
    ),
}
ALREADY_REPEATED = "They have this exercise again and again already. End that first, or let it run."
ALREADY_STARTED = "This programme runs for them already."
_TONES = {State.PLANNED: "wait", State.LEASED: "wait", State.SENT: "ok", State.DROPPED: "soft", State.EXPIRED: "soft"}


@dataclass(frozen=True)
class MailLine:
    """One mail of an assignment: where it stands, and the moment or reason that belongs to it."""

    label: str
    tone: str
    detail: str


def why_no_mail(client: Client) -> str:
    """Return why an exercise cannot be assigned now, for the counsellor; empty when it can."""
    try:
        reason = why_not(client)
    except VaultError:
        return "The e-mail address on this client's record could not be opened, so nothing would be sent."
    return _NO_MAIL[reason] if reason else ""


def after_assigning(assignment_id: UUID) -> str:
    """Return the message that names when the mail leaves."""
    return f"Exercise assigned. {_planned(assignment_id)}".rstrip()


def after_starting(course_id: UUID) -> str:
    """Return the message of what begins to run: when its first mail leaves, or that it waits."""
    rows = Assignment.unscoped.filter(step__course=course_id)  # no viewer: the caller has just started it
    first = rows.order_by("assigned_at").values_list("pk", flat=True).first()
    return f"Started. {_planned(first)}".rstrip() if first else "Started. The first leaves when its day comes."


def after_sending_again(assignment_id: UUID) -> str:
    """Return the message that names when the next mail leaves."""
    return _planned(assignment_id)


def _planned(assignment_id: UUID) -> str:
    mails = messages_for([assignment_id])[assignment_id]
    planned = [mail for mail in mails if mail.kind == MAIL_KIND and mail.state == State.PLANNED]
    return f"Its mail is planned for {_moment(planned[0])}." if planned else ""


def after_withdrawing(mail: DropResult) -> str:
    """Return the message that says what became of the mail."""
    if mail.on_their_way:
        return "Exercise withdrawn. Its mail is already on its way; the page behind it is closed."
    return "Exercise withdrawn. Its mail has been dropped." if mail.dropped else "Exercise withdrawn."


def mail_lines(mails: Sequence[Message]) -> list[MailLine]:
    """Return what was and will be sent, line by line."""
    return [MailLine(State(mail.state).label, _TONES.get(State(mail.state), "warn"), _detail(mail)) for mail in mails]


def _detail(mail: Message) -> str:
    if mail.state == State.PLANNED:
        return _moment(mail)
    if mail.state == State.SENT and mail.sent_at is not None:
        return shown(clock.local(mail.sent_at), "l j F, H:i")
    return mail.reason.capitalize()


def _moment(mail: Message) -> str:
    return shown(clock.local(mail.due_at), "l j F, H:i")
