"""A sealed text where no column of ours can hold it: in the tables of a package that offers two functions, no more."""

import base64
import binascii

from vault.errors import VaultError
from vault.sealing import Place, key_id_of, seal, unseal
from vault.services import data_key, sealing_key

# Says what it is, so that a text in the clear is never taken for a sealed one, nor the other way round.
MARK = "sealed:"


def seal_text(text: str, *, place: Place) -> str:
    """Return the text sealed under the key of the place's owner, as letters. Raise as `sealing_key` does."""
    key_id, key = sealing_key(place.owner_id)
    return MARK + base64.b64encode(seal(text, key_id=key_id, key=key, place=place)).decode("ascii")


def open_text(sealed: str, *, place: Place) -> str:
    """Return the text. Raise VaultError where it is damaged, in the clear, or was sealed for another place."""
    if not sealed.startswith(MARK):
        raise VaultError(f"{place}: this text is not sealed.")
    try:
        blob = base64.b64decode(sealed.removeprefix(MARK), validate=True)
    except (binascii.Error, ValueError) as error:
        raise VaultError(f"{place}: sealed text is damaged.") from error
    _, key = data_key(place.owner_id, wanted=key_id_of(blob, place))
    return unseal(blob, key=key, place=place)
