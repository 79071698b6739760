"""The check at the start: does the ring open the canary?"""

import sys

from django.db import DatabaseError, connection, transaction

from vault.errors import KeyOrderError, VaultError
from vault.keyring import ring, ring_as_written
from vault.models import Canary, DataKey, MasterKeyUse
from vault.services import create_data_key
from vault.uses import check_uses, key_to_wrap_under

SONG = "still here, and listening"


def was_written_with_keys() -> bool:
    """Say whether this database holds data keys, or ever was written with a master key. An unmigrated one was not."""
    tables = {DataKey._meta.db_table, MasterKeyUse._meta.db_table}
    if not tables <= set(connection.introspection.table_names()):
        return False
    return DataKey.objects.exists() or MasterKeyUse.objects.exists()


@transaction.atomic
def ensure_canary() -> None:
    """Seal a canary if there is none, and write down which master key is the newest.

    Raise VaultError where data keys exist without a canary: then one has been lost.
    """
    if Canary.objects.exists():
        check_ring()
        key_to_wrap_under(ring())
        return
    if DataKey.objects.exists():
        raise VaultError("The canary row is gone although data keys exist: restore the database from a backup.")
    canary = Canary(song=SONG)
    create_data_key(canary.id)
    canary.save(force_insert=True)


def check_ring() -> None:
    """Open the canary, with the right keys in the right order. Raise VaultError with one line that says what to do.

    What counts is VAULT_KEYS as it stands now: a process that keeps good keys (`ring`) is in trouble all the same.
    """
    check_uses(ring_as_written())
    canary = Canary.objects.first()
    if canary is None:
        if DataKey.objects.exists():
            raise VaultError("The canary row is gone although data keys exist: restore the database from a backup.")
        return
    if canary.song != SONG:
        raise VaultError("The canary opens and says something else: the database has been changed by hand.")


def check_ring_or_exit() -> None:
    """Refuse to start, in one line on stderr, when the ring is missing or wrong. An unmigrated database passes."""
    try:
        if Canary._meta.db_table in connection.introspection.table_names():
            check_ring()
    except DatabaseError as error:
        sys.exit(f"Beside does not start: the database cannot be read ({type(error).__name__}). Look at DATABASE_URL.")
    except KeyOrderError as error:
        sys.exit(f"Beside does not start: {error}")
    except VaultError as error:
        sys.exit(f"Beside does not start: {error} Set VAULT_KEYS to the keys that this database was written with.")
