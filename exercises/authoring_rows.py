"""Rows of a form that somebody adds, moves and takes out, each by a button that posts the whole form.

A row keeps its key wherever it stands: the names of its fields hold the key, so that words that are kept until they
are saved come back to the row that they belong to.
"""

from collections.abc import Collection, Sequence
from itertools import count

from django.http import QueryDict

MOST_ROWS = 40
# What a browser posts beyond this is no form of ours.
_MOST_KEYS = 100
_LONGEST_KEY = 60


def keys_in(post: QueryDict, group: str) -> list[str]:
    """Return the keys of a group's rows in their order, each once."""
    keys = dict.fromkeys(post.getlist(f"{group}-order"))
    fit = [key for key in keys if key.isidentifier() and not key.startswith("_") and len(key) <= _LONGEST_KEY]
    return fit[:_MOST_KEYS]


def new_key(letter: str, taken: Collection[str]) -> str:
    """Return the first key `q1`, `q2`, … that nobody has."""
    return next(key for key in (f"{letter}{number}" for number in count(1)) if key not in taken)


def moved(keys: Sequence[str], what: str, key: str) -> list[str]:
    """Return the keys after `up`, `down` or `out` for one of them; anything else changes nothing."""
    rows = list(keys)
    if key not in rows:
        return rows
    place = rows.index(key)
    if what == "out":
        rows.remove(key)
    elif what in ("up", "down"):
        rows.insert(max(place + (1 if what == "down" else -1), 0), rows.pop(place))
    return rows
