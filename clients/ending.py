"""The client's own row when the work with them ends, and when it begins again. Rooms above see to what hangs on it."""

from django.db import transaction
from django.utils import timezone

import outbox.services
from clients.handing_over import HandedOver
from clients.models import Client
from practice import trail
from practice.models import User


class WorkEnded(Exception):
    """The work with this client has ended already."""


def locked_to_end(client: Client) -> Client:
    """Return the client as they are now, with the diary and then the client locked. Raise WorkEnded, HandedOver."""
    list(User.objects.select_for_update(no_key=True).filter(pk=client.counsellor_id).values_list("pk"))
    now = Client.unscoped.select_for_update(no_key=True).get(pk=client.pk)  # no viewer: the caller holds the row
    if now.counsellor_id != client.counsellor_id:
        raise HandedOver
    if now.state == Client.State.ENDED:
        raise WorkEnded
    return now


def close(client: Client) -> int:
    """Write that the work has ended, in the caller's transaction and under its locks. Return how many mails had left.

    Whatever mail is still planned is dropped when its turn comes: "work has ended" (clients/letters.py).
    """
    client.state, client.ended_at, client.version = Client.State.ENDED, timezone.now(), client.version + 1
    client.save(update_fields=["state", "ended_at", "version"])
    return outbox.services.recall(client.pk)


@transaction.atomic
def take_up_again(*, actor: User, client: Client) -> Client:
    """Begin the work with a client again: the record is as it was, and nothing is booked or sent. Twice is once.

    Locks the client. Raise HandedOver.
    """
    now = Client.unscoped.select_for_update(no_key=True).get(pk=client.pk)  # no viewer: the caller holds the row
    if now.counsellor_id != client.counsellor_id:
        raise HandedOver
    if now.state == Client.State.ACTIVE:
        return now
    now.state, now.ended_at, now.version = Client.State.ACTIVE, None, now.version + 1
    now.save(update_fields=["state", "ended_at", "version"])
    trail.record("client.take_up", actor=actor, subject=now, reference=now.reference)
    return now
