"""Claim, mark, settle: the three statements between a due row and its verdict.

A row is claimed with a token and a lease. Just before the socket is touched the dispatch mark is set, only where the
token still matches, the lease runs and nobody dropped the row: this is the re-check and the fence in one. The verdict
on the mail before rides in the same statement, so that a mail costs one commit.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import QuerySet, Value
from django.utils import timezone

from outbox.models import Message
from vault.sealing import Blob

LEASE = timedelta(seconds=120)
BATCH = 20
State = Message.State


@dataclass(frozen=True)
class Verdict:
    """What became of one try. `changes` are the columns to write besides giving the row back."""

    message_id: UUID
    token: UUID | None
    state: str
    changes: dict[str, Any] = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        return {"state": self.state, "lease_until": None, "token": None, **self.changes}


def claim(limit: int = BATCH) -> list[Message]:
    """Lease up to `limit` due rows to the caller, oldest first. Two callers never get the same row."""
    now, token = timezone.now(), uuid4()
    table = connection.ops.quote_name(Message._meta.db_table)
    skip_locked = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    stamp = connection.ops.adapt_datetimefield_value
    uuid_field = Message._meta.get_field("token")
    with connection.cursor() as cursor:
        cursor.execute(
            # Materialised: in a nested loop PostgreSQL would run the inner query, and its LIMIT, once for each row.
            f"WITH due AS MATERIALIZED ("
            f" SELECT id FROM {table} WHERE state = 'planned' AND due_at <= %s AND expires_at > %s"
            f" ORDER BY due_at, id LIMIT %s {skip_locked})"
            f" UPDATE {table} SET state = 'leased', token = %s, lease_until = %s, dispatched_at = NULL"
            f" WHERE id IN (SELECT id FROM due)",
            [stamp(now), stamp(now), limit, uuid_field.get_db_prep_value(token, connection), stamp(now + LEASE)],
        )
    return list(Message.objects.filter(token=token, state=State.LEASED).order_by("due_at", "id"))


def mark_dispatched(message: Message, previous: Verdict | None) -> bool:
    """Set the dispatch mark and write the previous verdict, in one statement. False: do not send this mail.

    Written out, since the ORM takes longer to compose this statement than a server to take the mail.
    """
    now = timezone.now()
    # The lease starts anew: while a slow server takes this mail, nobody may think that its worker died.
    current: dict[str, Any] = {"dispatched_at": now, "lease_until": now + LEASE}
    before = previous.columns() if previous is not None else {}
    assignments = ["attempts = CASE WHEN id = %s THEN attempts + 1 ELSE attempts END"]
    params = [_stored("id", message.pk)]
    for name in {**current, **before}:
        sides = ["%s" if name in side else f'"{name}"' for side in (current, before)]
        assignments.append(f'"{name}" = CASE WHEN id = %s THEN {sides[0]} ELSE {sides[1]} END')
        params.append(_stored("id", message.pk))
        params += [_stored(name, side[name]) for side in (current, before) if name in side]
    rows = (
        "id = %s AND token = %s AND state = 'leased' AND dispatched_at IS NULL AND lease_until > %s AND expires_at > %s"
    )
    params += [_stored("id", message.pk), _stored("token", message.token)]
    params += [_stored("lease_until", now), _stored("expires_at", now)]
    if previous is not None:
        rows = f"({rows}) OR (id = %s AND token = %s AND state = 'leased')"
        params += [_stored("id", previous.message_id), _stored("token", previous.token)]
    return message.pk in _update_returning(", ".join(assignments), rows, params)


def settle(verdict: Verdict) -> bool:
    """Write a verdict by itself. False: the lease had run out and another worker has the row."""
    ours = Message.objects.filter(pk=verdict.message_id, token=verdict.token, state=State.LEASED)
    return bool(ours.update(**{name: _value(name, value) for name, value in verdict.columns().items()}))


def _value(name: str, value: Any) -> Any:
    column: Any = Message._meta.get_field(name)
    return Value(value, output_field=column) if isinstance(value, Blob) else value


def _stored(name: str, value: Any) -> Any:
    """Return a value as the database's driver takes it for this column."""
    column: Any = Message._meta.get_field(name)
    return column.get_db_prep_save(value, connection)


def _update_returning(assignments: str, rows: str, params: list[Any]) -> set[UUID]:
    table = connection.ops.quote_name(Message._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {assignments} WHERE {rows} RETURNING id", params)
        return {each if isinstance(each, UUID) else UUID(each) for (each,) in cursor.fetchall()}


def expire_late(now: datetime) -> int:
    """Mark what can no longer be of use. A reminder never leaves after its session began.

    A frozen text that waited for somebody to send it again is emptied then.
    """
    late = Message.objects.filter(expires_at__lte=now)
    late.filter(state__in=(State.FAILED, State.UNSURE), payload__isnull=False).update(payload=None)
    return late.filter(state__in=(State.PLANNED, State.HELD)).update(
        state=State.EXPIRED, reason="its time had passed", payload=None
    )


def drop_called_off(now: datetime) -> int:
    """Drop what was called off on its way and then put off by the server: the reason stands on the row already."""
    late = Message.objects.filter(state=State.PLANNED, expires_at__lte=now)
    return late.exclude(reason="").update(state=State.DROPPED, payload=None)


def leases_run_out(now: datetime) -> QuerySet[Message]:
    """Return the rows whose worker has not been heard of for the length of a lease."""
    return Message.objects.filter(state=State.LEASED, lease_until__lte=now)
