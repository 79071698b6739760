"""The file that VAULT_KEYS may name: a new master key goes to its front, superseded ones leave it."""

import base64
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils import timezone

from vault.errors import KeyRingError
from vault.keyring import KEY_BYTES, MasterKey, key_file, parse, read_keys
from vault.models import MasterKeyUse


def add_key() -> str:
    """Put a new random master key at the front of the key file; return its id. Raise KeyRingError if that fails."""
    path = _path()
    with _alone(path):
        keys = parse(read_keys(path))
        new = MasterKey(_free_id({key.id for key in keys}), os.urandom(KEY_BYTES))
        _write(path, [new, *keys])
    return new.id


def drop_all_but(key_id: str) -> list[str]:
    """Leave one master key in the key file; return the ids of those dropped. Raise KeyRingError where it cannot be."""
    path = _path()
    with _alone(path):
        keys = parse(read_keys(path))
        kept = [key for key in keys if key.id == key_id]
        if not kept:
            raise KeyRingError(f"The key file does not hold “{key_id}” any more.")
        if len(kept) < len(keys):
            _write(path, kept)
    return [key.id for key in keys if key.id != key_id]


def _path() -> Path:
    path = key_file()
    if path is None:
        raise KeyRingError("VAULT_KEYS holds the keys themselves and names no file: change it by hand.")
    return path.resolve()


def _free_id(taken: set[str]) -> str:
    """Return an id that is neither in the file nor known to the database: the day, and a number where it needs one."""
    taken = taken | set(MasterKeyUse.objects.values_list("key_id", flat=True))
    day = f"k{timezone.now():%Y%m%d}"
    return next(name for name in (day, *(f"{day}-{number}" for number in range(2, 9999))) if name not in taken)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the file's folder locked, and turn what the disk refuses into one line."""
    try:
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise KeyRingError(f"The key file cannot be written ({error.strerror}): change it by hand.") from error


def _write(path: Path, keys: list[MasterKey]) -> None:
    """Write the whole file under another name, have it on the disk, then put it in place.

    It stays its owner's and its group's, whoever runs this: the site that could read it must be able to go on. Others
    cannot read it.
    """
    before = path.stat()
    text = "".join(f"{key.id}:{base64.b64encode(key.secret).decode()}\n" for key in keys)
    descriptor, unfinished = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            ours = os.fstat(descriptor)
            if (ours.st_uid, ours.st_gid) != (before.st_uid, before.st_gid):
                os.fchown(descriptor, before.st_uid, before.st_gid)
            os.fchmod(descriptor, before.st_mode & 0o040 | 0o600)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
