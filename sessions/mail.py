"""Mails about one session: its reminder, and the notice that it is booked, has moved or is cancelled.

Each is written from the session as it stands at the moment of sending.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from clients import links
from clients.letters import ClientLetter, address
from clients.models import ClientLink
from outbox.kinds import Attachment, Dropped, Kind, Later, Mail, OnUnknown
from outbox.models import Message
from practice import clock
from practice.letters import write
from sessions import ics, notices
from sessions.models import ClientSession
from sessions.reminders import REMINDER

# A page about a session stays open for a day after it.
PAGE_LASTS = timedelta(days=1)


def reminder(message: Message) -> Mail | Dropped | Later:
    """Write the reminder of a session as it stands now, or say why it is no longer wanted, or when it may leave."""
    session = _session(message)
    reason = _why_no_reminder(session, message)
    if session is None or reason:
        return Dropped(reason)
    letter = address(session.client)
    if not isinstance(letter, ClientLetter):
        return letter
    return _written("mail/session_reminder", session, letter)


def notice(message: Message) -> Mail | Dropped | Later:
    """Write what has become of a session since its client was told last, or say that there is nothing to tell."""
    session = _session(message)
    if session is None:
        return Dropped("session erased")
    if session.version != int(message.key.rpartition(":")[2]):
        return Dropped("changed again since")
    told = notices.told_of(session)
    what = notices.what_to_tell(session, told)
    if what is None or (told.starts_at or session.starts_at) <= timezone.now() >= session.starts_at:
        return Dropped("nothing to tell")
    letter = address(session.client)
    if not isinstance(letter, ClientLetter):
        return letter
    was = clock.local(told.starts_at) if told.starts_at is not None else None
    mail = _written("mail/session_notice", session, letter, what=what.value, was=was)
    return replace(mail, attachments=(_file(session, letter),))


def _file(session: ClientSession, letter: ClientLetter) -> Attachment:
    """Return the calendar file that goes with a notice: it puts the appointment in, moves it or takes it out."""
    return ics.invitation(
        [session],
        to=letter.to,
        written_at=timezone.now(),
        counsellor_name=letter.context["counsellor_name"],
        is_discreet=letter.context["is_discreet"],
    )


def _session(message: Message) -> ClientSession | None:
    rows = ClientSession.unscoped.select_related("client__counsellor")  # no viewer: the mail is for the client
    return rows.filter(pk=message.subject_id).first()


def _why_no_reminder(session: ClientSession | None, message: Message) -> str:
    if session is None:
        return "session erased"
    if session.is_cancelled:
        return "session cancelled"
    if session.revision != int(message.key.rpartition(":")[2]):
        return "session moved"
    return "session had begun" if session.starts_at <= timezone.now() else ""


def page_url(session: ClientSession) -> str:
    """Mint a link to the client's page of a session and return it whole."""
    now = timezone.now()
    token = links.mint(
        client=session.client,
        purpose=ClientLink.Purpose.SESSION,
        subject_id=session.pk,
        expires_at=max(session.ends_at, now) + PAGE_LASTS,
    )
    return f"{settings.SITE_URL}{reverse('sessions:client_page', args=[token])}"


def _written(template: str, session: ClientSession, letter: ClientLetter, **more: Any) -> Mail:
    words = write(
        template,
        {
            **letter.context,
            "starts_at": clock.local(session.starts_at),
            "zone_label": clock.zone_label(),
            "length_minutes": int(session.length.total_seconds()) // 60,
            "mode": session.mode,
            "place": session.place,
            "is_link": session.place.startswith(("https://", "http://")),
            "page_url": page_url(session),
            "is_confirmed": session.status == ClientSession.Status.CONFIRMED,
            **more,
        },
    )
    return Mail(to=letter.to, subject=words.subject, text=words.text, html=words.html, headers=letter.headers)


# A missed reminder costs a session; a second copy costs a glance.
SESSION_REMINDER = Kind(REMINDER, "Session reminder", reminder, OnUnknown.RESEND)
# Two copies of "cancelled" make nobody come; but whether the first arrived, a person had better ask.
SESSION_NOTICE = Kind(notices.NOTICE, "Session notice", notice, OnUnknown.PARK)
