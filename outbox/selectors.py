"""Questions about mail: what waits, what needs a hand, is the sender alive?"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from outbox.models import Message, Sending

State = Message.State
LATE_AFTER = timedelta(minutes=5)
SILENT_AFTER = timedelta(minutes=3)
REFUSED_OFTEN = 2  # tries; the third comes about six minutes after the first
TROUBLE = (State.FAILED, State.UNSURE, State.HELD)


def messages_for(subject_ids: Iterable[UUID]) -> dict[UUID, list[Message]]:
    """Return the mails of each subject, the newest due first; one query."""
    found: dict[UUID, list[Message]] = defaultdict(list)
    for message in Message.objects.filter(subject_id__in=list(subject_ids)).order_by("-due_at", "id"):
        found[message.subject_id].append(message)
    return found


def in_trouble() -> QuerySet[Message]:
    """Return mails that wait for a person's decision, and those that ran out of time while the server put them off."""
    lost = Q(state=State.EXPIRED, attempts__gt=0)
    return Message.objects.filter(Q(state__in=TROUBLE) | lost).order_by("-due_at", "id")


def is_in_trouble(message: Message) -> bool:
    """Say of one mail whether it is among them."""
    return message.state in TROUBLE or (message.state == State.EXPIRED and message.attempts > 0)


@dataclass(frozen=True)
class Watch:
    """What the watchdog sees. `trouble` is one sentence for a banner, empty when all is well."""

    is_paused: bool
    trouble: str


def watch() -> Watch:
    """Say whether mail leaves: last tick at most 3 min ago, none over 5 min late, none put off twice by the server."""
    now, row = timezone.now(), Sending.objects.filter(pk=1).first()
    if row is not None and row.paused_at is not None:
        return Watch(True, row.pause_reason)
    if row is not None and row.ticked_at is not None and row.ticked_at < now - SILENT_AFTER:
        return Watch(False, "Mail is not being sent: nothing has asked for due mail for more than three minutes.")
    planned = Message.objects.filter(state=State.PLANNED, expires_at__gt=now).aggregate(
        # Each refusal moves the due time on, so a mail that the server does not take is never late.
        oldest=Min("due_at"), refused=Count("pk", filter=Q(attempts__gte=REFUSED_OFTEN))
    )  # fmt: skip
    if planned["oldest"] is not None and planned["oldest"] < now - LATE_AFTER:
        return Watch(False, "Mail is more than five minutes late.")
    if planned["refused"]:
        return Watch(False, "The mail server has not taken mail for a while.")
    return Watch(False, "")
