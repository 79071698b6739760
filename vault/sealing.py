"""The sealed format: AES-256-GCM, bound to its row.

Blob = version (1 byte) · data key id (16) · nonce (12) · ciphertext and tag. The associated data is the version, the
model, the column, the row's id and the owner's id, each with its length before it: a blob copied to another row,
column or client does not open. The text is padded to a multiple of 256 bytes, so that its length says little.
"""

import os
import struct
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import VaultError

VERSION = 1
BLOCK = 256
_HEADER = 1 + 16
_NONCE = 12
_TAG = 16
SHORTEST = _HEADER + _NONCE + BLOCK + _TAG  # the bytes of an empty text


class Blob(bytes):
    """Sealed bytes, as they stand in the database."""

    __slots__ = ()


_ID = struct.pack(">H", 16)  # the length of an id


@lru_cache(maxsize=256)
def _prefix(model: str, column: str) -> bytes:
    """Return the part of the associated data that every row of a column shares."""
    parts = (model.encode(), column.encode())
    return bytes([VERSION]) + b"".join(struct.pack(">H", len(part)) + part for part in parts)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value lives: what its seal is bound to."""

    model: str
    column: str
    row_id: UUID
    owner_id: UUID

    def associated_data(self) -> bytes:
        return b"".join((_prefix(self.model, self.column), _ID, self.row_id.bytes, _ID, self.owner_id.bytes))

    def __str__(self) -> str:
        return f"{self.model}.{self.column} of row {self.row_id}"


def seal(text: str, *, key_id: UUID, key: bytes, place: Place) -> Blob:
    """Seal a text under a data key, with a fresh random nonce."""
    nonce = os.urandom(_NONCE)
    body = AESGCM(key).encrypt(nonce, pad(text.encode()), place.associated_data())
    return Blob(bytes([VERSION]) + key_id.bytes + nonce + body)


def key_id_of(blob: bytes, place: Place) -> UUID:
    """Return the id of the data key that a blob names. Raise VaultError on an unknown version or a cut blob."""
    _check_frame(blob, place)
    return UUID(bytes=bytes(blob[1:_HEADER]))


def _check_frame(blob: bytes, place: Place) -> None:
    if not blob or blob[0] != VERSION:
        raise VaultError(f"{place}: unknown version of sealed text.")
    if len(blob) < SHORTEST:
        raise VaultError(f"{place}: sealed text is cut short.")


def unseal(blob: bytes, *, key: bytes, place: Place) -> str:
    """Open a blob. Raise VaultError where it was damaged, or sealed for another place or under another key."""
    _check_frame(blob, place)
    nonce, body = blob[_HEADER : _HEADER + _NONCE], blob[_HEADER + _NONCE :]
    try:
        return unpad(AESGCM(key).decrypt(nonce, body, place.associated_data())).decode()
    except (InvalidTag, UnicodeDecodeError, struct.error) as error:
        raise VaultError(f"{place}: sealed text does not open.") from error


def pad(data: bytes) -> bytes:
    """Return the bytes with their length before them, filled up to a multiple of 256."""
    framed = struct.pack(">I", len(data)) + data
    return framed + bytes(-len(framed) % BLOCK)


def unpad(padded: bytes) -> bytes:
    """Return what was padded."""
    (length,) = struct.unpack(">I", padded[:4])
    return padded[4 : 4 + length]
