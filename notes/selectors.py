"""Questions about notes and files."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from notes.models import Attachment, Note
from practice.models import User
from sessions.models import ClientSession

Status = ClientSession.Status


@dataclass(frozen=True)
class ToWrite:
    """A session that is over and whose note is not signed; `has_draft` where some words are there."""

    session: ClientSession
    has_draft: bool


def notes_to_write(viewer: User) -> list[ToWrite]:
    """Return the viewer's past sessions, attended or not yet closed, without a signed note; the newest first."""
    sessions = (
        ClientSession.visible_to(viewer)
        .filter(status__in=(Status.ATTENDED, *ClientSession.AHEAD), ends_at__lte=timezone.now())
        .filter(Q(note__isnull=True) | Q(note__state=Note.State.DRAFT))
        .select_related("client")
        .annotate(has_draft=Q(note__isnull=False))
        .order_by("-starts_at")
    )
    return [ToWrite(session, has_draft=session.has_draft) for session in sessions]


def note_of(session: ClientSession, viewer: User) -> Note | None:
    """Return a session's note, its words unopened."""
    return Note.visible_to(viewer).select_related("client", "session").filter(session=session).first()


def notes_of(client: Client, viewer: User) -> list[Note]:
    """Return a client's notes with their sessions, their words unopened."""
    return list(Note.visible_to(viewer).filter(client=client).select_related("session"))


def files_of(client: Client, viewer: User) -> list[Attachment]:
    """Return a client's files, the newest first; names unopened."""
    return list(Attachment.visible_to(viewer).filter(client=client).order_by("-added_at"))
