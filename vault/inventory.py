"""The inventory: every sealed value, wrapped key and sealed file is opened once, and what does not open is named.

Nothing of what was opened is kept or shown, and a few hundred rows are in memory at a time.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeVar

from django.apps import apps
from django.db import models

from vault.errors import DataKeyMissing, VaultError
from vault.fields import SealedTextField
from vault.files import check_file
from vault.held import Value
from vault.keyring import master_key_of, ring
from vault.models import DataKey, SealedFile
from vault.services import warm
from vault.sweeping import rowless

BATCH = 200
_T = TypeVar("_T")


@dataclass(frozen=True)
class Trouble:
    """What does not open: where it stands, and why. An orphan's owner has no key any more; it is not damaged."""

    table: str
    column: str
    id: str
    why: str
    is_orphan: bool = False

    def __str__(self) -> str:
        return f"{self.table}.{self.column} of row {self.id}: {self.why}"


@dataclass(frozen=True)
class Sealed:
    """A sealed value outside the columns of our own models, and how to open it."""

    table: str
    column: str
    id: str
    open: Callable[[], object]


@dataclass
class Tally:
    """How many were opened."""

    values: int = 0
    keys: int = 0
    files: int = 0


# Rooms above keep sealed texts in tables of packages (vault/texts.py); they say here where.
_elsewhere: list[Callable[[], Iterable[Sealed]]] = []


def also_check(source: Callable[[], Iterable[Sealed]]) -> None:
    """Let `vault_check` open these values, too. Called once, from an app's ready()."""
    _elsewhere.append(source)


def check_keys(tally: Tally) -> Iterator[Trouble]:
    """Unwrap every data key; yield those that do not open, or whose row names another master key than the blob."""
    keys, table = ring(), DataKey._meta.db_table
    for row in DataKey.objects.order_by("pk").iterator(chunk_size=BATCH):
        tally.keys += 1
        wrapped = bytes(row.wrapped)
        try:
            keys.unwrap(wrapped, key_id=row.id, owner_id=row.owner_id)
        except VaultError as error:
            yield Trouble(table, "wrapped", str(row.pk), str(error))
        else:
            if master_key_of(wrapped) != row.master_key_id:
                yield Trouble(table, "master_key_id", str(row.pk), "names another master key than the one it is under.")


def check_values(tally: Tally) -> Iterator[Trouble]:
    """Open every sealed value of every model; yield those that do not open."""
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if isinstance(field, SealedTextField)]
        if not fields or model._meta.proxy:
            continue
        for batch in _batches(model._base_manager.order_by("pk").iterator(chunk_size=BATCH)):
            warm(getattr(row, getattr(model, "vault_owner", "")) for row in batch)
            for row in batch:
                yield from (trouble for field in fields if (trouble := _trouble_with(row, field, tally)))
    for source in _elsewhere:
        for sealed in source():
            tally.values += 1
            if trouble := _trouble(sealed.table, sealed.column, sealed.id, sealed.open):
                yield trouble


def check_files(tally: Tally) -> Iterator[Trouble]:
    """Read every sealed file to its end; yield those that do not open."""
    table = SealedFile._meta.db_table
    for file in SealedFile.objects.order_by("pk").iterator(chunk_size=BATCH):
        tally.files += 1
        if trouble := _trouble(table, "file", str(file.pk), partial(check_file, file, place=file.place)):
            yield trouble


def count_rowless() -> int:
    """Return how many files on the disk have no row; the sweep takes them in time."""
    return sum(1 for _ in rowless())


def _trouble_with(row: models.Model, field: SealedTextField, tally: Tally) -> Trouble | None:
    held = row.__dict__.get(field.attname)
    if not isinstance(held, Value) or held.blob is None:
        return None
    tally.values += 1
    blob = held.blob
    return _trouble(row._meta.db_table, str(field.column), str(row.pk), lambda: field.loads(field.open(row, blob)))


def _trouble(table: str, column: str, row_id: str, opens: Callable[[], object]) -> Trouble | None:
    try:
        opens()
    except DataKeyMissing:
        return Trouble(table, column, row_id, "its owner has no data key.", is_orphan=True)
    except (VaultError, ValueError) as error:
        why = str(error) if isinstance(error, VaultError) else "opens, and is not what its column holds."
        return Trouble(table, column, row_id, why)
    return None


def _batches(rows: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        yield batch
