"""What the diary holds of a client when the work with them ends: sessions ahead, series, a wait for a place."""

from django.utils import timezone

import outbox.services
from clients.models import Client
from sessions.diary import locked_all, write_status
from sessions.handing_over import booked_with
from sessions.models import ClientSession, Series, WaitingEntry
from sessions.settling import settle_moves


def ahead_of(client: Client) -> list[ClientSession]:
    """Return the sessions that would be cancelled: booked, and not begun. Nothing is opened."""
    return [each for each in booked_with(client) if not each.has_begun]


def leave_diary(client: Client) -> list[ClientSession]:
    """Cancel what is booked, let nothing be added to series, and take the client off the waiting list.

    In the caller's transaction, under its locks on diary and client. No mail tells of it: nothing is sent to somebody
    with whom the work has ended, so the counsellor tells them. Return what was cancelled; the caller leaves the rows.
    """
    sessions = locked_all([each.pk for each in ahead_of(client)])
    for session in sessions:
        write_status(session, ClientSession.Status.CANCELLED_BY_COUNSELLOR)
        settle_moves(session)
    outbox.services.drop([session.pk for session in sessions], reason="work has ended")
    _end_series(client)
    WaitingEntry.unscoped.filter(client=client, left_at=None).update(  # no viewer: the caller holds the client
        left_at=timezone.now(), left_why=WaitingEntry.Left.TAKEN_OFF
    )
    return sessions


def _end_series(client: Client) -> None:
    rows = Series.unscoped.filter(client=client, ended_at=None).order_by("pk")  # no viewer: the caller's client
    for series in rows.select_for_update(no_key=True):
        series.ended_at, series.version = timezone.now(), series.version + 1
        series.save(update_fields=["ended_at", "version"])
        outbox.services.drop([series.pk], reason="work has ended")
