"""The mail that tells a counsellor of a client's reply when the session is near: a reference, no name, no words."""

from django.conf import settings
from django.urls import reverse

from outbox.kinds import Dropped, Kind, Mail, OnUnknown
from outbox.models import Message
from practice import clock
from practice.letters import write
from sessions.models import ClientReply
from sessions.settling import CLIENT_REPLY

SAID = {
    ClientReply.Kind.MOVE: "asks for another time",
    ClientReply.Kind.TALK: "asks to be contacted",
    ClientReply.Kind.CANCELLED: "has cancelled",
}


def render(message: Message) -> Mail | Dropped:
    """Write to whose client it is now, or say why that is no longer wanted. Their own mail keeps no quiet hours."""
    rows = ClientReply.unscoped.select_related("session", "client__counsellor")  # no viewer: the outbox sends for all
    reply = rows.filter(pk=message.subject_id).first()
    if reply is None:
        return Dropped("reply erased")
    if reply.state != ClientReply.State.OPEN:
        return Dropped("seen already")
    counsellor = reply.client.counsellor
    if not counsellor.is_active:
        return Dropped("the counsellor has left")
    words = write(
        "mail/client_reply",
        {
            "first_name": counsellor.first_name,
            "reference": reply.client.reference,
            "said": SAID[ClientReply.Kind(reply.kind)],
            "starts_at": clock.local(reply.session.starts_at),
            "zone_label": clock.zone_label(),
            "session_url": settings.SITE_URL + reverse("sessions:detail", args=[reply.session_id]),
        },
    )
    return Mail(to=counsellor.email, subject=words.subject, text=words.text, html=words.html)


# Nobody is to act twice on one request: where its outcome is unknown, a person decides; Today has it in any case.
CLIENT_REPLY_MAIL = Kind(CLIENT_REPLY, "Word to the counsellor", render, OnUnknown.PARK)
