"""Sealed files: written and read in chunks, never whole in memory, under names that say nothing.

File = version (1 byte) · data key id (16) · salt (32) · nonce prefix (7) · chunks. Each chunk holds 64 KiB: how many
of them are the file's (4 bytes), these, and zeros; sealed with AES-256-GCM, so 16 bytes more. The key is the owner's
data key, derived with the salt (HKDF-SHA256), so that no two files share one. The nonce is prefix · chunk number (4) ·
whether it is the last (1); the associated data is the head of the file, its id and its place: a chunk that was cut
off, moved, repeated or taken from another file opens nowhere. The number of chunks is rounded up as in Padmé
(Nikitin et al. 2019), by 12 % at most, so that the size says little.
"""

import os
import struct
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from vault.errors import VaultError
from vault.keyring import KEY_BYTES
from vault.models import SealedFile
from vault.sealing import Place
from vault.services import data_key, sealing_key

log = structlog.get_logger("beside.vault")
VERSION = 1
CHUNK = 64 * 1024
PAYLOAD = CHUNK - 4
_SEALED_CHUNK = CHUNK + 16
_SALT, _PREFIX = 32, 7
_HEAD = 1 + 16 + _SALT + _PREFIX
KEPT = 0o600  # the mode of a file


class _Stream:
    """The chunks of one file: seals and opens them by their number."""

    def __init__(self, head: bytes, *, file_id: UUID, key: bytes, place: Place) -> None:
        salt, self._prefix = head[17 : 17 + _SALT], head[17 + _SALT :]
        self._aead = AESGCM(HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"beside/v1/file").derive(key))
        self._bound_to = head + file_id.bytes + place.associated_data()
        self._place = place

    def seal(self, number: int, payload: bytes, *, is_last: bool) -> bytes:
        framed = struct.pack(">I", len(payload)) + payload
        return self._aead.encrypt(self._nonce(number, is_last), framed.ljust(CHUNK, b"\0"), self._bound_to)

    def open(self, number: int, sealed: bytes, *, is_last: bool) -> bytes:
        try:
            framed = self._aead.decrypt(self._nonce(number, is_last), sealed, self._bound_to)
        except InvalidTag as error:
            raise VaultError(f"{self._place}: chunk {number} of the sealed file does not open.") from error
        (length,) = struct.unpack(">I", framed[:4])
        return framed[4 : 4 + length]

    def _nonce(self, number: int, is_last: bool) -> bytes:
        return self._prefix + struct.pack(">IB", number, is_last)


@transaction.atomic
def keep(chunks: Iterable[bytes], *, place: Place) -> SealedFile:
    """Seal a file as it comes in; return its row. Raise as `data_key` does, and OSError where the disk is full.

    The file stands on the disk before its row does. Where the transaction rolls back, it stays behind without a row,
    until `vault.sweeping` takes it.
    """
    key_id, key = sealing_key(place.owner_id)
    file = SealedFile(id=uuid4(), owner_id=place.owner_id, model=place.model, column=place.column, row_id=place.row_id)
    head = bytes([VERSION]) + key_id.bytes + os.urandom(_SALT + _PREFIX)
    stream = _Stream(head, file_id=file.id, key=key, place=place)
    _write(path_of(file), head, _sealed(chunks, stream))
    file.save(force_insert=True)
    return file


def open_file(file: SealedFile, *, place: Place) -> Iterator[bytes]:
    """Return the file's bytes, piece by piece. Raise VaultError where it is damaged, gone, or belongs elsewhere.

    Head and first chunk are checked at once, each later chunk before a byte of it is given; `check_file` reads all of
    it beforehand.
    """
    for _ in _opened(file, place):
        break
    return _opened(file, place)


def check_file(file: SealedFile, *, place: Place) -> int:
    """Read the whole file; return how many bytes it holds. Raise VaultError where any chunk does not open."""
    return sum(map(len, _opened(file, place)))


@transaction.atomic
def remove(file: SealedFile) -> None:
    """Remove a file: its row now, the file itself when this transaction has been committed."""
    _remove([file])


