"""The exercises that ship with Beside, as they stand in `exercises/library/*.toml`: read, checked, typed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exercises.answer_fields import (
    AnswerField,
    Kind,
    LibraryError,
    field_from,
    fields_from,
    number_of,
    text_of,
    texts_of,
    yes_or_no,
)
from exercises.models import Exercise

__all__ = ["AnswerField", "ExerciseText", "Kind", "LibraryError", "exercise_from", "field_from", "shipped"]

FOLDER = Path(__file__).parent / "library"
# A letter takes 15 to 20; beyond half an hour it is no longer practice between sessions.
MOST_MINUTES = 30


@dataclass(frozen=True)
class ExerciseText:
    """The words of one exercise. Steps and the way without the breath are Markdown; minutes are at most 30."""

    slug: str
    way: str
    position: int
    title: str
    purpose: str
    minutes: int
    steps: tuple[str, ...]
    instead_of_breath: str
    care: str
    stop: str
    sources: tuple[str, ...]
    fields: tuple[AnswerField, ...]
    plan_prompts: tuple[str, ...] = ()
    wants_together: bool = False
    stays_private: bool = False

    def words(self) -> dict[str, Any]:
        """Return what a version stores; where one of these differs, it is a new version."""
        return {
            "title": self.title,
            "purpose": self.purpose,
            "minutes": self.minutes,
            "steps": list(self.steps),
            "instead_of_breath": self.instead_of_breath,
            "fields": [field.as_json() for field in self.fields],
            "plan_prompts": list(self.plan_prompts),
            "care": self.care,
            "stop": self.stop,
            "sources": list(self.sources),
            "wants_together": self.wants_together,
            "stays_private": self.stays_private,
        }


def shipped(folder: Path = FOLDER) -> list[ExerciseText]:
    """Read every exercise that ships, in the order of the library. Raise LibraryError with the file's name."""
    texts = [exercise_from(read_toml(path), path.name) for path in folder.glob("*.toml")]
    if len({text.slug for text in texts}) != len(texts):
        raise LibraryError("Two exercises of the library have the same slug.")
    return sorted(texts, key=lambda text: (text.position, text.slug))


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a file says. Raise LibraryError with its name where it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LibraryError(f"{path.name}: {error}") from error


def exercise_from(data: Mapping[str, Any], where: str) -> ExerciseText:
    """Return the words of an exercise. Raise LibraryError, beginning with `where`, for what they lack."""
    strange = sorted(set(data) - set(ExerciseText.__dataclass_fields__))
    if strange:
        raise LibraryError(f"{where}: an exercise has no part called “{strange[0]}”.")
    text = ExerciseText(
        slug=text_of(data, "slug", where),
        way=_way(data, where),
        position=number_of(data, "position", where),
        title=text_of(data, "title", where),
        purpose=text_of(data, "purpose", where),
        minutes=number_of(data, "minutes", where, most=MOST_MINUTES),
        steps=texts_of(data, "steps", where),
        instead_of_breath=text_of(data, "instead_of_breath", where, may_be_empty=True),
        care=text_of(data, "care", where),
        stop=text_of(data, "stop", where),
        sources=texts_of(data, "sources", where),
        fields=fields_from(data.get("fields", []), where),
        plan_prompts=texts_of(data, "plan_prompts", where, may_be_empty=True),
        wants_together=yes_or_no(data, "wants_together", where),
        stays_private=yes_or_no(data, "stays_private", where),
    )
    if any(field.kind == "pacer" for field in text.fields) and not text.instead_of_breath:
        raise LibraryError(f"{where}: a breathing pacer needs another way beside it, without the breath.")
    return text


def _way(data: Mapping[str, Any], where: str) -> str:
    way = text_of(data, "way", where)
    if way not in Exercise.Way.values:
        raise LibraryError(f"{where}: the way “{way}” is not one of {', '.join(Exercise.Way.values)}.")
    return way
