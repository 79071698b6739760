"""What pages say about a session's mail: what is planned, what became of it, and why there is none."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.dateformat import format as shown

from clients.letters import why_not
from clients.models import Client
from outbox.kinds import label_of
from outbox.models import Message
from outbox.selectors import messages_for
from outbox.services import DropResult
from practice import clock
from sessions.models import ClientSession
from sessions.waiting import has_left_with
from vault.errors import VaultError

State = Message.State
_TONES: dict[str, str] = {State.PLANNED: "wait", State.LEASED: "wait", State.SENT: "ok", State.DROPPED: "soft"}
_NO_REMINDER = {
    "client has not agreed to e-mail": "No reminder, since this client hasn't agreed to e-mail.",
    "client stopped e-mails": "No reminder, since this client has stopped e-mails.",
    "no e-mail address": "No reminder, since there is no e-mail address on the client's record.",
    "work has ended": "No reminder, since the work with this client has ended.",
}


@dataclass(frozen=True)
class MailLine:
    """One mail of a session as its page lists it."""

    label: str
    state: str
    tone: str
    text: str


def mail_lines(session: ClientSession) -> list[MailLine]:
    """Return what was and will be sent about a session, the newest first."""
    return [
        MailLine(label_of(each.kind), State(each.state).label, _TONES.get(each.state, "warn"), _fate(each))
        for each in messages_for([session.pk])[session.pk]
    ]


def why_no_reminder(client: Client) -> str:
    """Return why the client would not be reminded if it were due now; empty when they would."""
    try:
        reason = why_not(client)
    except VaultError:
        return "No reminder, since the e-mail address on the client's record does not open."
    return _NO_REMINDER[reason] if reason else ""


def after_booking(session: ClientSession) -> str:
    """Say that a session is booked, and what becomes of its reminder."""
    off = " They are off the waiting list." if has_left_with(session) else ""
    return f"Session booked. {why_no_reminder(session.client) or _planned(session)}{off}"


def after_moving(session: ClientSession) -> str:
    """Say that a session has moved, and what becomes of its reminder."""
    follows = "The reminder follows it." if _waiting(session) else _planned(session)
    told = "The one for the old time had left already, so please let the client know yourself."
    sentence = f"Session moved. {why_no_reminder(session.client) or follows}"
    return f"{sentence} {told}" if _has_left(session) else sentence


def after_cancelling(session: ClientSession, mail: DropResult) -> str:
    """Say that a session is cancelled, and what became of its reminder."""
    if mail.on_their_way:
        return "Session cancelled. Its reminder is already on its way."
    if _has_left(session):
        return "Session cancelled. Its reminder had left already, so please let the client know yourself."
    return "Session cancelled. Its reminder has been dropped." if mail.dropped else "Session cancelled."


def before_cancelling(session: ClientSession) -> str:
    """Say what cancelling will do to the reminder, and that the client is not told."""
    told = "Nothing is sent to the client about it, so please let them know yourself."
    waiting = _waiting(session)
    if waiting is not None:
        return f"Its reminder, planned for {_moment(waiting.due_at)}, will be dropped. {told}"
    if _has_left(session):
        return f"Its reminder has left already. {told}"
    return told


def _planned(session: ClientSession) -> str:
    waiting = _waiting(session)
    if waiting is None:
        return "It is too soon for a reminder."
    return f"A reminder is planned for {_moment(waiting.due_at)}."


def _waiting(session: ClientSession) -> Message | None:
    return next((each for each in messages_for([session.pk])[session.pk] if each.is_waiting), None)


def _has_left(session: ClientSession) -> bool:
    return any(each.state in (State.SENT, State.UNSURE) for each in messages_for([session.pk])[session.pk])


def _fate(message: Message) -> str:
    match message.state:
        case State.PLANNED:
            return f"Planned for {_with_zone(message.due_at)}"
        case State.SENT if message.sent_at is not None:
            return f"Sent {_with_zone(message.sent_at)}"
        case State.LEASED:
            return "On its way"
        case State.EXPIRED:
            return "Missed: it could not leave in time"
        case _:
            return message.reason.capitalize()


def _moment(moment: datetime) -> str:
    return shown(clock.local(moment), "l j F, H:i")


def _with_zone(moment: datetime) -> str:
    return f"{shown(clock.local(moment), 'D j M, H:i')} ({clock.zone_label()})"
