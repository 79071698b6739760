"""What can be wrong with a key or a sealed value."""


class VaultError(Exception):
    """A sealed value or a wrapped key does not open. It must never be read as empty."""


class KeyRingError(VaultError):
    """The master keys given to this process cannot be used."""


class DataKeyMissing(VaultError):
    """There is no data key for this owner: never made, or destroyed by an erasure."""


class KeyOrderError(KeyRingError):
    """The newest master key of the database does not stand first."""
