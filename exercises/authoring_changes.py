"""What stands in an exercise and is not what somebody has just typed: shown where both were changed at once."""

from collections.abc import Mapping
from typing import Any

from exercises.models import ExerciseVersion

_NAMES = {
    "title": "Title",
    "purpose": "What it is for",
    "minutes": "Minutes",
    "steps": "Steps",
    "instead_of_breath": "Another way, without the breath",
    "fields": "Questions",
    "plan_prompts": "When it might fit",
    "care": "Go slowly with",
    "stop": "If they want to stop",
    "sources": "What stands behind it",
    "wants_together": "First practised together",
    "stays_private": "“Keep it to myself” is chosen beforehand",
}


def differences(stands: ExerciseVersion, typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each part of a version that differs from what was typed, by its name on the form, as a text."""
    differing = [name for name in _NAMES if getattr(stands, name) != typed[name]]
    return [(_NAMES[name], _as_text(getattr(stands, name))) for name in differing]


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return "\n\n".join(one["label"] if isinstance(one, dict) else str(one) for one in value) or "Nothing"
    return str(value) or "Nothing"
