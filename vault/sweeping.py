"""Sealed files without a row: which they are, and when they go."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from stat import S_IMODE
from uuid import UUID

from django.utils import timezone

from vault.files import KEPT, VERSION, folder
from vault.models import SealedFile

# How long a file may stand on the disk before its row does: no transaction takes as long.
ROWLESS = timedelta(hours=1)
# A whole file may belong to a newer copy of this database, which somebody may be about to restore.
FOREIGN = timedelta(days=30)
# The mode of such a file, and its time is then when it was first found so: by its own age alone it might go at once.
_FOREIGN = 0o400


def rowless() -> Iterator[tuple[Path, UUID | None]]:
    """Yield each file that stands on the disk without a row for longer than ROWLESS, and its data key's id, if any."""
    for shelf in sorted(folder().glob("[0-9a-f][0-9a-f]")):
        old = {path.name: path for path in shelf.iterdir() if _age(path) > ROWLESS}
        kept = SealedFile.objects.filter(pk__in=[name for name in old if _is_id(name)])
        for name in old.keys() - {str(pk) for pk in kept.values_list("pk", flat=True)}:
            yield old[name], _key_named_by(old[name])


def sweep() -> int:
    """Remove files that have no row: left by a transaction that rolled back, or by a crash after one. Return how many.

    One that was never finished goes at once; a whole one a month after it was first seen without a row.
    """
    _welcome_back()
    count = 0
    for path, key_id in rowless():
        if key_id is None or _is_foreign_for_long(path):
            path.unlink(missing_ok=True)
            count += 1
    return count


def _is_foreign_for_long(path: Path) -> bool:
    """Say whether a file has had no row for longer than FOREIGN; mark one that is found so for the first time."""
    with suppress(FileNotFoundError):  # it went while we looked
        if _mode(path) == _FOREIGN:
            return _age(path) > FOREIGN
        os.utime(path)
        path.chmod(_FOREIGN)
    return False


def _welcome_back() -> None:
    """Take the mark off files that have a row again: the database that they belong to has been restored."""
    marked = {path.name: path for path in folder().glob("[0-9a-f][0-9a-f]/*") if _mode(path) == _FOREIGN}
    for pk in SealedFile.objects.filter(pk__in=filter(_is_id, marked)).values_list("pk", flat=True):
        marked[str(pk)].chmod(KEPT)


def _mode(path: Path) -> int:
    """Return a file's mode; 0 for one that has gone."""
    with suppress(FileNotFoundError):
        return S_IMODE(path.stat().st_mode)
    return 0


def _age(path: Path) -> timedelta:
    try:
        return timedelta(seconds=timezone.now().timestamp() - path.stat().st_mtime)
    except FileNotFoundError:
        return timedelta(0)  # it went while we looked


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def _key_named_by(path: Path) -> UUID | None:
    """Return the id of the data key in a file's head; None for an unfinished or foreign file."""
    try:
        with path.open("rb") as source:
            head = source.read(17)
    except FileNotFoundError:
        return None
    return UUID(bytes=head[1:]) if len(head) == 17 and head[0] == VERSION else None
