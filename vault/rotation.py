"""Rotation: data keys rewrapped under the newest master key, batch by batch, while the site runs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from vault.errors import KeyRingError, VaultError
from vault.keyring import KeyRing, master_key_of, ring
from vault.models import DataKey
from vault.uses import key_to_wrap_under, latest_use

BATCH = 200


@dataclass
class Rewrapped:
    """What a rotation came to: data keys rewrapped under this master key, and those that do not open."""

    under: str
    count: int = 0
    damaged: list[UUID] = field(default_factory=list)


def begin() -> Rewrapped:
    """Settle under which master key to rewrap, in the caller's transaction. Raise KeyRingError as the ring does."""
    return Rewrapped(key_to_wrap_under(ring()))


def waiting(name: str) -> int:
    """Return how many data keys are not under this master key."""
    return _under_others(name).count()


def rewrap(done: Rewrapped, *, batch: int = BATCH) -> Iterator[Rewrapped]:
    """Rewrap every data key that is not under that master key; give the state after each batch.

    Each batch is a transaction of its own, so a run that was killed is taken up by the next. A key that somebody else
    rewraps or destroys meanwhile is left to them. A damaged one stays as it is and is named. Raise KeyRingError where a
    newer master key came into use meanwhile: this one may be about to be retired.
    """
    last = UUID(int=0)
    while rows := list(_under_others(done.under).filter(pk__gt=last).order_by("pk")[:batch]):
        keys = ring()
        changes = [change for row in rows if (change := _change(row, keys, done)) is not None]
        with transaction.atomic(), connection.cursor() as cursor:
            if changes:
                cursor.executemany(_SWAP, changes)
                swapped = cursor.rowcount
                # Asked once the rows are written, as in `create_data_key`: before `settle`, or after who called it.
                _refuse_superseded(done.under)
                done.count += swapped
        last = rows[-1].pk
        yield done


def _refuse_superseded(name: str) -> None:
    latest = latest_use()
    if latest is None or latest.key_id != name:
        raise KeyRingError(
            f"A newer master key than “{name}” came into use meanwhile: run `manage.py vault_rotate` again."
        )


def _under_others(name: str) -> models.QuerySet[DataKey]:
    return DataKey.objects.exclude(master_key_id=name)


# Compare and set: a row that has changed since it was read is left alone.
_SWAP = f"UPDATE {DataKey._meta.db_table} SET wrapped = %s, master_key_id = %s WHERE id = %s AND wrapped = %s"


def _change(row: DataKey, keys: KeyRing, done: Rewrapped) -> tuple[bytes, str, Any, bytes] | None:
    """Return the parameters of one swap; None for a key that does not open, which is noted down."""
    old = bytes(row.wrapped)
    try:
        key = keys.unwrap(old, key_id=row.id, owner_id=row.owner_id)
    except VaultError:
        done.damaged.append(row.id)
        return None
    new = keys.wrap(key, key_id=row.id, owner_id=row.owner_id, under=done.under)
    return new, done.under, DataKey._meta.pk.get_db_prep_value(row.pk, connection), old


def settle() -> str:
    """Return the newest master key once every data key is under it, in the caller's transaction: the others may go.

    Raise KeyRingError while one is not. No data key can be made until the transaction ends: the table is locked, and
    who waits for it asks for the newest master key after that. On SQLite the caller's transaction itself excludes
    other writers.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            cursor.execute(f"LOCK TABLE {DataKey._meta.db_table} IN SHARE MODE")
    newest = key_to_wrap_under(ring())
    keys = DataKey.objects.values_list("master_key_id", "wrapped").iterator()
    left = sum(column != newest or not is_under(bytes(wrapped), newest) for column, wrapped in keys)
    if left:
        raise KeyRingError(f"Not under “{newest}”: {left} data keys. Run `manage.py vault_rotate`, then `vault_check`.")
    return newest


def is_under(wrapped: bytes, name: str) -> bool:
    """Say whether a wrapped key itself names this master key, whatever its row's column says."""
    try:
        return master_key_of(wrapped) == name
    except VaultError:
        return False
