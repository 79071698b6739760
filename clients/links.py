"""Links in mails to clients: minted, resolved, revoked. The database holds their tokens' hashes, never a token."""

import hashlib
import re
import secrets
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from clients.models import Client, ClientLink

# 32 random bytes in URL-safe Base64.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class LinkUnknown(Exception):
    """There is no such link: cut off in the mail, guessed, or made for something else."""


class LinkExpired(Exception):
    """The link has run out or was revoked. `link` is for the room that made it; no page says whose it was."""

    def __init__(self, link: ClientLink | None = None) -> None:
        super().__init__()
        self.link = link


def mint(*, client: Client, purpose: ClientLink.Purpose | str, subject_id: UUID, expires_at: datetime) -> str:
    """Make a link and return its token, which nobody can read again afterwards.

    Raise ValueError for a purpose that is none, or a time that has passed.
    """
    if expires_at <= timezone.now():
        raise ValueError("A link must run out later than now.")
    token = secrets.token_urlsafe(32)
    ClientLink.unscoped.create(  # no viewer: the link is made for the client, at sending
        client=client,
        purpose=ClientLink.Purpose(purpose),
        subject_id=subject_id,
        token_hash=_hash(token),
        expires_at=expires_at,
    )
    return token


def resolve(token: str, purpose: ClientLink.Purpose | str) -> ClientLink:
    """Return the open link of this token, with its client and counsellor; one query on a unique index.

    Raise LinkUnknown or LinkExpired. What is compared is a hash of 256 random bits, so timing tells nothing.
    """
    if not _TOKEN.fullmatch(token):
        raise LinkUnknown
    links = ClientLink.unscoped.select_related("client__counsellor")  # no viewer: the token is the permission
    link = links.filter(token_hash=_hash(token), purpose=purpose).first()
    if link is None:
        raise LinkUnknown
    if not link.is_open(timezone.now()):
        raise LinkExpired(link)
    return link


def extend(link: ClientLink, until: datetime) -> bool:
    """Open a link that has run out, until then; return whether this did it. One that was revoked stays closed."""
    rows = ClientLink.unscoped.filter(pk=link.pk, revoked_at=None)  # no viewer: whoever has the link
    is_done = bool(rows.filter(expires_at=link.expires_at, expires_at__lt=until).update(expires_at=until))
    link.refresh_from_db(fields=["expires_at", "revoked_at"])
    return is_done


def revoke(*, subject_id: UUID) -> int:
    """Close every open link to a subject (an assignment, or a client's mail choices). Return how many."""
    links = ClientLink.unscoped.filter(subject_id=subject_id, revoked_at=None)  # no viewer: the caller holds the row
    return links.update(revoked_at=timezone.now())


def revoke_all(*, client: Client) -> int:
    """Close every open link of a client: their address has changed, and the mails are in somebody else's hands."""
    now = timezone.now()
    links = ClientLink.unscoped.filter(client=client, revoked_at=None)  # no viewer: the caller holds the row
    return links.filter(expires_at__gt=now).update(revoked_at=now)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("ascii")).digest()
