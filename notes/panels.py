"""What notes show on Today, on a session's page and in a client's timeline, and files on a client's record."""

from collections.abc import Iterable

from django.urls import reverse

from clients.models import Client
from clients.selectors import opened
from clients.timeline import TimelineEntry
from notes.selectors import files_of, note_of, notes_of, notes_to_write
from practice.models import User
from practice.panels import Panel
from practice.roles import Permission, permissions_of
from sessions.models import ClientSession
from vault.services import warm

SHOWN = 8


def today_panel(viewer: User, subject: object) -> Panel | None:
    """Show the sessions whose note is still to write, the newest first; nothing when all are signed."""
    waiting = notes_to_write(viewer)
    if not waiting:
        return None
    shown = waiting[:SHOWN]
    warm(each.session.client_id for each in shown)
    rows = [
        {"session": each.session, "has_draft": each.has_draft, "called": opened(each.session.client, "called")}
        for each in shown
    ]
    return Panel("notes/_today_panel.html", {"rows": rows, "more": len(waiting) - len(shown)})


def session_panel(viewer: User, session: ClientSession) -> Panel | None:
    """Show where a session's note stands, with the way to it; nothing for a cancelled session that has none."""
    if Permission.NOTE_WRITE not in permissions_of(viewer):
        return None
    note = note_of(session, viewer)
    if note is None and session.is_cancelled:
        return None
    return Panel("notes/_session_panel.html", {"session": session, "note": note})


def files_panel(viewer: User, client: Client) -> Panel | None:
    """Show a client's files, the newest first, with the way to add one."""
    if Permission.NOTE_WRITE not in permissions_of(viewer):
        return None
    rows = [
        {"file": each, **{name: opened(each, name) for name in ("name", "description", "size")}}
        for each in files_of(client, viewer)
    ]
    return Panel("notes/_files_panel.html", {"client": client, "rows": rows[:SHOWN], "older": rows[SHOWN:]})


def timeline(client: Client, viewer: User) -> Iterable[TimelineEntry]:
    """Give a client's notes, each at its session."""
    for note in notes_of(client, viewer):
        page = ("notes:detail", note.pk) if note.is_signed else ("notes:write", note.session_id)
        yield TimelineEntry(
            at=note.session.ends_at,
            kind="note",
            title="Session note",
            url=reverse(page[0], args=[page[1]]),
            badge="Signed" if note.is_signed else "Draft",
            tone="soft" if note.is_signed else "wait",
            detail="For supervision" if note.is_for_supervision else "",
        )
