"""The questions of an exercise, and its parts without an answer: what each kind needs, checked and typed.

Files of the library and what a counsellor types pass the same checks; each message says where, and what is amiss.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

Kind = Literal[
    "text", "long_text", "scale", "before_after", "choice", "tick", "pair", "circles", "timer", "pacer", "reading"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
WITHOUT_ANSWER = ("timer", "pacer", "reading")
# Asked on every exercise by the program itself: exercises/closing.py.
RESERVED = ("how_far", "helpful", "in_my_day", "in_the_way")
# In seconds: a timer or a pacer may run so long, a breath in or out may take so long.
SHORTEST, LONGEST = 10, 1800
BREATH = (2, 12)
_PARTS = {
    "text": ("in_patterns",),
    "long_text": ("in_patterns",),
    "scale": ("low", "high"),
    "before_after": ("low", "high"),
    "choice": ("options",),
    "tick": ("options",),
    "pair": ("left", "right"),
    "circles": (),
    "timer": ("seconds",),
    "pacer": ("breath_in", "breath_out", "seconds"),
    "reading": ("text",),
}
_CALLED = {
    "label": "the label",
    "low": "the word for 0",
    "high": "the word for 10",
    "left": "the label of the first box",
    "right": "the label of the second box",
    "text": "the text to read",
    "seconds": "the length in seconds",
    "breath_in": "the breath in (in seconds)",
    "breath_out": "the breath out (in seconds)",
}


class LibraryError(ValueError):
    """An exercise, a programme or a question is not as the program needs it. The message is one line to be shown."""


@dataclass(frozen=True)
class AnswerField:
    """One question, or one part without an answer. What does not belong to its kind is empty.

    `scale` and `before_after` run from 0 to 10, `low` and `high` name the ends; `choice` takes one option, `tick`
    many; `left` and `right` label the boxes of a `pair`; seconds are whole numbers; `text` is Markdown to read.
    `in_patterns`: what is written is shown on the client's own page of patterns; a pair always is.
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    required: bool = False
    low: str = ""
    high: str = ""
    options: tuple[str, ...] = ()
    left: str = ""
    right: str = ""
    seconds: int = 0
    breath_in: int = 0
    breath_out: int = 0
    text: str = ""
    in_patterns: bool = False

    @property
    def has_answer(self) -> bool:
        return self.kind not in WITHOUT_ANSWER

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "options": list(self.options)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "AnswerField":
        """Return the question as a version stores it. Raise LibraryError where it is not one."""
        return _read(stored, "a stored version")


def field_from(data: Mapping[str, Any], where: str) -> AnswerField:
    """Return a question from a file or a form. Raise LibraryError, beginning with `where`, for what it lacks.

    A name that the program asks by itself is refused, as is a part that no kind has. Parts of another kind are left
    out, so that a form may post all of them.
    """
    strange = sorted(set(data) - set(AnswerField.__dataclass_fields__))
    if strange:
        raise LibraryError(f"{where}: a question has no part called “{strange[0]}”.")
    field = _read(data, where)
    if field.name in RESERVED:
        raise LibraryError(f"{where}: “{field.name}” is asked at the end of every exercise by itself.")
    return field


def fields_from(rows: Any, where: str) -> tuple[AnswerField, ...]:
    """Return the questions of one exercise, each with a name of its own. Raise LibraryError."""
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise LibraryError(f"{where}: the questions are not a list.")
    fields = tuple(field_from(row, where) for row in rows)
    distinct([field.name for field in fields], "fields", where)
    return fields


def _read(data: Mapping[str, Any], where: str) -> AnswerField:
    name, kind = text_of(data, "name", where), _kind(data, where)
    if not name.isidentifier() or name.startswith("_"):
        raise LibraryError(f"{where}: “{name}” cannot be a field's name.")
    here = f"{where}, {name}"
    field = AnswerField(
        name=name,
        kind=kind,
        label=_words(data, "label", here),
        help=text_of(data, "help", here, may_be_empty=True),
        required=kind not in WITHOUT_ANSWER and data.get("required") is True,
    )
    return replace(field, **{part: _part(data, part, here) for part in _PARTS[kind]}, **_always(kind))


def _kind(data: Mapping[str, Any], where: str) -> Kind:
    said = text_of(data, "kind", where)
    for kind in KINDS:
        if said == kind:
            return kind
    raise LibraryError(f"{where}: the kind “{said}” is not one of {', '.join(KINDS)}.")


def _always(kind: Kind) -> dict[str, Any]:
    return {"in_patterns": True} if kind == "pair" else {}


def _part(data: Mapping[str, Any], part: str, where: str) -> Any:
    match part:
        case "options":
            return _options(data, where)
        case "in_patterns":
            return data.get(part) is True
        case "seconds":
            return _seconds(data, part, where, (SHORTEST, LONGEST))
        case "breath_in" | "breath_out":
            return _seconds(data, part, where, BREATH)
        case _:
            return _words(data, part, where)


def _options(data: Mapping[str, Any], where: str) -> tuple[str, ...]:
    options = texts_of(data, "options", where)
    if len(options) < 2:
        raise LibraryError(f"{where}: it needs two options or more.")
    distinct(list(options), "options", where)
    return options


def _words(data: Mapping[str, Any], part: str, where: str) -> str:
    value = data.get(part)
    if not isinstance(value, str) or not value.strip():
        raise LibraryError(f"{where}: {_CALLED[part]} is missing.")
    return value.strip()


def _seconds(data: Mapping[str, Any], part: str, where: str, limits: tuple[int, int]) -> int:
    value, (least, most) = data.get(part), limits
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise LibraryError(f"{where}: {_CALLED[part]} is not a whole number from {least} to {most}.")
    return value


# --- what files are made of --------------------------------------------------------------------------
def text_of(data: Mapping[str, Any], key: str, where: str, *, may_be_empty: bool = False) -> str:
    """Return a text without the space around it. Raise LibraryError where it is missing or is none."""
    value = data.get(key, "" if may_be_empty else None)
    if not isinstance(value, str) or not (may_be_empty or value.strip()):
        raise LibraryError(f"{where}: `{key}` is missing or is not a text.")
    return value.strip()


def texts_of(data: Mapping[str, Any], key: str, where: str, *, may_be_empty: bool = False) -> tuple[str, ...]:
    """Return a list of texts. Raise LibraryError where it is missing, none, or one of them is empty."""
    values = data.get(key, [] if may_be_empty else None)
    if not isinstance(values, list | tuple) or not (may_be_empty or values):
        raise LibraryError(f"{where}: `{key}` is missing or is not a list.")
    return tuple(text_of({key: value}, key, where) for value in values)


def number_of(data: Mapping[str, Any], key: str, where: str, *, least: int = 1, most: int = 1000) -> int:
    """Return a whole number within limits. Raise LibraryError."""
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise LibraryError(f"{where}: `{key}` is not a number from {least} to {most}.")
    return value


def yes_or_no(data: Mapping[str, Any], key: str, where: str) -> bool:
    """Return true or false, false where nothing is said. Raise LibraryError for anything else."""
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise LibraryError(f"{where}: `{key}` is neither true nor false.")
    return value


def distinct(values: list[str], what: str, where: str) -> None:
    """Raise LibraryError where two are the same."""
    if len(set(values)) != len(values):
        raise LibraryError(f"{where}: two {what} have the same name.")
