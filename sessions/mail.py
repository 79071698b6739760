"""The session reminder: read from the session at the moment of sending."""

from django.utils import timezone

from clients.letters import ClientLetter, address
from outbox.kinds import Dropped, Kind, Later, Mail, OnUnknown
from outbox.models import Message
from practice import clock
from practice.letters import write
from sessions.models import ClientSession
from sessions.services import REMINDER


def reminder(message: Message) -> Mail | Dropped | Later:
    """Write the reminder of a session as it stands now, or say why it is no longer wanted, or when it may leave."""
    rows = ClientSession.unscoped.select_related("client__counsellor")  # no viewer: the mail is for the client
    session = rows.filter(pk=message.subject_id).first()
    reason = _why_not(session, message)
    if session is None or reason:
        return Dropped(reason)
    letter = address(session.client)
    if not isinstance(letter, ClientLetter):
        return letter
    return _written(session, letter)


def _why_not(session: ClientSession | None, message: Message) -> str:
    if session is None:
        return "session erased"
    if session.is_cancelled:
        return "session cancelled"
    if session.revision != int(message.key.rpartition(":")[2]):
        return "session moved"
    return "session had begun" if session.starts_at <= timezone.now() else ""


def _written(session: ClientSession, letter: ClientLetter) -> Mail:
    words = write(
        "mail/session_reminder",
        {
            **letter.context,
            "starts_at": clock.local(session.starts_at),
            "zone_label": clock.zone_label(),
            "length_minutes": int(session.length.total_seconds()) // 60,
            "mode": session.mode,
            "place": session.place,
            "is_link": session.place.startswith(("https://", "http://")),
        },
    )
    return Mail(to=letter.to, subject=words.subject, text=words.text, html=words.html, headers=letter.headers)


# A missed reminder costs a session; a second copy costs a glance.
SESSION_REMINDER = Kind(REMINDER, "Session reminder", reminder, OnUnknown.RESEND)
