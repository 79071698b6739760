"""Deeds on the master keys: rewrap the data keys, make a new master key, retire the old ones. Each leaves its trace."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from practice import trail
from practice.models import AuditEntry, User
from practice.trail import Plain
from vault import rotation
from vault.errors import VaultError
from vault.keyfile import add_key, drop_all_but
from vault.keyring import key_file, ring
from vault.models import Canary, MasterKeyUse
from vault.rotation import BATCH, Rewrapped
from vault.startup import check_ring
from vault.uses import keys_in_use, latest_use


def rewrap_keys(*, actor: User | None, batch: int = BATCH) -> Rewrapped:
    """Rewrap every data key under the newest master key, in many transactions. Raise VaultError as the ring does.

    The trail says that it began before the first is rewrapped, and what came of it at the end.
    """
    with transaction.atomic():
        done = rotation.begin()
        waiting = rotation.waiting(done.under)
        if not waiting:
            return done
        _record(actor, done.under, step="begun", waiting=waiting)
    for _ in rotation.rewrap(done, batch=batch):
        pass
    with transaction.atomic():
        _record(actor, done.under, step="done", rewrapped=done.count, damaged=len(done.damaged))
    return done


@transaction.atomic
def make_key(*, actor: User | None) -> str:
    """Put a new master key at the front of the key file; return its id. Raise VaultError where it cannot be."""
    check_ring()
    key_id = add_key()
    rotation.begin()
    _record(actor, key_id, step="new")
    return key_id


@transaction.atomic
def retire_keys(*, actor: User | None) -> list[str]:
    """Drop every master key but the newest from the key file; return their ids. Raise VaultError while one is in use.

    The file is written last: nothing after it can undo the row in the trail.
    """
    newest = rotation.settle()
    _record(actor, newest, step="retired others")
    return drop_all_but(newest)


def _record(actor: User | None, key_id: str, **detail: Plain) -> None:
    use = MasterKeyUse.objects.get(key_id=key_id)
    trail.record("key.rotate", actor=actor, subject=use, reference="", master_key=key_id, **detail)


@dataclass(frozen=True)
class MasterKeyRow:
    """One master key, as the page shows it."""

    id: str
    count: int
    is_newest: bool
    is_in_ring: bool
    first_used_at: datetime | None


@dataclass(frozen=True)
class KeysState:
    """What the page shows: never a secret, ids and counts only."""

    rows: list[MasterKeyRow]
    trouble: str
    has_canary: bool
    waiting: int
    # The last erasure since the oldest key that is still here came into use: with that key, an old backup undoes it.
    erased_at: datetime | None
    # When the newest key followed another, once it is the only one here: copies elsewhere no program can see.
    rotated_at: datetime | None
    # Whether VAULT_KEYS names a file, which `vault_rotate` can change by itself.
    is_file: bool


@transaction.atomic
def look_at_keys(*, actor: User) -> KeysState:
    """Return the state of the keys, and leave a trace that somebody looked."""
    state = _state()
    use = latest_use()
    if use is not None:
        trail.record("key.view", actor=actor, subject=use)
    return state


def _state() -> KeysState:
    uses = {use.key_id: use for use in MasterKeyUse.objects.order_by("number")}
    counts, held = keys_in_use(), list(ring())
    # The first of the ring, unless a newer one is known; nothing may be under it yet.
    newest = held[0] if held[0] not in uses else list(uses)[-1]
    shown = sorted({*held, *counts}, key=lambda name: (name != newest, name not in held, name))
    return KeysState(
        rows=[_row(name, counts.get(name, 0), uses.get(name), newest, held) for name in shown],
        trouble=_trouble(),
        has_canary=Canary.objects.exists(),
        waiting=sum(count for name, count in counts.items() if name != newest),
        erased_at=_erased_since([use.first_used_at for use in uses.values() if use.key_id in {*held, *counts}]),
        rotated_at=_rotated_at(list(uses.values()), shown),
        is_file=key_file() is not None,
    )


def _row(name: str, count: int, use: MasterKeyUse | None, newest: str, held: list[str]) -> MasterKeyRow:
    return MasterKeyRow(
        id=name,
        count=count,
        is_newest=name == newest,
        is_in_ring=name in held,
        first_used_at=use.first_used_at if use else None,
    )


def _trouble() -> str:
    try:
        check_ring()
    except VaultError as error:
        return str(error)
    return ""


def _rotated_at(uses: list[MasterKeyUse], shown: list[str]) -> datetime | None:
    is_alone = len(uses) > 1 and shown == [uses[-1].key_id]
    return uses[-1].first_used_at if is_alone else None


def _erased_since(moments: list[datetime]) -> datetime | None:
    """Return when a client was last erased, if that was after the first of these moments."""
    if not moments:
        return None
    rows = AuditEntry.objects.filter(deed="client.erase", at__gt=min(moments))
    return rows.order_by("-at").values_list("at", flat=True).first()
