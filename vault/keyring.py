"""The master key ring: reads VAULT_KEYS, wraps and unwraps data keys.

A master key never touches a client's text. It only wraps the data keys, through django-cryptography's
FernetBytes (AES-256-CBC, then HMAC-SHA256) with an explicit key *and* signer, so that SECRET_KEY plays no part.
"""

import base64
import re
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.signing import BadSignature
from django_cryptography.core.signing import FernetSigner
from django_cryptography.utils.crypto import FernetBytes, InvalidToken

from vault.errors import KeyRingError, VaultError

log = structlog.get_logger("beside.vault")
KEY_BYTES = 32
LOOK_AGAIN_SECONDS, SAY_AGAIN_SECONDS = 1, 60  # at a key file that was refused
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,15}")
WRAP_VERSION = b"\x01"


@dataclass(frozen=True)
class MasterKey:
    """One master key: `id` names it in every wrapped blob, `secret` is 32 bytes."""

    id: str
    secret: bytes

    def fernet(self) -> FernetBytes:
        """Return the wrapper, with two keys derived from the one secret (HKDF-SHA256)."""
        return FernetBytes(self._derive(b"wrap"), FernetSigner(self._derive(b"sign")))

    def fingerprint(self) -> bytes:
        """Return 32 bytes by which this key can be told from another, and that say nothing about it."""
        return self._derive(b"fingerprint")

    def _derive(self, purpose: bytes) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"beside/v1/" + purpose).derive(self.secret)


class KeyRing:
    """Master keys, newest first: the first wraps, each of them unwraps what it has wrapped."""

    def __init__(self, keys: list[MasterKey]) -> None:
        if not keys:
            raise KeyRingError("VAULT_KEYS is empty: give at least one key as id:base64-of-32-bytes.")
        self._keys = {key.id: key for key in keys}
        if len(self._keys) != len(keys):
            raise KeyRingError("VAULT_KEYS names the same key id twice.")
        self._fernets = {key.id: key.fernet() for key in keys}
        self.newest = keys[0].id

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._keys

    def __iter__(self) -> Iterator[str]:
        """Give the ids, newest first."""
        return iter(self._keys)

    def fingerprint(self, key_id: str) -> bytes:
        return self._keys[key_id].fingerprint()

    def wrap(self, data_key: bytes, *, key_id: UUID, owner_id: UUID, under: str = "") -> bytes:
        """Wrap a data key under the newest master key (or that named), bound to its own id and its owner's.

        Raise KeyRingError where the ring does not hold that named.
        """
        name = under or self.newest
        if name not in self._fernets:
            raise KeyRingError(f"The key ring has no master key “{name}” to wrap under.")
        token = self._fernets[name].encrypt(key_id.bytes + owner_id.bytes + data_key)
        return WRAP_VERSION + bytes([len(name)]) + name.encode() + bytes(token)

    def unwrap(self, wrapped: bytes, *, key_id: UUID, owner_id: UUID) -> bytes:
        """Return the data key. Raise VaultError where the blob is damaged, foreign or under an unknown key."""
        name, token = _split(wrapped)
        if name not in self._fernets:
            raise KeyRingError(f"The key ring has no master key “{name}”, under which data key {key_id} is wrapped.")
        try:
            plain = bytes(self._fernets[name].decrypt(token))
        except (InvalidToken, BadSignature, ValueError, struct.error) as error:
            raise VaultError(f"Data key {key_id} does not open under master key “{name}”.") from error
        if plain[:32] != key_id.bytes + owner_id.bytes or len(plain) != 32 + KEY_BYTES:
            raise VaultError(f"Data key {key_id} was wrapped for another row.")
        return plain[32:]


def _split(wrapped: bytes) -> tuple[str, bytes]:
    if len(wrapped) < 3 or wrapped[:1] != WRAP_VERSION:
        raise VaultError("A wrapped data key has an unknown version or is cut short.")
    end = 2 + wrapped[1]
    return wrapped[2:end].decode("ascii", "replace"), wrapped[end:]


