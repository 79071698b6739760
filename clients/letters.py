"""Who among the clients may be mailed, and what stands in every mail to them. Asked at sending, never before."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from clients import links
from clients.models import Client, ClientLink
from outbox.kinds import Dropped, Later
from practice import clock
from practice.models import Practice

# Longer than a year: somebody who finds an old mail can still stop the next.
MAIL_CHOICES_LAST = timedelta(days=400)


@dataclass(frozen=True)
class ClientLetter:
    """A mail's address, the context that all client mails share, and its headers."""

    to: str
    context: dict[str, Any]
    headers: dict[str, str]


def address(client: Client) -> ClientLetter | Dropped | Later:
    """Return how to write to a client now, with a fresh link to their mail choices; or why not to, or when.

    Outside the practice's mail hours a mail waits for them, however it came to be due then: a retry, a backlog. A kind
    calls this last: each call writes a link. `practice.letters.write` adds the contact and help lines. Raise VaultError
    where the name or address does not open.
    """
    reason = why_not(client)
    if reason:
        return Dropped(reason)
    now = timezone.now()
    allowed = clock.next_mail_moment(now, Practice.current())
    if allowed > now:
        return Later(allowed)
    url = mail_choices_url(client)
    return ClientLetter(
        to=client.email,
        context=context_of(client, url),
        headers={
            "List-Unsubscribe": f"<{url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def context_of(client: Client, mail_choices: str) -> dict[str, Any]:
    """Return what all mails to a client share: the names in it, none where they are discreet, and the way to stop."""
    return {
        "greeting_name": "" if client.is_discreet else greeting_name(client),
        "counsellor_name": "" if client.is_discreet else client.counsellor.first_name,
        "is_discreet": client.is_discreet,
        "mail_choices_url": mail_choices,
    }


def why_not(client: Client) -> str:
    """Return why a client may not be mailed, in plain words without a name; empty when they may."""
    if client.state == Client.State.ENDED:
        return "work has ended"
    if client.may_email != Client.MayEmail.YES:
        return "client has not agreed to e-mail"
    if client.mail_stopped_at is not None:
        return "client stopped e-mails"
    return "" if client.email else "no e-mail address"


def greeting_name(client: Client) -> str:
    """Return the preferred name, or the first of the names."""
    name: str = client.preferred_name or (client.name.split() or [""])[0]
    return name


def mail_choices_url(client: Client) -> str:
    """Mint a link to the client's mail choices and return it whole."""
    token = links.mint(
        client=client,
        purpose=ClientLink.Purpose.MAIL,
        subject_id=client.id,
        expires_at=timezone.now() + MAIL_CHOICES_LAST,
    )
    # By its name alone: the page shows exercises as well, so it lies in the room above.
    return f"{settings.SITE_URL}{reverse('exercises:place', args=[token])}"
