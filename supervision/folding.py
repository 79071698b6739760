"""Text as it is compared: without case, accents and invisible marks, and with the way back to where each stood."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Letters that carry no mark which decomposition could take off, and signs that keyboards vary.
_ALIKE = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i",
        "’": "'", "‘": "'", "ʼ": "'", "ʹ": "'", "´": "'", "＇": "'",
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-",
    }
)  # fmt: skip
# Accents and vowel signs, and what is not seen at all.
_UNSEEN = ("Mn", "Mc", "Me", "Cf")


@dataclass(frozen=True)
class Folded:
    """A folded text; `origin[i]` is where its character i stood, with one entry more for the end."""

    text: str
    origin: tuple[int, ...]

    def spans(self, regex: re.Pattern[str]) -> Iterator[tuple[int, int]]:
        """Return where each match stood in the text as written, with the marks that followed its last letter."""
        for match in regex.finditer(self.text):
            start, end = match.span()
            # Not in the middle of a letter that folding took apart.
            if self.origin[start] < self.origin[end] and self.origin[end] != self.origin[end - 1]:
                yield self.origin[start], self.origin[end]


def fold(text: str) -> Folded:
    """Fold a text, letter by letter, keeping account of where each came from."""
    letters: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(text):
        for letter in _folded(char):
            letters.append(letter)
            origin.append(place)
    return Folded("".join(letters), (*origin, len(text)))


def folded(text: str) -> str:
    """Return a text folded, when the way back is not needed."""
    return "".join(letter for char in text for letter in _folded(char))


def _folded(char: str) -> str:
    if char.isascii():
        return char.lower()
    # Signs first: decomposition would make a space and a mark of some of them.
    whole = unicodedata.normalize("NFKD", char.translate(_ALIKE)).casefold().translate(_ALIKE)
    seen = [letter for letter in unicodedata.normalize("NFKD", whole) if unicodedata.category(letter) not in _UNSEEN]
    # A letter folds to letters, so that no word ends inside one.
    return "".join(letter for letter in seen if letter.isalnum() or not char.isalnum())
