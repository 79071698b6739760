"""Authentication codes under an owner's data key: who can write to the database cannot make one."""

import hmac
from uuid import UUID

from vault.services import data_key


def mac(owner_id: UUID, purpose: str, message: bytes) -> bytes:
    """Return the HMAC-SHA256 (32 bytes) of a message. Raise VaultError where the owner's key does not open.

    The data key itself seals texts; a key of its own is derived for each purpose.
    """
    _, key = data_key(owner_id)
    return hmac.digest(hmac.digest(key, b"beside/v1/mac/" + purpose.encode(), "sha256"), message, "sha256")