@transaction.atomic
def remove_all(owner_id: UUID) -> int:
    """Remove every file of an owner; return how many. Rows now, files when this transaction has been committed."""
    files = list(SealedFile.objects.select_for_update().filter(owner_id=owner_id))
    _remove(files)
    return len(files)


def folder() -> Path:
    """Return where sealed files live."""
    return Path(settings.VAR_DIR) / "files"


def path_of(file: SealedFile) -> Path:
    """Return where this file lives: by its random id, 256 folders in all."""
    return folder() / file.id.hex[:2] / str(file.id)


# --- sealing ----------------------------------------------------------------------------------------
def _sealed(chunks: Iterable[bytes], stream: _Stream) -> Iterator[bytes]:
    """Yield the sealed chunks; the last one comes once it is known to be the last."""
    number, held = 0, b""
    for block in _blocks(chunks):
        if number:
            yield stream.seal(number - 1, held, is_last=False)
        number, held = number + 1, block
    count = max(number, 1)
    padded = _padded_count(count)
    for number in range(count - 1, padded):
        yield stream.seal(number, held, is_last=number == padded - 1)
        held = b""


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in blocks of PAYLOAD; the last may be shorter."""
    waiting = bytearray()
    for chunk in chunks:
        for start in range(0, len(chunk), PAYLOAD):
            waiting += chunk[start : start + PAYLOAD]
            if len(waiting) >= PAYLOAD:
                yield bytes(waiting[:PAYLOAD])
                del waiting[:PAYLOAD]
    if waiting:
        yield bytes(waiting)


def _padded_count(count: int) -> int:
    """Return the number of chunks to write: all but the first few bits of the number are rounded up (Padmé)."""
    size = count.bit_length() - 1
    free = size - size.bit_length()
    return count if free <= 0 else (count + (1 << free) - 1) >> free << free


def _write(path: Path, head: bytes, sealed: Iterator[bytes]) -> None:
    """Write under a temporary name, have it on the disk, then give it its name."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder().chmod(0o700)
    unfinished = path.with_name(f".{path.name}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEPT), "wb") as file:
            file.write(head)
            file.writelines(sealed)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    for parent in (path.parent, path.parent.parent):
        _sync(parent)


def _sync(parent: Path) -> None:
    descriptor = os.open(parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- opening ----------------------------------------------------------------------------------------
def _opened(file: SealedFile, place: Place) -> Iterator[bytes]:
    try:
        with path_of(file).open("rb") as source:
            stream = _stream_of(source, file, place)
            number, sealed = 0, source.read(_SEALED_CHUNK)
            while True:
                following = source.read(_SEALED_CHUNK)
                yield stream.open(number, sealed, is_last=not following)
                if not following:
                    return
                number, sealed = number + 1, following
    except OSError as error:
        raise VaultError(f"{place}: the sealed file {file.id} cannot be read ({error.strerror}).") from error


def _stream_of(source: BinaryIO, file: SealedFile, place: Place) -> _Stream:
    """Return the stream of an open file, past its head. Raise VaultError on anything but a file of ours."""
    head = source.read(_HEAD)
    if head[:1] != bytes([VERSION]):
        raise VaultError(f"{place}: unknown version of sealed file.")
    chunks, rest = divmod(os.fstat(source.fileno()).st_size - _HEAD, _SEALED_CHUNK)
    if chunks < 1 or rest:
        raise VaultError(f"{place}: the sealed file is cut short.")
    wanted = UUID(bytes=head[1:17])
    key_id, key = data_key(place.owner_id, wanted=wanted)
    if key_id != wanted:
        raise VaultError(f"{place}: sealed under another key than its owner's.")
    return _Stream(head, file_id=file.id, key=key, place=place)


# --- removing ---------------------------------------------------------------------------------------
def _remove(files: list[SealedFile]) -> None:
    SealedFile.objects.filter(pk__in=[file.pk for file in files]).delete()
    for file in files:
        transaction.on_commit(partial(_unlink, path_of(file)))


def _unlink(path: Path) -> None:
    """Remove a file whose row is gone for good. What the disk refuses must not keep what else follows the commit."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.error("vault.file_not_removed", file=path.name, error=type(error).__name__)
