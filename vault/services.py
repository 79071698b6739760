"""Deeds on data keys: make, fetch, warm, destroy."""

import os
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID, uuid4

from django.db import transaction

from vault.errors import DataKeyMissing, VaultError
from vault.keyring import KEY_BYTES, ring
from vault.models import DataKey
from vault.uses import key_to_wrap_under

CACHE_SECONDS = 60
CACHE_MOST = 4096


class _Cache:
    """Unwrapped keys of this process, by owner and by key id, each for 60 s: then it goes, asked for or not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[UUID, tuple[float, UUID, bytes]] = {}
        # Owners whose key was read outside of any transaction: its row is committed, so one may seal under it.
        self._committed: set[UUID] = set()
        self._dropping: threading.Timer | None = None

    def get(self, owner_id: UUID) -> tuple[UUID, bytes] | None:
        row = self._rows.get(owner_id)
        if row is None or row[0] < time.monotonic():
            return None
        return row[1], row[2]

    def is_committed(self, owner_id: UUID) -> bool:
        return owner_id in self._committed

    def put(self, owner_id: UUID, key_id: UUID, key: bytes, *, is_committed: bool = False) -> None:
        with self._lock:
            if len(self._rows) >= CACHE_MOST:
                self._rows.clear()
                self._committed.clear()
            self._committed.discard(owner_id)
            if is_committed:
                self._committed.add(owner_id)
            self._rows[owner_id] = (time.monotonic() + CACHE_SECONDS, key_id, key)
            # A fork takes the keys along and leaves the timer behind: it is not alive there.
            if self._dropping is None or not self._dropping.is_alive():
                self._drop_in(CACHE_SECONDS)

    def _drop_in(self, seconds: float) -> None:
        with suppress(RuntimeError):  # the process is ending
            self._dropping = threading.Timer(seconds, self._drop_old)
            self._dropping.daemon = True
            self._dropping.start()

    def _drop_old(self) -> None:
        with self._lock:
            now = time.monotonic()
            for owner_id in [owner_id for owner_id, row in self._rows.items() if row[0] <= now]:
                del self._rows[owner_id]
                self._committed.discard(owner_id)
            self._dropping = None
            if self._rows:
                self._drop_in(max(min(row[0] for row in self._rows.values()) - now, 1))

    def forget(self, owner_id: UUID | None = None) -> None:
        with self._lock:
            if owner_id is None:
                self._rows.clear()
                self._committed.clear()
            else:
                self._rows.pop(owner_id, None)
                self._committed.discard(owner_id)


cache = _Cache()


@transaction.atomic
def create_data_key(owner_id: UUID) -> None:
    """Make the data key of an owner (a client's id, or the practice's). Raise IntegrityError if there is one.

    Which master key is the newest is asked once the row is there: whoever retires a master key locks the table, and
    so comes either before the question or after this transaction.
    """
    key_id, key, keys = uuid4(), os.urandom(KEY_BYTES), ring()
    wrapped = keys.wrap(key, key_id=key_id, owner_id=owner_id)
    DataKey.objects.create(id=key_id, owner_id=owner_id, master_key_id=keys.newest, wrapped=wrapped)
    now = ring(making=key_id)
    under = key_to_wrap_under(now)
    if under != keys.newest:
        wrapped = now.wrap(key, key_id=key_id, owner_id=owner_id, under=under)
        DataKey.objects.filter(pk=key_id).update(master_key_id=under, wrapped=wrapped)
    cache.put(owner_id, key_id, key)


def ensure_data_key(owner_id: UUID) -> None:
    """Make an owner's data key when it is first needed. Call it under a lock that lets no two come at once.

    What this process remembers of a key does not count.
    """
    if not DataKey.objects.filter(owner_id=owner_id).exists():
        create_data_key(owner_id)


def sealing_key(owner_id: UUID) -> tuple[UUID, bytes]:
    """Return the key to seal under: one whose row is known to be committed, else looked up now.

    The transaction that made a remembered key may have rolled back, and a text sealed under it would open nowhere.
    Raise as `data_key` does.
    """
    found = cache.get(owner_id)
    if found is not None and cache.is_committed(owner_id):
        return found
    if found is None or not DataKey.objects.filter(pk=found[0], owner_id=owner_id).exists():
        cache.forget(owner_id)
        return data_key(owner_id)
    if _reads_committed():
        cache.put(owner_id, *found, is_committed=True)
    return found


def data_key(owner_id: UUID, *, wanted: UUID | None = None) -> tuple[UUID, bytes]:
    """Return (key id, key) of an owner. Raise DataKeyMissing, or VaultError where it does not open.

    `wanted` is the key id that a blob names: where this process remembers another one, it looks once more.
    """
    found = cache.get(owner_id)
    if found is not None and wanted is not None and found[0] != wanted:
        found = None
    if found is None:
        row = DataKey.objects.filter(owner_id=owner_id).first()
        if row is None:
            raise DataKeyMissing(f"There is no data key for {owner_id}: it was never made, or was destroyed.")
        found = row.id, _unwrap(row)
        cache.put(owner_id, *found, is_committed=_reads_committed())
    return found


def is_anothers(key_id: UUID, owner_id: UUID) -> bool:
    """Say whether this is the key of somebody else; an id that nobody has is nobody's."""
    if data_key(owner_id)[0] == key_id:
        return False
    return DataKey.objects.filter(pk=key_id).exclude(owner_id=owner_id).exists()


def warm(owner_ids: Iterable[UUID]) -> None:
    """Fetch the keys of many owners in one query, before a list opens a row of each. A damaged key is passed over."""
    missing = [owner_id for owner_id in set(owner_ids) if cache.get(owner_id) is None]
    if not missing:
        return
    for row in DataKey.objects.filter(owner_id__in=missing):
        try:
            cache.put(row.owner_id, row.id, _unwrap(row), is_committed=_reads_committed())
        except VaultError:
            continue  # said where the row itself is opened


@transaction.atomic
def destroy_data_key(owner_id: UUID) -> None:
    """Destroy an owner's data key: what was sealed under it opens nowhere any more."""
    DataKey.objects.filter(owner_id=owner_id).delete()
    cache.forget(owner_id)
    transaction.on_commit(lambda: cache.forget(owner_id))


def _unwrap(row: DataKey) -> bytes:
    return ring().unwrap(bytes(row.wrapped), key_id=row.id, owner_id=row.owner_id)


def _reads_committed() -> bool:
    """Say whether what is read here is committed: inside a transaction it may be the transaction's own."""
    return not transaction.get_connection().in_atomic_block
