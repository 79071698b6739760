"""Which master keys this database was written with, and in which order: nothing is ever wrapped under an older one."""

from uuid import UUID

from django.db.models import Count

from vault.errors import KeyOrderError, KeyRingError
from vault.keyring import KeyRing
from vault.models import DataKey, MasterKeyUse


def latest_use() -> MasterKeyUse | None:
    """Return the newest master key that this database was ever written with."""
    return MasterKeyUse.objects.order_by("-number").first()


def key_to_wrap_under(keys: KeyRing) -> str:
    """Return the id of the master key to wrap under, and write it down where it is new.

    That is the first of the ring, or the one known to be newer. Raise KeyRingError where this process holds neither,
    or another key by the same id.
    """
    while True:
        latest = latest_use()
        if latest is not None and _is_superseded(keys, latest):
            return _held(latest, keys)
        number = latest.number + 1 if latest else 1
        use = MasterKeyUse(key_id=keys.newest, fingerprint=keys.fingerprint(keys.newest), number=number)
        # Somebody else may write down the same key, or another one, at this moment: then we look again.
        MasterKeyUse.objects.bulk_create([use], ignore_conflicts=True)


def _is_superseded(keys: KeyRing, latest: MasterKeyUse) -> bool:
    """Say whether the first key of the ring is known already: as the newest, or as one before it."""
    return keys.newest == latest.key_id or MasterKeyUse.objects.filter(key_id=keys.newest).exists()


def _held(latest: MasterKeyUse, keys: KeyRing) -> str:
    if latest.key_id not in keys:
        raise KeyRingError(
            f"This process does not hold “{latest.key_id}”, the newest master key: start it again with today's keys."
        )
    _check_fingerprint(latest, keys)
    return latest.key_id


def check_uses(keys: KeyRing, *, making: UUID | None = None) -> None:
    """Raise KeyRingError where a key is missing or another goes by its id, KeyOrderError where the order is wrong.

    The data key `making` may be under any: whoever asks is about to bring it under the newest.
    """
    uses = list(MasterKeyUse.objects.order_by("number"))
    for use in uses:
        if use.key_id in keys:
            _check_fingerprint(use, keys)
    if uses and keys.newest in {use.key_id for use in uses[:-1]}:
        raise KeyOrderError(_wrong_order(keys, uses[-1].key_id))
    for name, count in keys_in_use(making=making).items():
        if name not in keys:
            data_keys = f"{count} data key is" if count == 1 else f"{count} data keys are"
            raise KeyRingError(f"VAULT_KEYS does not hold master key “{name}”, under which {data_keys} wrapped.")


def keys_in_use(*, making: UUID | None = None) -> dict[str, int]:
    """Return how many data keys are wrapped under each master key, but for one that is still being made."""
    keys = DataKey.objects.exclude(pk=making) if making else DataKey.objects.all()
    rows = keys.values_list("master_key_id").annotate(count=Count("id")).order_by("master_key_id")
    return dict(rows)


def _wrong_order(keys: KeyRing, newest: str) -> str:
    if newest in keys:
        return (
            f"VAULT_KEYS lists “{keys.newest}” before “{newest}”, which came into use after it:"
            f" put “{newest}” first, as the newest."
        )
    return (
        f"VAULT_KEYS begins with “{keys.newest}” and does not hold “{newest}”, which came into use after it:"
        f" put “{newest}” first, or a new key where that one is lost."
    )


def _check_fingerprint(use: MasterKeyUse, keys: KeyRing) -> None:
    if bytes(use.fingerprint) != keys.fingerprint(use.key_id):
        raise KeyRingError(f"VAULT_KEYS: “{use.key_id}” is another key than the one this database was written with.")