def master_key_of(wrapped: bytes) -> str:
    """Return the id of the master key that a wrapped data key names."""
    return _split(wrapped)[0]


def parse(text: str) -> list[MasterKey]:
    """Read `id:base64,id:base64` (commas or line breaks), newest first. Raise KeyRingError on anything else.

    A key is named by its place: what stands where its id should be may be a secret.
    """
    keys: list[MasterKey] = []
    for part in filter(None, (piece.strip() for piece in re.split(r"[,\n]", text))):
        number = len(keys) + 1
        key_id, _, encoded = part.partition(":")
        if not _ID.fullmatch(key_id):
            raise KeyRingError("VAULT_KEYS: a key id has 1 to 16 lower-case letters, digits or hyphens.")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise KeyRingError(f"VAULT_KEYS: key no. {number} is not base64.") from error
        if len(secret) != KEY_BYTES:
            raise KeyRingError(f"VAULT_KEYS: key no. {number} has {len(secret)} bytes and needs {KEY_BYTES}.")
        keys.append(MasterKey(key_id, secret))
    return keys


@dataclass
class _Known:
    """The ring that was read from a source, with the state of its file; and what was refused there since."""

    state: object
    keys: KeyRing
    refused: object = None
    look_again_at: float = 0
    say_again_at: float = 0


_rings: dict[str, _Known] = {}  # by source


def key_file() -> Path | None:
    """Return the file that VAULT_KEYS names, or None where it holds the keys themselves."""
    source: str = settings.VAULT_KEYS
    return Path(source) if source.startswith(("/", "./")) or (source and ":" not in source) else None


def ring(*, making: UUID | None = None) -> KeyRing:
    """Return this process's key ring. Raise KeyRingError where VAULT_KEYS is missing or malformed.

    A file is read again when it has changed, so that a rotation needs no restart. While what stands there cannot be
    read, or is a list that this database refuses, the keys read before stay in use: a slip of the pen must not close a
    running site. `making` names the data key that the caller is about to bring under what is returned.
    """
    path, known = key_file(), _rings.get(settings.VAULT_KEYS)
    state = _state(path) if path else None
    if known is None:
        known = _rings[settings.VAULT_KEYS] = _Known(state, ring_as_written())
    elif known.state != state and (known.refused != state or time.monotonic() >= known.look_again_at):
        _read_again(known, state, making)
    return _rings[settings.VAULT_KEYS].keys


def ring_as_written() -> KeyRing:
    """Read VAULT_KEYS now, whatever ring this process works with. Raise KeyRingError as `ring` does at first."""
    if not settings.VAULT_KEYS:
        raise KeyRingError("VAULT_KEYS is not set: without it no client's text can be opened.")
    path = key_file()
    return KeyRing(parse(read_keys(path) if path else settings.VAULT_KEYS))


def _read_again(known: _Known, state: object, making: UUID | None) -> None:
    """Take what stands in the file now, unless it is refused: then say so, once a minute."""
    from vault.uses import check_uses  # what asks the database needs this module

    now = time.monotonic()
    try:
        keys = ring_as_written()
        check_uses(keys, making=making)
    except KeyRingError as error:
        known.refused, known.look_again_at = state, now + LOOK_AGAIN_SECONDS
        if now >= known.say_again_at:
            known.say_again_at = now + SAY_AGAIN_SECONDS
            log.error("vault.keys_refused", why=str(error))
    else:
        _rings[settings.VAULT_KEYS] = _Known(state, keys)


def read_keys(path: Path) -> str:
    """Return the text of a key file. Raise KeyRingError where it cannot be read."""
    try:
        return path.read_text()
    except (OSError, ValueError) as error:
        # The path is not repeated: a key given without its id would be printed.
        why = getattr(error, "strerror", None) or "not text"
        raise KeyRingError(f"VAULT_KEYS is neither id:base64 nor a file that can be read ({why}).") from error


def _state(path: Path) -> object:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
