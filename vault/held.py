"""What a row in memory holds for a sealed column."""

from enum import Enum
from typing import Any

from vault.errors import VaultError
from vault.sealing import Blob, Place


class Unopened(Enum):
    """The mark of a text that nobody has opened yet. An enum, so that it is itself after a copy."""

    TEXT = "unopened"


class DumpedBlob(Blob):
    """A blob out of a dump: Django writes such a row by reading its attributes, so it must not open there."""

    __slots__ = ()


class Value:
    """The blob, the opened text, or both; and the place that the blob is known to be sealed for, once that is known."""

    __slots__ = ("blob", "place", "text")

    def __init__(self, blob: Blob | None, text: Any = Unopened.TEXT, place: Place | None = None) -> None:
        self.blob = blob
        self.text = text
        self.place = place

    def __deepcopy__(self, memo: dict[int, Any]) -> "Value":
        return Value(self.blob, self.text, self.place)

    def __reduce__(self) -> tuple[Any, ...]:
        """Give ciphertext to a pickle (a cache, a queue), never the text."""
        if self.blob is None:
            raise VaultError("A text that is not sealed yet cannot leave this process: save its row first.")
        return Value, (self.blob,)
