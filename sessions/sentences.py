"""What pages say about a session's mail: what is planned, what became of it, and why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from clients.letters import why_not
from clients.models import Client
from outbox.kinds import label_of
from outbox.models import Message
from outbox.selectors import messages_for
from outbox.services import DropResult
from practice import clock
from sessions.models import ClientSession, DiaryRules, Series
from sessions.notices import NOTICE
from sessions.reminders import REMINDER
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
    """Say that a session is booked, and what mail follows."""
    off = " They are off the waiting list." if has_left_with(session) else ""
    return f"Session booked. {why_no_reminder(session.client) or _joined(_news(session), _planned(session))}{off}"


def after_moving(session: ClientSession, *, was: datetime) -> str:
    """Say that a session has moved from its old start, or takes longer or shorter; and what becomes of its mail."""
    done = "Session moved." if session.starts_at != was else "Session’s length changed."
    reason = why_no_reminder(session.client)
    if reason:
        return f"{done} {reason}{_unreached(session)}"
    follows = "The reminder follows it." if _waiting(session, REMINDER) else _planned(session)
    news = _news(session)
    return f"{done} {_joined(news, follows)}{'' if news else _unreached(session)}"


def after_booking_again(session: ClientSession) -> str:
    """Say that a session that was cancelled is to take place after all, and what mail follows."""
    return f"Session booked again. {why_no_reminder(session.client) or _joined(_news(session), _planned(session))}"


def planned_of(sessions: Sequence[ClientSession]) -> set[UUID]:
    """Return the mails that wait to leave about these sessions, without those that would not leave anyway."""
    clients = {session.client_id: session.client for session in sessions}
    closed = {pk for pk, client in clients.items() if why_no_reminder(client)}
    open_ones = [session for session in sessions if session.client_id not in closed]
    series = {session.series_id for session in open_ones if session.series_id}
    found = messages_for([*(session.pk for session in open_ones), *series])
    return {message.pk for messages in found.values() for message in messages if message.is_waiting}


def after_undoing(planned: set[UUID]) -> str:
    """Say that a deed is undone; `planned` are the mails that waited to leave before."""
    waiting = {message.pk for message in Message.objects.filter(pk__in=planned) if message.is_waiting}
    return "Undone." if waiting == planned else "Undone. Mail that was planned for it has been taken back."


def after_cancelling(session: ClientSession, mail: DropResult) -> str:
    """Say that a session is cancelled, and what became of its mail."""
    news = _news(session)
    if news:
        return f"Session cancelled. {news}"
    if mail.on_their_way:
        return "Session cancelled. Its reminder is already on its way."
    if _has_left(session):
        return "Session cancelled. Its reminder had left already, so please let the client know yourself."
    return "Session cancelled. Its reminder has been dropped." if mail.dropped else "Session cancelled."


def after_booking_series(series: Series) -> str:
    """Say how many sessions a series has been given, and who is told."""
    number = ClientSession.unscoped.filter(series=series).count()  # no viewer: a count for who has just booked them
    return f"Series booked: {_sessions(number)}. {_told_of_series(series)}"


def after_changing_series(series: Series) -> str:
    """Say how many sessions now go by the new rule, and who is told."""
    number = ClientSession.unscoped.filter(series=series).count()  # no viewer: as above
    return f"Series changed: {_sessions(number)}. {_told_of_series(series)}"


def after_cancelling_series(series: Series, gone: Sequence[ClientSession]) -> str:
    """Say how many sessions are cancelled, and who is told."""
    return f"Series ended: {_sessions(len(gone))} cancelled. {_told_of_series(series)}"


def _sessions(number: int) -> str:
    return "one session" if number == 1 else f"{number} sessions"


def _told_of_series(series: Series) -> str:
    """Say whether and when the client hears of it by one mail."""
    waiting = next((each for each in messages_for([series.pk])[series.pk] if each.is_waiting), None)
    reason = why_no_reminder(series.client)
    if reason:
        return f"{reason.replace('No reminder', 'No mail')} Please let them know yourself."
    if waiting is None:
        return "Nothing is sent to the client about it, so please let them know yourself."
    return f"One mail tells the client{_soon(waiting.due_at)}."


def _soon(moment: datetime) -> str:
    """Return when a mail leaves, after “tells the client”: now, in minutes where that is near, else by the clock."""
    if moment <= timezone.now():
        return " now"
    minutes = round((moment - timezone.now()).total_seconds() / 60)
    if minutes < 60:
        return ", in a minute" if minutes <= 1 else f", in {minutes} minutes"
    return f", {_moment(moment)}"


def before_cancelling(session: ClientSession) -> str:
    """Say what cancelling will do to the mail, and whether the client is told."""
    told = "Nothing is sent to the client about it, so please let them know yourself."
    if DiaryRules.current().notify_cancelled and not why_no_reminder(session.client):
        told = "A mail tells the client a little later, so that you can still undo it."
    waiting = _waiting(session, REMINDER)
    if waiting is not None:
        return f"Its reminder, planned for {_moment(waiting.due_at)}, will be dropped. {told}"
    if _has_left(session):
        return f"Its reminder has left already. {told}"
    return told


def _planned(session: ClientSession) -> str:
    waiting = [each.due_at for each in _mails(session, REMINDER) if each.is_waiting]
    if not waiting:
        return "" if _waiting(session, NOTICE) else "It is too soon for a reminder."
    moments = [_moment(each) for each in sorted(waiting)]
    if len(moments) == 1:
        return f"A reminder is planned for {moments[0]}."
    return f"Reminders are planned for {'; '.join(moments[:-1])} and {moments[-1]}."


def _news(session: ClientSession) -> str:
    """Say when the client is told by a notice; empty where none is planned."""
    waiting = _waiting(session, NOTICE)
    return "" if waiting is None else f"A mail tells the client{_soon(waiting.due_at)}."


def _unreached(session: ClientSession) -> str:
    if not _has_left(session):
        return ""
    return " The one for the old time had left already, so please let the client know yourself."


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _mails(session: ClientSession, kind: str) -> list[Message]:
    return [each for each in messages_for([session.pk])[session.pk] if each.kind == kind]


def _waiting(session: ClientSession, kind: str) -> Message | None:
    return next((each for each in _mails(session, kind) if each.is_waiting), None)


def _has_left(session: ClientSession) -> bool:
    return any(each.state in (State.SENT, State.UNSURE) for each in _mails(session, REMINDER))


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
    return clock.shown(moment, "l j F, H:i")


def _with_zone(moment: datetime) -> str:
    return f"{clock.shown(moment, 'D j M, H:i')} ({clock.zone_label()})"
