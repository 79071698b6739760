"""What the diary shows on Today, on a client's record and in their timeline."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

from django.urls import reverse

from clients.models import Client
from clients.timeline import TimelineEntry
from practice import clock
from practice.models import User
from practice.panels import Panel
from practice.roles import Permission, permissions_of
from sessions.agreements import standing_of
from sessions.missed import missed
from sessions.models import ClientSession
from sessions.selectors import between, last_with, next_with, of_client
from sessions.waiting_list import gaps, waiting_entry

COMING_DAYS = 4
NEXT, LAST = 3, 3
Status = ClientSession.Status
_TONES: dict[str, str] = {
    Status.BOOKED: "",
    Status.CONFIRMED: "ok",
    Status.ATTENDED: "ok",
    Status.DID_NOT_ATTEND: "warn",
}


def today_panel(viewer: User, subject: object) -> Panel | None:
    """Show today's sessions in order, each with what comes next for it."""
    if Permission.CLIENT_READ not in permissions_of(viewer):
        return None
    return Panel("sessions/_today_panel.html", {"rows": between(viewer, clock.today(), clock.today())})


def missed_panel(viewer: User, subject: object) -> Panel | None:
    """Show the sessions of which no reminder could leave in time; nothing where all did."""
    rows = missed(viewer)
    return Panel("sessions/_missed_panel.html", {"rows": rows}, needs=len(rows)) if rows else None


def coming_panel(viewer: User, subject: object) -> Panel | None:
    """Show the sessions of the next few days; nothing where there is none."""
    tomorrow = clock.today() + timedelta(days=1)
    rows = between(viewer, tomorrow, tomorrow + timedelta(days=COMING_DAYS - 1))
    days = groupby(rows, key=lambda row: clock.local(row.session.starts_at).date())
    return Panel("sessions/_coming_panel.html", {"days": [(day, list(each)) for day, each in days]}) if rows else None


def gap_panel(viewer: User, subject: object) -> Panel | None:
    """Show the time that cancelled sessions have left free, where somebody on the waiting list would take it."""
    found = gaps(viewer)
    return Panel("sessions/_gap_panel.html", {"gaps": found}) if found else None


def client_panel(viewer: User, client: Client) -> Panel | None:
    """Show the next sessions with a client and the last few."""
    if Permission.CLIENT_READ not in permissions_of(viewer):
        return None
    coming, past = next_with(client, viewer, NEXT), last_with(client, viewer, LAST)
    is_active = client.state == Client.State.ACTIVE
    waiting = waiting_entry(viewer, client) if is_active else None
    context = {"client": client, "coming": coming, "past": past, "is_active": is_active, "waiting": waiting}
    return Panel("sessions/_client_panel.html", {**context, "standing": standing_of(client)})


def timeline(client: Client, viewer: User) -> Iterable[TimelineEntry]:
    """Give a client's sessions, each at its start."""
    for session in of_client(client, viewer):
        yield TimelineEntry(
            at=session.starts_at,
            kind="session",
            title=f"Session, {ClientSession.Mode(session.mode).label.lower()}",
            url=reverse("sessions:detail", args=[session.pk]),
            badge=Status(session.status).label,
            tone=_TONES.get(session.status, "soft"),
        )
