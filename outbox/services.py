"""Deeds on planned mail: plan, drop, send again, pause, release. Called inside the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from outbox import epoch
from outbox.models import REASON_LENGTH, Message, Sending

State = Message.State


class NotWaiting(Exception):
    """The mail is not in a state in which this can be done to it."""


@dataclass(frozen=True)
class Wanted:
    """A mail that ought to exist: by which rule, for which revision of its subject, when, and until when."""

    rule: str
    revision: int
    due_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class DropResult:
    """How many mails were dropped, and how many were already on their way and cannot be called back."""

    dropped: int
    on_their_way: int


@transaction.atomic
def plan(kind: str, *, subject_id: UUID, owner_id: UUID, reference: str, wanted: Iterable[Wanted]) -> None:
    """Make the mails of a subject be exactly the wanted ones: insert what is missing, drop what is wanted no more.

    A mail that was sent (or failed, or expired) for the same key is left as it is, so nothing leaves twice.
    A dropped one whose key is wanted again is planned again.
    """
    rows = {f"{kind}:{subject_id}:{want.rule}:{want.revision}": want for want in wanted}
    planned = Message.objects.filter(kind=kind, subject_id=subject_id)
    _drop(planned.exclude(key__in=rows), "replaced by a newer plan")
    for key, want in rows.items():
        _plan_anew(planned.filter(key=key, dispatched_at=None), want)
    Message.objects.bulk_create(
        [
            Message(
                kind=kind,
                subject_id=subject_id,
                owner_id=owner_id,
                reference=reference,
                key=key,
                due_at=want.due_at,
                expires_at=want.expires_at,
            )
            for key, want in rows.items()
        ],  # fmt: skip
        ignore_conflicts=True,
    )


def _plan_anew(row: QuerySet[Message], want: Wanted) -> None:
    """Give a row that has not left the wanted times. A worker that holds it already gives it up: it may be later."""
    times = {"due_at": want.due_at, "expires_at": want.expires_at}
    row.filter(state=State.HELD).update(**times)
    row.filter(Q(state=State.DROPPED) | Q(state__in=(State.PLANNED, State.LEASED)) & ~Q(**times)).update(
        state=State.PLANNED, reason="", token=None, lease_until=None, **times
    )


@transaction.atomic
def plan_frozen(kind: str, *, owner_id: UUID, payload: dict[str, Any], lasts: timedelta) -> Message:
    """Plan a mail whose text cannot be made anew (a reset link): sealed until it is sent, due now."""
    now = timezone.now()
    message_id = uuid4()
    return Message.objects.create(
        id=message_id, kind=kind, subject_id=message_id, owner_id=owner_id, payload=payload,
        key=f"{kind}:{message_id}:once:1", due_at=now, expires_at=now + lasts,
    )  # fmt: skip


@transaction.atomic
def drop(subject_ids: Iterable[UUID], *, reason: str, kind: str | None = None) -> DropResult:
    """Drop what is planned for these subjects. After this no mail of theirs leaves that had not left before."""
    rows = Message.objects.filter(subject_id__in=list(subject_ids))
    if kind:
        rows = rows.filter(kind=kind)
    return _drop(rows, reason)


@transaction.atomic
def recall(owner_id: UUID) -> int:
    """Take this owner's mails back from the workers' hands: what they wrote is out of date, a later tick writes anew.

    Call it in the transaction that changes what the mails say or whether they may leave. Its rows stay locked until
    the commit, the planned ones too, so that none is written from what stood there before. Return how many mails are
    on their way already.
    """
    rows = Message.objects.filter(owner_id=owner_id, state__in=(State.PLANNED, State.LEASED))
    is_here = Q(dispatched_at=None)
    # One statement, so that its locks cannot cross those of a sender, which marks two rows in one.
    rows.update(
        state=Case(When(is_here, then=Value(State.PLANNED.value)), default=F("state")),
        token=Case(When(is_here, then=Value(None)), default=F("token")),
        lease_until=Case(When(is_here, then=Value(None)), default=F("lease_until")),
    )
    return rows.filter(state=State.LEASED).count()


def _drop(rows: QuerySet[Message], reason: str) -> DropResult:
    dropped = _drop_waiting(rows, reason)
    # What the server has in hand cannot be called back; but if it puts the mail off, there is no second try.
    leaving = rows.filter(state=State.LEASED).exclude(dispatched_at=None)
    on_their_way = leaving.update(expires_at=timezone.now(), reason=reason[:REASON_LENGTH])
    # Once more, for one that the server put off between these two statements.
    return DropResult(dropped + _drop_waiting(rows, reason), on_their_way)


def _drop_waiting(rows: QuerySet[Message], reason: str) -> int:
    waiting = rows.filter(state__in=(State.PLANNED, State.LEASED, State.HELD), dispatched_at=None)
    return waiting.update(
        state=State.DROPPED, reason=reason[:REASON_LENGTH], token=None, lease_until=None, payload=None
    )


@transaction.atomic
def send_again(message: Message) -> None:
    """Plan a failed or unsure mail once more, under the same Message-ID. Raise NotWaiting for any other state."""
    now = timezone.now()
    again = Message.objects.filter(
        pk=message.pk, state__in=(State.FAILED, State.UNSURE, State.HELD), expires_at__gt=now
    ).update(state=State.PLANNED, due_at=now, dispatched_at=None, token=None, lease_until=None, reason="")
    if not again:
        raise NotWaiting("This mail can no longer be sent again.")


@transaction.atomic
def give_up(message: Message, *, reason: str) -> None:
    """Drop one mail that waits for a decision. Raise NotWaiting where it is past that."""
    given_up = Message.objects.filter(
        pk=message.pk, state__in=(State.PLANNED, State.HELD, State.UNSURE, State.FAILED, State.EXPIRED)
    ).update(state=State.DROPPED, reason=reason, payload=None)
    if not given_up:
        raise NotWaiting("This mail has been dealt with already.")


@transaction.atomic
def pause(reason: str) -> None:
    """Stop all sending until a person resumes it. `reason` is shown to the admin."""
    epoch.sending()
    Sending.objects.filter(pk=1, paused_at=None).update(paused_at=timezone.now(), pause_reason=reason)


@transaction.atomic
def resume() -> None:
    """Let mail leave again, from the commit on. Held mails stay held until somebody releases or drops them."""
    epoch.renew()
    Sending.objects.filter(pk=1).update(paused_at=None, pause_reason="")


@transaction.atomic
def hold_due(now: datetime) -> int:
    """Hold back all that is due: after a restore it may have been sent before."""
    due = Message.objects.filter(state__in=(State.PLANNED, State.LEASED), due_at__lte=now)
    held = {"state": State.HELD, "token": None, "lease_until": None, "dispatched_at": None}
    sending = due.exclude(dispatched_at=None).update(**held, reason="restored while being sent: it may have arrived")
    return sending + due.update(**held, reason="restored from a backup")


@transaction.atomic
def forget_owner(owner_id: UUID) -> int:
    """Delete every mail of an owner who is erased: planned, sent, in doubt. Return how many had not left yet.

    Of a mail that a worker holds the row goes too: one that is not dispatched does not leave any more, and the verdict
    on one that is on its way finds no row.
    """
    rows = Message.objects.filter(owner_id=owner_id)
    waiting = rows.filter(state__in=(State.PLANNED, State.LEASED, State.HELD), dispatched_at=None).count()
    rows.delete()
    return waiting
