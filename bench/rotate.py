"""Rotation: 10,000 data keys rewrapped in the database, beside unwrapping and wrapping as many in memory."""

import base64
import os
from itertools import count
from uuid import UUID, uuid4

from bench.ground import Figure, hand_over, side_by_side, start

KEYS, ROUNDS = 10_000, 3
_numbers = count(1)


def _prepare() -> list[tuple[UUID, UUID, bytes]]:
    """Fill the table and return (key id, owner id, wrapped key) of each row."""
    from vault.keyring import KEY_BYTES, ring
    from vault.models import DataKey
    from vault.startup import ensure_canary

    ensure_canary()
    rows = [DataKey(owner_id=uuid4(), master_key_id=ring().newest) for _ in range(KEYS)]
    for row in rows:
        row.wrapped = ring().wrap(os.urandom(KEY_BYTES), key_id=row.id, owner_id=row.owner_id)
    DataKey.objects.bulk_create(rows, batch_size=500)
    return [(row.id, row.owner_id, bytes(row.wrapped)) for row in rows]


def _rotate() -> None:
    """Put a new master key first and rewrap everything under it, with its rows in the trail."""
    from django.conf import settings

    from practice.keys import rewrap_keys

    new = base64.b64encode(os.urandom(32)).decode()
    settings.VAULT_KEYS = f"round-{next(_numbers)}:{new},{settings.VAULT_KEYS}"
    done = rewrap_keys(actor=None)
    assert done.count >= KEYS
    assert not done.damaged


def measure(database: str) -> list[Figure]:
    """Return ms for a thousand data keys, through the database and without it."""
    from vault.keyring import ring

    rows, keys = _prepare(), ring()

    def bare() -> None:
        for key_id, owner_id, wrapped in rows:
            key = keys.unwrap(wrapped, key_id=key_id, owner_id=owner_id)
            keys.wrap(key, key_id=key_id, owner_id=owner_id)

    ours, peer = side_by_side(ROUNDS, _rotate, bare)
    per_thousand = 1e3 / (KEYS / 1000)
    what = f"rotation, a thousand of {KEYS:,} data keys, beside unwrapping and wrapping them in memory"
    return [
        Figure(
            f"vault, {database}", what, f"{ours * per_thousand:.0f} ms", f"{peer * per_thousand:.0f} ms",
            f"{ours / peer:.2f}×",
        )
    ]  # fmt: skip


if __name__ == "__main__":
    hand_over(measure(start()))
