"""The exercises that ship with Beside, as they stand in `exercises/library/*.toml`: read, checked, typed."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from exercises.models import Exercise

FOLDER = Path(__file__).parent / "library"
Kind = Literal["text", "long_text", "scale", "choice", "tick"]
WITH_OPTIONS = ("choice", "tick")


class LibraryError(ValueError):
    """A file of the library is not as the program needs it."""


@dataclass(frozen=True)
class AnswerField:
    """One question. `scale` runs from 0 to 10, `low` and `high` name its ends; `choice` takes one, `tick` many."""

    name: str
    kind: Kind
    label: str
    help: str = ""
    required: bool = False
    low: str = ""
    high: str = ""
    options: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "options": list(self.options)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "AnswerField":
        """Return the question as a version stores it. Raise LibraryError where it is not one."""
        return _field(stored, "a stored version")


@dataclass(frozen=True)
class ExerciseText:
    """The words of one exercise. Steps and the way without the breath are Markdown; minutes are at most 10."""

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

    def words(self) -> dict[str, Any]:
        """Return what a version stores; where one of these differs, it is a new version."""
        return {
            "title": self.title,
            "purpose": self.purpose,
            "minutes": self.minutes,
            "steps": list(self.steps),
            "instead_of_breath": self.instead_of_breath,
            "fields": [field.as_json() for field in self.fields],
            "care": self.care,
            "stop": self.stop,
            "sources": list(self.sources),
        }


def shipped(folder: Path = FOLDER) -> list[ExerciseText]:
    """Read every exercise that ships, in the order of the library. Raise LibraryError with the file's name."""
    texts = sorted((_read(path) for path in folder.glob("*.toml")), key=lambda text: (text.position, text.slug))
    slugs = [text.slug for text in texts]
    if len(set(slugs)) != len(slugs):
        raise LibraryError("Two exercises of the library have the same slug.")
    return texts


def _read(path: Path) -> ExerciseText:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LibraryError(f"{path.name}: {error}") from error
    return _exercise(data, path.name)


def _exercise(data: Mapping[str, Any], where: str) -> ExerciseText:
    way = _text(data, "way", where)
    if way not in Exercise.Way.values:
        raise LibraryError(f"{where}: the way “{way}” is not one of {', '.join(Exercise.Way.values)}.")
    fields = tuple(_field(each, where) for each in data.get("fields", []))
    _distinct([field.name for field in fields], "fields", where)
    return ExerciseText(
        slug=_text(data, "slug", where),
        way=way,
        position=_number(data, "position", where),
        title=_text(data, "title", where),
        purpose=_text(data, "purpose", where),
        minutes=_number(data, "minutes", where),
        steps=_texts(data, "steps", where),
        instead_of_breath=_text(data, "instead_of_breath", where, may_be_empty=True),
        care=_text(data, "care", where),
        stop=_text(data, "stop", where),
        sources=_texts(data, "sources", where),
        fields=fields,
    )


def _field(data: Mapping[str, Any], where: str) -> AnswerField:
    name = _text(data, "name", where)
    kind = _text(data, "kind", where)
    if not name.isidentifier() or name.startswith("_"):
        raise LibraryError(f"{where}: “{name}” cannot be a field's name.")
    if kind not in get_args(Kind):
        raise LibraryError(f"{where}: the kind “{kind}” of {name} is not one of {', '.join(get_args(Kind))}.")
    options = _options(data, name, kind, where)
    ends = [_text(data, end, where, may_be_empty=kind != "scale") for end in ("low", "high")]
    return AnswerField(
        name=name,
        kind=kind,  # type: ignore[arg-type]  # one of the Literal's own values, as just checked
        label=_text(data, "label", where),
        help=_text(data, "help", where, may_be_empty=True),
        required=data.get("required") is True,
        low=ends[0],
        high=ends[1],
        options=options,
    )


def _options(data: Mapping[str, Any], name: str, kind: str, where: str) -> tuple[str, ...]:
    if kind not in WITH_OPTIONS:
        return ()
    options = _texts(data, "options", where)
    if len(options) < 2:
        raise LibraryError(f"{where}: {name} needs two options or more.")
    _distinct(list(options), f"options of {name}", where)
    return options


def _text(data: Mapping[str, Any], key: str, where: str, *, may_be_empty: bool = False) -> str:
    value = data.get(key, "" if may_be_empty else None)
    if not isinstance(value, str) or not (may_be_empty or value.strip()):
        raise LibraryError(f"{where}: `{key}` is missing or is not a text.")
    return value.strip()


def _number(data: Mapping[str, Any], key: str, where: str) -> int:
    value, most = data.get(key), 10 if key == "minutes" else 1000
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise LibraryError(f"{where}: `{key}` is not a number from 1 to {most}.")
    return value


def _texts(data: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = data.get(key)
    if not isinstance(values, list) or not values:
        raise LibraryError(f"{where}: `{key}` is missing or is not a list.")
    return tuple(_text({key: value}, key, where) for value in values)


def _distinct(values: list[str], what: str, where: str) -> None:
    if len(set(values)) != len(values):
        raise LibraryError(f"{where}: two {what} have the same name.")
