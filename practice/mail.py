"""Kinds of mail to staff: the invitation, and what concerns an account."""

from django.conf import settings
from django.urls import reverse

from outbox.kinds import Dropped, Kind, Mail, OnUnknown, register
from outbox.models import Message
from practice import clock, invitations, letters
from practice.models import Invitation
from practice.roles import TITLES


def register_kinds() -> None:
    """Make both kinds known to the outbox. A doubled link confuses and a person can ask anew: so both are parked."""
    register(Kind("invitation", "Invitation", invitation_mail, OnUnknown.PARK))
    register(Kind("account", "Account", account_mail, OnUnknown.PARK))


def invitation_mail(message: Message) -> Mail | Dropped:
    """Write an invitation with a token that nothing else knows, or say that it is not wanted any more."""
    invitation = Invitation.objects.select_related("invited_by").filter(pk=message.subject_id).first()
    if invitation is None or not invitation.is_open():
        return Dropped("the invitation is no longer open")
    join_url = settings.SITE_URL + reverse("practice:join", args=[invitations.mint(invitation)])
    written = letters.write(
        "mail/invitation",
        {
            "inviter_name": invitation.invited_by.name,
            "role_label": TITLES[invitation.role],
            "join_url": join_url,
            "expires_at": clock.local(invitation.expires_at),
        },
    )
    return Mail(invitation.email, written.subject, written.text, written.html)


def account_mail(message: Message) -> Mail | Dropped:
    """Unfold a mail that was written when it was asked for; its link cannot be made anew."""
    payload = message.payload
    if payload is None:
        return Dropped("its link is no longer kept")
    return Mail(payload["to"], payload["subject"], payload["text"], payload["html"])
