"""Questions about the diary."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from clients.models import Client
from clients.selectors import opened
from clients.span import Span
from practice import clock
from practice.models import User
from sessions.agreements import Numbered, numbers_of
from sessions.models import ClientSession
from vault.services import warm


@dataclass(frozen=True)
class Row:
    """A session in a list, with what its client is called, and its number where a number is agreed."""

    session: ClientSession
    name: str
    numbered: Numbered | None = None


def clash(
    counsellor_id: UUID, starts_at: datetime, ends_at: datetime, *, but: UUID | None = None
) -> ClientSession | None:
    """Return the first session of a counsellor that overlaps with this time; `but` is a session that may."""
    diary = ClientSession.unscoped.filter(counsellor_id=counsellor_id)  # no viewer: the diary's own bookings ask
    taken = diary.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exclude(status__in=ClientSession.CANCELLED)
    if but is not None:
        taken = taken.exclude(pk=but)
    return taken.order_by("starts_at").first()


def bookable_clients(viewer: User) -> list[Client]:
    """Return the viewer's active clients, sorted by name."""
    clients = list(Client.visible_to(viewer).filter(state=Client.State.ACTIVE))
    warm(client.pk for client in clients)
    return sorted(clients, key=lambda client: (name_of(client).casefold(), client.reference))


def name_of(client: Client) -> str:
    """Return what a client is called; where that does not open, the reference, so that a list goes on."""
    called = opened(client, "called")
    return f"{client.reference} (the name does not open)" if called.is_damaged else called.text


def between(viewer: User, first: date, last: date) -> list[Row]:
    """Return the sessions of these days, both included, in order."""
    until = clock.start_of(last + timedelta(days=1))
    return _rows(ClientSession.visible_to(viewer).filter(starts_at__gte=clock.start_of(first), starts_at__lt=until))


def next_with(client: Client, viewer: User, most: int) -> list[ClientSession]:
    """Return the sessions with a client that are still to come, the nearest first."""
    return list(of_client(client, viewer).exclude(_closed()).order_by("starts_at")[:most])


def last_with(client: Client, viewer: User, most: int) -> list[ClientSession]:
    """Return the sessions with a client that are over or were cancelled, the latest first."""
    return list(of_client(client, viewer).filter(_closed()).order_by("-starts_at")[:most])


def of_client(client: Client, viewer: User) -> QuerySet[ClientSession]:
    """Return all sessions with a client."""
    return ClientSession.visible_to(viewer).filter(client=client)


def _closed() -> Q:
    return Q(ends_at__lte=timezone.now()) | Q(status__in=ClientSession.CANCELLED)


def _rows(sessions: QuerySet[ClientSession]) -> list[Row]:
    found = list(sessions.select_related("client").order_by("starts_at"))
    warm(session.client_id for session in found)
    numbers = numbers_of(found)
    return [Row(session, name_of(session.client), numbers.get(session.pk)) for session in found]


def span_with(client: Client) -> Span:
    """Return the days of the first and the last session that took place, for the rule on keeping records."""
    begun = ClientSession.unscoped.filter(client=client, starts_at__lte=timezone.now())  # no viewer: two dates alone
    held = begun.exclude(status__in=ClientSession.CANCELLED).aggregate(first=Min("starts_at"), last=Max("starts_at"))
    first, last = (clock.local(at).date() if at else None for at in (held["first"], held["last"]))
    return Span(first, last)
