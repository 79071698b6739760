"""The library as its page shows it: one shelf for each way, then what one wrote, then what others share."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from exercises.models import Exercise, ExerciseVersion
from practice.models import User

OWN, SHARED = "own", "shared"


@dataclass
class Shelf:
    """Exercises under one heading; `key` is what the filter calls it."""

    key: str
    label: str
    versions: list[ExerciseVersion] = field(default_factory=list)


def shelves_of(viewer: User, versions: Iterable[ExerciseVersion]) -> list[Shelf]:
    """Return the shelves on which something stands, in their order."""
    named = [*Exercise.Way.choices, (OWN, "Your own"), (SHARED, "Shared in the practice")]
    shelves = {key: Shelf(key, label) for key, label in named}
    for version in versions:
        shelves[_key(viewer, version.exercise)].versions.append(version)
    return [shelf for shelf in shelves.values() if shelf.versions]


def _key(viewer: User, exercise: Exercise) -> str:
    if exercise.made_by_id is None:
        return exercise.way
    return OWN if exercise.made_by_id == viewer.pk else SHARED
