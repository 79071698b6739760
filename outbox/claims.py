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
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.sql import UpdateQuery
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
    token: UUID
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
    """Set the dispatch mark and write the previous verdict, in one statement. False: do not send this mail."""
    now = timezone.now()
    current = Q(pk=message.pk, token=message.token, state=State.LEASED, dispatched_at=None)
    current &= Q(lease_until__gt=now, expires_at__gt=now)
    # The lease starts anew: while a slow server takes this mail, nobody may think that its worker died.
    values: dict[str, Any] = {"dispatched_at": now, "lease_until": now + LEASE, "attempts": F("attempts") + 1}
    rows = current
    if previous is not None:
        rows = current | _still_ours(previous)
        values = _either(previous, values)
    return message.pk in _update_returning(Message.objects.filter(rows), values)


def settle(verdict: Verdict) -> bool:
    """Write a verdict by itself. False: the lease had run out and another worker has the row."""
    return bool(Message.objects.filter(_still_ours(verdict)).update(**_for_update(verdict.columns())))


def _still_ours(verdict: Verdict) -> Q:
    return Q(pk=verdict.message_id, token=verdict.token, state=State.LEASED)


def _either(previous: Verdict, current: dict[str, Any]) -> dict[str, Any]:
    """Return update values that treat the previous row one way and the current row the other."""
    ours = previous.columns()
    return {
        name: Case(
            When(pk=previous.message_id, then=_value(name, ours[name]) if name in ours else F(name)),
            default=_value(name, current[name]) if name in current else F(name),
        )
        for name in {*ours, *current}
    }


def _value(name: str, value: Any) -> Any:
    if hasattr(value, "resolve_expression"):
        return value
    column: Any = Message._meta.get_field(name)
    return Value(value, output_field=column)


def _for_update(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) if isinstance(value, Blob) else value for name, value in columns.items()}


def _update_returning(rows: QuerySet[Message], values: dict[str, Any]) -> set[UUID]:
    """Run `UPDATE … RETURNING id` and return the ids hit. The ORM writes the statement; it has no RETURNING itself."""
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(values)
    sql, params = query.get_compiler(connection=connection).as_sql()
    pk = Message._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {connection.ops.quote_name(str(pk.column))}", params)
        return {pk.to_python(row[0]) for row in cursor.fetchall()}


def expire_late(now: datetime) -> int:
    """Mark what can no longer be of use. A reminder never leaves after its session began."""
    return Message.objects.filter(state__in=(State.PLANNED, State.HELD), expires_at__lte=now).update(
        state=State.EXPIRED, reason="its time had passed", payload=None
    )


def leases_run_out(now: datetime) -> QuerySet[Message]:
    """Return the rows whose worker has not been heard of for the length of a lease."""
    return Message.objects.filter(state=State.LEASED, lease_until__lte=now)
