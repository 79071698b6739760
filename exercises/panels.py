"""What exercises show on a client's record, on a session's page and in the timeline. Today: exercises/today.py."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.urls import reverse

from clients.models import Client
from clients.timeline import TimelineEntry
from exercises.before import before_session
from exercises.coming import coming_of
from exercises.models import Answer, Assignment, Course, Mode, Sharing
from exercises.running import courses_of, title_of
from exercises.selectors import badge_of, of_client
from practice.models import User
from practice.panels import Panel
from practice.roles import Permission, permissions_of
from sessions.models import ClientSession

SHOWN = 8
State = Assignment.State
_WHAT = {State.NOT_NOW: "Not this week", State.TOO_MUCH: "It was too much"}
_CLOSED = {Course.State.FINISHED: "Programme finished", Course.State.ENDED: "Programme ended"}


def client_panel(viewer: User, client: Client) -> Panel | None:
    """Show what is with a client, what runs for them and what comes next of it, and what is done with."""
    if Permission.EXERCISE_ASSIGN not in permissions_of(viewer):
        return None
    rows = [_row(each) for each in of_client(viewer, client).defer("answer__values")]
    with_them = [row for row in rows if row["assignment"].is_open]
    settled = [row for row in rows if not row["assignment"].is_open]
    context = {
        "client": client,
        "is_active": client.state == Client.State.ACTIVE,
        "with_them": with_them,
        "running": coming_of([course for course in courses_of(viewer, client) if course.is_open]),
        "rows": settled[:SHOWN],
        "older": settled[SHOWN:],
        "has_answers": any(row["assignment"].answered_at for row in settled),
    }
    return Panel("exercises/_client_panel.html", context)


def session_panel(viewer: User, session: ClientSession) -> Panel | None:
    """Show what a client was given before a session, and what came back; nothing where there was nothing.

    An answer with words in it leaves the trace of being read.
    """
    before = before_session(viewer, session)
    return None if before is None else Panel("exercises/_session_panel.html", {"before": before})


def timeline(client: Client, viewer: User) -> Iterable[TimelineEntry]:
    """Give what a client was given, what they sent, and when programmes began and ended; no word of any of it."""
    rows = of_client(viewer, client).select_related("step").defer("answer__values")
    return chain(
        (entry for given in rows for entry in _of_assignment(given)),
        (entry for course in courses_of(viewer, client) for entry in _of_course(course)),
    )


def _of_assignment(given: Assignment) -> Iterable[TimelineEntry]:
    url, badge, title = reverse("exercises:assignment", args=[given.pk]), badge_of(given), given.version.title
    shown = {} if given.answered_at is not None else {"badge": badge.label, "tone": badge.tone}
    # Of what comes every day or so, the answer says that it came.
    is_repeated = given.step is not None and given.step.mode == Mode.WEEKDAYS
    if given.answered_at is None or not is_repeated:
        yield TimelineEntry(given.assigned_at, "exercise", f"Exercise: {title}", url, **shown)
    if given.answered_at is not None:
        yield TimelineEntry(given.answered_at, "answer", f"{_what(given)}: {title}", url, badge.label, badge.tone)


def _of_course(course: Course) -> Iterable[TimelineEntry]:
    """Give the beginning and the end of a programme, or of an exercise that is repeated."""
    url, title = reverse("exercises:course", args=[course.pk]), title_of(course)
    what = "Programme begun" if course.programme_id else "To be repeated"
    yield TimelineEntry(course.started_at, "exercise", f"{what}: {title}", url)
    if course.closed_at is not None:
        word = _CLOSED[Course.State(course.state)] if course.programme_id else "Repeated no more"
        yield TimelineEntry(course.closed_at, "exercise", f"{word}: {title}", url)


def _what(given: Assignment) -> str:
    if given.state in _WHAT:
        return _WHAT[State(given.state)]
    answer: Answer | None = getattr(given, "answer", None)
    is_shared = answer is not None and answer.sharing == Sharing.SHARED
    return "Answer" if is_shared else "Done"


def _row(given: Assignment) -> dict[str, Any]:
    return {"assignment": given, "version": given.version, "badge": badge_of(given)}
