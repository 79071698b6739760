"""What exercises show on Today, on a client's record, on a session's page and in the timeline."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from clients.models import Client
from clients.selectors import opened
from clients.timeline import TimelineEntry
from exercises.answers import open_answer
from exercises.models import Answer, Assignment, Sharing
from exercises.selectors import badge_of, last_before, of_client, reply_of, to_review
from practice.models import User
from practice.panels import Panel
from practice.roles import Permission, permissions_of
from sessions.models import ClientSession
from sessions.selectors import name_of
from vault.services import warm

SHOWN = 8
State = Assignment.State


def today_panel(viewer: User, subject: object) -> Panel | None:
    """Show what came back and waits to be read, the longest first; nothing when all is read."""
    waiting = list(to_review(viewer).defer("answer__values"))
    if not waiting:
        return None
    warm(each.client_id for each in waiting[:SHOWN])
    rows = [_row(each) | {"name": name_of(each.client)} for each in waiting[:SHOWN]]
    more = len(waiting) - len(rows)
    return Panel("exercises/_today_panel.html", {"rows": rows, "more": more}, needs=len(waiting))


def client_panel(viewer: User, client: Client) -> Panel | None:
    """Show what a client was given: with them, to review, and what is done with."""
    if Permission.EXERCISE_ASSIGN not in permissions_of(viewer):
        return None
    rows = [_row(each) for each in of_client(viewer, client).defer("answer__values")]
    is_active = client.state == Client.State.ACTIVE
    context = {"client": client, "is_active": is_active, "rows": rows[:SHOWN], "older": rows[SHOWN:]}
    return Panel("exercises/_client_panel.html", context)


def session_panel(viewer: User, session: ClientSession) -> Panel | None:
    """Show what a client was given last before a session, and what came back; nothing where there was nothing.

    An answer with words in it leaves the trace of being read.
    """
    given = last_before(viewer, session)
    if given is None:
        return None
    reply = reply_of(given)
    if reply is not None and reply.told:
        open_answer(actor=viewer, assignment=given)
    return Panel("exercises/_session_panel.html", _row(given) | {"reply": reply, "learned": opened(given, "learned")})


def timeline(client: Client, viewer: User) -> Iterable[TimelineEntry]:
    """Give what a client was given, and what they sent; no word of either."""
    for given in of_client(viewer, client).defer("answer__values"):
        url, badge = reverse("exercises:assignment", args=[given.pk]), badge_of(given)
        title = given.version.title
        is_back = given.answered_at is not None
        shown = {} if is_back else {"badge": badge.label, "tone": badge.tone}
        yield TimelineEntry(given.assigned_at, "exercise", f"Exercise: {title}", url, **shown)
        if given.answered_at is not None:
            yield TimelineEntry(given.answered_at, "answer", f"{_what(given)}: {title}", url, badge.label, badge.tone)


def _what(given: Assignment) -> str:
    if given.state == State.NOT_NOW:
        return "Not this week"
    answer: Answer | None = getattr(given, "answer", None)
    is_shared = answer is not None and answer.sharing == Sharing.SHARED
    return "Answer" if is_shared else "Done"


def _row(given: Assignment) -> dict[str, Any]:
    return {"assignment": given, "version": given.version, "badge": badge_of(given)}
