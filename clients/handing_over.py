"""A client goes to another counsellor: who can receive one, the locks, and the client's own row."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import Count, QuerySet

import outbox.services
from clients.models import Client
from practice.models import KeptWords, User
from practice.roles import ROLE_PERMISSIONS, Permission


class HandedOver(Exception):
    """The client is another counsellor's by now."""


class CannotReceive(Exception):
    """This member reads no clients, has left, or has the client already."""


_COUNSELLING = [role for role, may in ROLE_PERMISSIONS.items() if Permission.CLIENT_READ in may]


def receivers(*, but: UUID) -> QuerySet[User]:
    """Return the members who can receive a client, by name; `but` is whose client it is."""
    return User.objects.filter(is_active=True, role__in=_COUNSELLING).exclude(pk=but).order_by("name", "id")


def clients_of(member: User) -> QuerySet[Client]:
    """Return a member's clients by reference, for somebody who runs the practice: references only, never a name."""
    sealed = Client.Privacy.sealed
    theirs = Client.unscoped.filter(counsellor=member)  # no viewer: references only
    return theirs.select_related("counsellor").defer(*sealed).order_by("reference")


def caseloads() -> Mapping[UUID, int]:
    """Return how many clients each member has, in one query."""
    counted = Client.unscoped.values_list("counsellor").annotate(Count("pk"))  # no viewer: a count
    return dict(counted.order_by())


def left_behind() -> list[tuple[UUID, str, int]]:
    """Return members who have left and still have clients: id, name and how many, in one query."""
    waiting = Client.unscoped.filter(counsellor__is_active=False).order_by("counsellor__name")  # no viewer: a count
    counted = waiting.values_list("counsellor", "counsellor__name").annotate(Count("pk"))
    return [(member, name, number) for member, name, number in counted]


def refuse_handed_over(clients: Collection[UUID], counsellor_id: UUID) -> None:
    """Raise HandedOver where one of these clients is not this counsellor's any more.

    Call it once the counsellor's row is locked: a hand-over locks that row before it writes.
    """
    theirs = Client.unscoped.filter(pk__in=clients, counsellor=counsellor_id)  # no viewer: the caller holds the rows
    if theirs.count() != len(set(clients)):
        raise HandedOver


def locked_for(client: Client, to: User) -> Client:
    """Return the client as it is now, with both counsellors' diaries and the client locked, in this order.

    Raise HandedOver where somebody was quicker, CannotReceive.
    """
    both = User.objects.filter(pk__in=(client.counsellor_id, to.pk)).order_by("pk")
    members = {each.pk: each for each in both.select_for_update(no_key=True)}
    now = Client.unscoped.select_for_update(no_key=True).get(pk=client.pk)  # no viewer: the caller holds the row
    if now.counsellor_id != client.counsellor_id:
        raise HandedOver
    may = members[to.pk].is_active and members[to.pk].role in _COUNSELLING
    if not may or to.pk == now.counsellor_id:
        raise CannotReceive
    return now


def give(client: Client, to: User) -> int:
    """Write whose client it is, in the caller's transaction and under its locks. Return how many mails had left.

    The version goes up, so that a form which the former counsellor has open is stale. What they typed about the client
    and did not save goes. A mail that a worker has written names the former counsellor, so it is taken back.
    """
    KeptWords.objects.filter(user=client.counsellor_id, owner_id=client.pk).delete()
    client.counsellor, client.version = to, client.version + 1
    client.save(update_fields=["counsellor", "version"])
    return outbox.services.recall(client.pk)
