"""Words under a key that only a link holds: sealed with what stands in a client's mail, and nowhere here.

The key comes out of the link's token (256 random bits) by HKDF-SHA256, bound to the place of the value. The database
keeps the token's hash, which says nothing about the key. So with everything that is on the server (database, master
keys, data keys) nobody opens them; only who has the link does, while its page is open to them.
"""

import os
import struct
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import VaultError
from vault.sealing import Place, pad, unpad

VERSION = 1
_NONCE = 12


def seal_with_token(text: str, *, token: str, place: Place) -> bytes:
    """Seal a text under a link's key. Blob: version byte · nonce · ciphertext and tag; padded like any sealed text."""
    nonce = os.urandom(_NONCE)
    return bytes([VERSION]) + nonce + AESGCM(_key(token, place)).encrypt(nonce, pad(text.encode()), _bound(place))


def open_with_token(blob: bytes, *, token: str, place: Place) -> str:
    """Return the text. Raise VaultError for another link's token, another place, or damage."""
    if len(blob) <= 1 + _NONCE or blob[0] != VERSION:
        raise VaultError(f"{place}: not a text that a link has sealed.")
    nonce, body = blob[1 : 1 + _NONCE], blob[1 + _NONCE :]
    try:
        return unpad(AESGCM(_key(token, place)).decrypt(nonce, body, _bound(place))).decode()
    except (InvalidTag, UnicodeDecodeError, struct.error) as error:
        raise VaultError(f"{place}: does not open with this link.") from error


def _key(token: str, place: Place) -> bytes:
    salt = sha256(b"beside.linked\x00" + place.associated_data()).digest()
    return HKDF(SHA256(), length=32, salt=salt, info=b"beside.linked.v1").derive(token.encode("ascii"))


def _bound(place: Place) -> bytes:
    return bytes([VERSION]) + place.associated_data()
