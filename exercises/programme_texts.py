"""The programmes that ship with Beside, as they stand in `exercises/programmes/*.toml`: read, checked, typed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exercises.answer_fields import LibraryError, number_of, text_of
from exercises.library import read_toml
from exercises.models import Mode
from exercises.models.programme import WITH_DAYS

FOLDER = Path(__file__).parent / "programmes"
# Nothing that is to hang together waits longer than this, in days.
LONGEST_WAIT = 60


@dataclass(frozen=True)
class StepText:
    """One step: the slug of its exercise, when it comes (`exercises.models.Mode`), and days for the modes with days."""

    exercise: str
    mode: str
    days: int = 0


@dataclass(frozen=True)
class ProgrammeText:
    """The words of one programme, and its steps in their order."""

    slug: str
    title: str
    purpose: str
    position: int
    steps: tuple[StepText, ...]


def shipped_programmes(exercises: Collection[str], folder: Path = FOLDER) -> list[ProgrammeText]:
    """Read every programme that ships; `exercises` are the slugs there are. Raise LibraryError with the file's name."""
    texts = [programme_from(read_toml(path), exercises, path.name) for path in folder.glob("*.toml")]
    if len({text.slug for text in texts}) != len(texts):
        raise LibraryError("Two programmes of the library have the same slug.")
    return sorted(texts, key=lambda text: (text.position, text.slug))


def programme_from(data: Mapping[str, Any], exercises: Collection[str], where: str) -> ProgrammeText:
    """Return a programme. Raise LibraryError, beginning with `where`, for what it lacks."""
    rows = data.get("steps")
    if not isinstance(rows, list) or not rows:
        raise LibraryError(f"{where}: it has no steps.")
    steps = tuple(step_from(row, exercises, f"{where}, step {number}") for number, row in enumerate(rows, start=1))
    if steps[0].mode not in (Mode.TOGETHER, Mode.ON_DATE):
        raise LibraryError(f"{where}, step 1: there is none before it, so it comes at once or on a date.")
    return ProgrammeText(
        slug=text_of(data, "slug", where),
        title=text_of(data, "title", where),
        purpose=text_of(data, "purpose", where),
        position=number_of(data, "position", where),
        steps=steps,
    )


def step_from(data: Mapping[str, Any], exercises: Collection[str], where: str) -> StepText:
    """Return one step. Raise LibraryError for an unknown exercise or mode, and for days where they do not belong."""
    exercise, mode = text_of(data, "exercise", where), text_of(data, "mode", where)
    if exercise not in exercises:
        raise LibraryError(f"{where}: there is no exercise called “{exercise}”.")
    # One exercise that is repeated on days of the week is a course by itself, not a step.
    if mode not in Mode.values or mode == Mode.WEEKDAYS:
        raise LibraryError(f"{where}: the mode “{mode}” is not one that a step can have.")
    return StepText(exercise, mode, _days(data, mode, where))


def _days(data: Mapping[str, Any], mode: str, where: str) -> int:
    if mode not in WITH_DAYS:
        if data.get("days", 0) != 0:
            raise LibraryError(f"{where}: the mode “{mode}” takes no days.")
        return 0
    # What follows a session may come on its very day.
    least = 0 if mode == Mode.AFTER_SESSION else 1
    return number_of(data, "days", where, least=least, most=LONGEST_WAIT)
