"""Authentication codes under an owner's data key: who can write to the database cannot make one."""

import hmac
from collections.abc import Callable
from uuid import UUID

from vault.services import data_key


def mac(owner_id: UUID, purpose: str, message: bytes) -> bytes:
    """Return the HMAC-SHA256 (32 bytes) of a message. Raise VaultError where the owner's key does not open."""
    return maker(owner_id, purpose)(message)


def maker(owner_id: UUID, purpose: str) -> Callable[[bytes], bytes]:
    """Return what makes the codes of many messages. Raise VaultError where the owner's key does not open.

    The data key itself seals texts; a key of its own is derived for each purpose.
    """
    _, key = data_key(owner_id)
    derived = hmac.digest(key, b"beside/v1/mac/" + purpose.encode(), "sha256")
    return lambda message: hmac.digest(derived, message, "sha256")
