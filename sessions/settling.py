"""Replies of clients that are answered by what happens to their session. Below every deed, so that each can settle."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.utils import timezone

import outbox.services
from sessions.models import ClientReply, ClientSession

CLIENT_REPLY = "client_reply"
State = ClientReply.State
# What one deed writes lies no further apart.
_ONE_DEED = timedelta(seconds=5)


def settle_moves(session: ClientSession) -> None:
    """Close what the client asked about another time: the session has moved or is cancelled, so that is answered.

    Where it stands at a time that they wished for, that was agreed. In the caller's transaction, under its lock on the
    session.
    """
    open_ones = ClientReply.unscoped.filter(session=session, state=State.OPEN)  # no viewer: the caller's session
    for reply in open_ones.filter(kind=ClientReply.Kind.MOVE):
        is_agreed = not session.is_cancelled and session.starts_at.astimezone(UTC).isoformat() in reply.wishes
        close([reply], State.AGREED if is_agreed else State.SEEN)


def reopen_moves(sessions: Iterable[ClientSession], at: datetime) -> None:
    """Let wishes wait again that a deed of this moment had answered, and that was taken back.

    In the caller's transaction, under its locks on the sessions. Where the client has asked anew that stands.
    """
    for session in sessions:
        moves = ClientReply.unscoped.filter(session=session, kind=ClientReply.Kind.MOVE)  # no viewer: as the session
        if not moves.filter(state=State.OPEN).exists():
            answered = moves.filter(closed_at__gt=at - _ONE_DEED, closed_at__lte=at).order_by("closed_at").last()
            if answered is not None:
                answered.state, answered.closed_at = State.OPEN, None
                answered.save(update_fields=["state", "closed_at"])


def close(replies: Sequence[ClientReply], state: str) -> None:
    """Close replies, and drop the mail that would have told of them."""
    for reply in replies:
        reply.state, reply.closed_at = state, timezone.now()
        reply.save(update_fields=["state", "closed_at"])
    outbox.services.drop([reply.pk for reply in replies], kind=CLIENT_REPLY, reason="seen already")
