"""Patterns that find a name in a folded text."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from supervision.common_words import COMMON_WORDS, PARTICLES, PLAIN_CONTACT_WORDS, TITLES
from supervision.folding import folded

# Words of a folded text, hyphens and apostrophes inside them included; an underscore parts words (Markdown).
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_BEGIN, _END = r"(?<![^\W_])", r"(?![^\W_])"
# Written without blanks between words, or with endings grown onto a name.
_UNSPACED = ("CJK ", "HIRAGANA ", "KATAKANA ", "HANGUL ", "THAI ", "LAO ", "KHMER ", "MYANMAR ")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


@dataclass(frozen=True)
class NamePattern:
    """A pattern for folded text; `is_capitalised` where it counts only with a capital in the text as written."""

    regex: re.Pattern[str]
    is_capitalised: bool = False


def own_patterns(*names: str) -> list[NamePattern]:
    """Return the patterns of a client's names: each whole, its words, and the parts of those."""
    spellings = dict.fromkeys(spelling for name in names for spelling in (name, name.translate(_GERMAN)))
    found = [words for words in map(_words_of, spellings) if words]
    wholes = (_whole(words) for words in found if len(words) > 1)
    parts = dict.fromkeys(part for words in found for part in _parts(words))
    return [*wholes, *(_part(part) for part in parts)]


def contact_patterns(field: str) -> list[NamePattern]:
    """Return the patterns of the people named in a field: its capitalised words, where capitalised in the text, too.

    In a field without any capital every word is taken for one.
    """
    written = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", field)
    capitals = [word for word in written if word[0].isupper()] or written
    words = dict.fromkeys(folded(word) for word in capitals)
    parts = dict.fromkeys(part for word in words for part in (word, *re.split("['-]", word)))
    people = [part for part in parts if len(part) > 1 and part not in PLAIN_CONTACT_WORDS and not part.isdigit()]
    runs = re.findall(r"[^\W\d_a-z][^\W_]*(?:['’-][^\W_]+)*(?: [^\W\d_a-z][^\W_]*(?:['’-][^\W_]+)*)+", field)
    wholes = (_named(_WORD.findall(folded(run))) for run in runs)
    return [*(_whole(words) for words in wholes if len(words) > 1), *(_part(part, True) for part in people)]


def _named(words: list[str]) -> list[str]:
    return [word for word in words if word not in PLAIN_CONTACT_WORDS]


def _words_of(name: str) -> list[str]:
    return [word for word in _WORD.findall(folded(name)) if word not in TITLES]


def _parts(words: list[str]) -> Iterator[str]:
    """Return what of a name counts by itself: its words and their halves, without particles and initials."""
    for place, word in enumerate(words):
        for part in dict.fromkeys((word, *re.split("['-]", word))):
            if len(part) > 1 and not part.isdigit() and (place == 0 or part not in PARTICLES):
                yield part
    # As in the name of an account: annasmith.
    if len(words) > 1:
        yield "".join(words)


def _whole(words: Iterable[str]) -> NamePattern:
    """Return the pattern of a name's words one after the other, in any case."""
    listed = list(words)
    blank = r"[\s_.-]{1,3}" if not _is_unspaced(listed[0]) else r"[\s·-]{0,3}"
    return NamePattern(_bounded(blank.join(map(_spelt, listed)), "".join(listed)))


def _part(part: str, is_capitalised: bool = False) -> NamePattern:
    """Return the pattern of one word. A plural or a possessive without its sign counts: “Annas”."""
    is_common = part in COMMON_WORDS
    ending = "(?=s?" + _END + ")" if len(part) > 3 and not is_common and not _is_unspaced(part) else ""
    return NamePattern(_bounded(_spelt(part) + ending, part), is_capitalised=is_capitalised or is_common)


def _bounded(pattern: str, letters: str) -> re.Pattern[str]:
    """Let a pattern match whole words only, where the script has such."""
    if _is_unspaced(letters):
        return re.compile(pattern)
    return re.compile(_BEGIN + pattern + _END if "(?=s?" not in pattern else _BEGIN + pattern)


def _spelt(word: str) -> str:
    """Return a word's pattern: its apostrophe or hyphen may be left out, or be a blank."""
    return "".join({"'": "[' ]?", "-": r"[\s-]?"}.get(letter) or re.escape(letter) for letter in word)


def _is_unspaced(letters: str) -> bool:
    return any(unicodedata.name(letter, "").startswith(_UNSPACED) for letter in letters)
