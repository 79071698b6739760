"""The library as its page shows it: one shelf for each way, then what one wrote, then what others share."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.text import Truncator

from exercises.models import Exercise, ExerciseVersion
from practice.models import User

OWN, SHARED = "own", "shared"
# A sentence that is longer than this in characters is cut.
OPENING = 150


@dataclass
class Shelf:
    """Exercises under one heading; `key` is what the filter calls it."""

    key: str
    label: str
    versions: list[ExerciseVersion] = field(default_factory=list)

    @property
    def cards(self) -> list[tuple[ExerciseVersion, str]]:
        """Return each exercise with the first sentence of what it is for."""
        return [(version, opening_of(version.purpose)) for version in self.versions]


def shelves_of(viewer: User, versions: Iterable[ExerciseVersion]) -> list[Shelf]:
    """Return the shelves on which something stands, in their order."""
    named = [*Exercise.Way.choices, (OWN, "Your own"), (SHARED, "Shared in the practice")]
    shelves = {key: Shelf(key, label) for key, label in named}
    for version in versions:
        shelves[_key(viewer, version.exercise)].versions.append(version)
    return [shelf for shelf in shelves.values() if shelf.versions]


def opening_of(text: str) -> str:
    """Return the first sentence of a text."""
    first = re.split(r"(?<=[.!?…])\s", text.strip(), maxsplit=1)[0]
    return Truncator(first).chars(OPENING)


def _key(viewer: User, exercise: Exercise) -> str:
    if exercise.made_by_id is None:
        return exercise.way
    return OWN if exercise.made_by_id == viewer.pk else SHARED
