"""What clients have said by their links, on Today, on a session's page and on a client's record."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from clients.models import Client
from clients.selectors import Opened, opened
from practice.models import User
from practice.panels import Panel
from practice.roles import Permission, permissions_of
from sessions.by_link import wishes_of
from sessions.models import ClientReply, ClientSession
from sessions.replies import open_words
from sessions.selectors import name_of
from vault.services import warm

SHOWN = 8
Kind, State = ClientReply.Kind, ClientReply.State
_SAYS: dict[str, str] = {
    Kind.MOVE: "Asks for another time", Kind.TALK: "Asks you to get in touch", Kind.CANCELLED: "Has cancelled",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One reply as a list shows it; `wishes` are those that can still be agreed to."""

    reply: ClientReply
    name: str
    says: str
    words: Opened
    wishes: list[datetime]
    may_move: bool


def today_panel(viewer: User, subject: object) -> Panel | None:
    """Show what clients wait for, the nearest session first; nothing where all is seen."""
    if Permission.CLIENT_READ not in permissions_of(viewer):
        return None
    waiting = list(_replies(viewer).filter(state=State.OPEN).order_by("session__starts_at", "said_at"))
    if not waiting:
        return None
    rows = _said(viewer, waiting[:SHOWN])
    context = {"rows": rows, "more": len(waiting) - len(rows), "is_today": True}
    return Panel("sessions/_today_replies.html", context, needs=len(waiting))


def session_panel(viewer: User, session: ClientSession) -> Panel | None:
    """Show what a client has said about a session, the newest first, what was answered too."""
    found = list(_replies(viewer).filter(session=session).order_by("-said_at"))
    return Panel("sessions/_session_replies.html", {"rows": _said(viewer, found)}) if found else None


def client_panel(viewer: User, client: Client) -> Panel | None:
    """Show what a client waits for; nothing where all is seen."""
    found = list(_replies(viewer).filter(client=client, state=State.OPEN).order_by("session__starts_at", "said_at"))
    return Panel("sessions/_client_replies.html", {"rows": _said(viewer, found)}) if found else None


def _replies(viewer: User) -> QuerySet[ClientReply]:
    return ClientReply.visible_to(viewer).select_related("client", "session").defer("session__place")


def _said(viewer: User, replies: list[ClientReply]) -> list[Said]:
    """Open the words, which leaves the trace of being read."""
    warm(reply.client_id for reply in replies)
    rows = [_row(reply) for reply in replies]
    open_words(actor=viewer, replies=[row.reply for row in rows if row.words.text])
    return rows


def _row(reply: ClientReply) -> Said:
    now = timezone.now()
    may_move = reply.state == State.OPEN and reply.kind == Kind.MOVE and reply.session.is_open
    return Said(
        reply=reply,
        name=name_of(reply.client),
        says=_SAYS[reply.kind],
        words=opened(reply, "words"),
        wishes=[each for each in wishes_of(reply) if each > now] if may_move else [],
        may_move=may_move,
    )
