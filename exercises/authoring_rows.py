"""Rows of a form that somebody adds, moves and takes out, each by a button that posts the whole form.

A row keeps its key wherever it stands: the names of its fields hold the key, so that words that are kept until they
are saved come back to the row that they belong to.
"""

from collections.abc import Collection, Sequence
from itertools import count
from typing import Protocol, TypeVar

from django.http import QueryDict

MOST_ROWS = 40
# What a browser posts beyond this is no form of ours.
_MOST_KEYS = 100
_LONGEST_KEY = 60


class Row(Protocol):
    """What stands in a row."""

    @property
    def key(self) -> str: ...


_Row = TypeVar("_Row", bound=Row)


def parts_of(deed: str) -> tuple[str, str, str]:
    """Return group, deed and key of a row's button, such as `question:up:q2` or `step:add:`."""
    group, what, key = [*deed.split(":"), "", ""][:3]
    return group, what, key


def keys_in(post: QueryDict, group: str) -> list[str]:
    """Return the keys of a group's rows in their order, each once."""
    keys = dict.fromkeys(post.getlist(f"{group}-order"))
    fit = [key for key in keys if key.isidentifier() and not key.startswith("_") and len(key) <= _LONGEST_KEY]
    return fit[:_MOST_KEYS]


def new_key(letter: str, taken: Collection[str]) -> str:
    """Return the first key `q1`, `q2`, … that nobody has."""
    return next(key for key in (f"{letter}{number}" for number in count(1)) if key not in taken)


def after_button(rows: Sequence[_Row], what: str, key: str) -> list[_Row]:
    """Return the rows after `up`, `down` or `out` for one of them; anything else changes nothing."""
    after = list(rows)
    place = _place(after, key)
    if place is None:
        return after
    if what == "out":
        del after[place]
    elif what in ("up", "down"):
        after.insert(max(place + (1 if what == "down" else -1), 0), after.pop(place))
    return after


def focus_after(rows: Sequence[Row], group: str, what: str, key: str) -> str:
    """Return the id of the button that takes the focus: the same one, or where it is gone, the one that is left."""
    place = _place(rows, key)
    if place is None or len(rows) < 2:
        return f"{group}-add"
    ends = {"up": 0, "down": len(rows) - 1}
    other = {"up": "down", "down": "up"}
    stays = other.get(what, "up") if place == ends.get(what) else what
    return f"{group}-{key}-{stays}"


def _place(rows: Sequence[Row], key: str) -> int | None:
    return next((place for place, row in enumerate(rows) if row.key == key), None)
