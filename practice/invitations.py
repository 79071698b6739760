"""Invitation links: minted when the mail is written, resolved when opened. Hashes are stored, never a token."""

import hashlib
import re
import secrets

from practice.models import Invitation

# 32 random bytes in URL-safe Base64.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class InvitationUnknown(Exception):
    """There is no invitation with this token: cut off in the mail, or guessed."""


class InvitationClosed(Exception):
    """The invitation has been used, was revoked, or has run out."""


def mint(invitation: Invitation) -> str:
    """Give an invitation a new token and return it; the one before opens nothing any more."""
    token = secrets.token_urlsafe(32)
    invitation.token_hash = _hash(token)
    invitation.save(update_fields=["token_hash"])
    return token


def resolve(token: str) -> Invitation:
    """Return the open invitation of this token. Raise InvitationUnknown or InvitationClosed.

    What is compared is a hash of 256 random bits, so timing tells nothing.
    """
    if not _TOKEN.fullmatch(token):
        raise InvitationUnknown
    invitation = Invitation.objects.select_related("invited_by").filter(token_hash=_hash(token)).first()
    if invitation is None:
        raise InvitationUnknown
    if not invitation.is_open():
        raise InvitationClosed
    return invitation


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("ascii")).digest()
