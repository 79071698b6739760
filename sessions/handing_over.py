"""Booked sessions go along with their client, into the diary of the counsellor who receives them."""

from collections.abc import Sequence

from django.utils import timezone

import outbox.services
from clients.models import Client
from outbox.services import DropResult
from practice.models import User
from sessions.diary import plan_mail
from sessions.models import ClientSession, Series
from sessions.selectors import clash
from sessions.series_notices import tell, unsaid
from sessions.settling import settle_moves


class DiariesClash(Exception):
    """The receiving counsellor has other sessions then. Carries the client's sessions that clash: times, no names."""

    def __init__(self, sessions: Sequence[ClientSession]) -> None:
        super().__init__("The receiving counsellor has other sessions at these times.")
        self.sessions = list(sessions)


def booked_with(client: Client) -> list[ClientSession]:
    """Return the sessions that a hand-over takes along: booked, and not over. Nothing is opened."""
    sessions = ClientSession.unscoped.filter(client=client)  # no viewer: the caller holds the client
    open_ones = sessions.filter(status__in=ClientSession.AHEAD, ends_at__gt=timezone.now())
    return list(open_ones.defer("place").order_by("starts_at", "pk"))


def clashing(sessions: Sequence[ClientSession], to: User) -> list[ClientSession]:
    """Return those of the sessions at whose time this counsellor has another."""
    return [each for each in sessions if clash(to.pk, each.starts_at, each.ends_at, but=each.pk)]


def locked_with(client: Client) -> list[ClientSession]:
    """Return what `booked_with` does, locked; the diaries and the client are locked before."""
    wanted = [session.pk for session in booked_with(client)]
    rows = ClientSession.unscoped.filter(pk__in=wanted).order_by("pk")  # no viewer: the caller holds the client
    locked = rows.select_related("client").select_for_update(of=("self",), no_key=True).defer("place")
    return [each for each in locked if each.is_open]


def give(client: Client, sessions: Sequence[ClientSession], to: User) -> None:
    """Put a client's sessions and series into this counsellor's diary, in the caller's transaction, under its locks.

    Their mail is planned anew: what waits to be said bears the version before, and the rules of reminding are the
    receiving counsellor's.
    """
    for session in sessions:
        session.counsellor = to
        session.version += 1
        session.save(update_fields=["counsellor", "version"])
        plan_mail(session)
    for series in Series.unscoped.filter(client=client).order_by("pk"):  # no viewer: the caller holds the client
        series.counsellor = to
        series.version += 1
        series.save(update_fields=["counsellor", "version"])
        tell(series, unsaid(series.pk, client.pk))


def cancel(sessions: Sequence[ClientSession]) -> DropResult:
    """Cancel sessions on the counsellor's side and drop their mail. The caller leaves the audit rows, and locks."""
    for session in sessions:
        session.status = ClientSession.Status.CANCELLED_BY_COUNSELLOR
        session.version += 1
        session.save(update_fields=["status", "version"])
    mail = outbox.services.drop([session.pk for session in sessions], reason="session cancelled")
    for session in sessions:
        plan_mail(session)
        settle_moves(session)
    return mail
