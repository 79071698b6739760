"""Exercises and programmes of somebody's own, and forms as a browser posts them."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

from exercises.authoring import OWN_POSITION
from exercises.models import Exercise, ExerciseVersion, Mode, Programme, ProgrammeStep
from practice.models import User
from tests.exercises.factories import make_version
from tests.exercises.pages import read

WORDS: dict[str, Any] = {
    "title": "Tea and a window",
    "purpose": "To arrive in the afternoon.",
    "minutes": 5,
    "steps": ["Put the kettle on.", "Look **out**."],
    "instead_of_breath": "",
    "fields": [],
    "plan_prompts": ["after lunch"],
    "care": "Not with hot tea in bed.",
    "stop": "You can stop at any sip.",
    "sources": [],
    "wants_together": False,
    "stays_private": False,
}


def make_own(user: User, *, slug: str = "own", is_shared: bool = False, **fields: Any) -> ExerciseVersion:
    """Return the words of an exercise that a member wrote."""
    version = make_version(slug, **{name: fields.pop(name) for name in list(fields) if name in WORDS})
    Exercise.objects.filter(slug=slug).update(made_by=user, is_shared=is_shared, position=OWN_POSITION, **fields)
    version.refresh_from_db()
    return version


def make_programme(made_by: User | None, *, slug: str = "two-steps", **fields: Any) -> Programme:
    """Return a programme of two shipped exercises, `first` and `second`; it ships itself without `made_by`."""
    position = 1 if made_by is None else OWN_POSITION
    programme = Programme.objects.create(
        slug=slug, title="Two steps", purpose="A beginning.", made_by=made_by, **{"position": position, **fields}
    )
    for place, (name, mode, days) in enumerate([("first", Mode.TOGETHER, 0), ("second", Mode.DONE_PLUS, 5)], start=1):
        exercise = Exercise.objects.filter(slug=name).first() or make_version(name).exercise
        ProgrammeStep.objects.create(programme=programme, position=place, exercise=exercise, mode=mode, days=days)
    return programme


def posted(**changes: Any) -> dict[str, Any]:
    """Return a whole form of an exercise: two steps, and one question of each of two kinds."""
    return {
        "nonce": str(uuid4()), "begun_from": "0", "title": "Tea and a window", "way": "mindful", "minutes": "5",
        "purpose": "To arrive in the afternoon.", "instead_of_breath": "", "stop": "You can stop at any sip.",
        "care": "", "plan_prompts": "after lunch\n\nbefore the bus\n", "sources": "",
        "step-order": ["s1", "s2"], "step-s1-text": "Put the kettle on.", "step-s2-text": "Look **out**.",
        "question-order": ["q1", "q2"],
        **question("q1", "long_text", "What did you see?"),
        **question("q2", "scale", "How warm was it?", low="cold", high="warm"),
        **changes,
    }  # fmt: skip


def question(key: str, kind: str, label: str, **parts: Any) -> dict[str, Any]:
    """Return the fields of one question's row."""
    fields = {
        "kind": kind, "label": label, "help": "", "low": "", "high": "", "options": "", "left": "", "right": "",
        "breath_in": "4", "breath_out": "6", "seconds": "120", "text": "", **parts,
    }  # fmt: skip
    return {f"question-{key}-{name}": value for name, value in fields.items()}


def planned(**changes: Any) -> dict[str, Any]:
    """Return a whole form of a programme with two steps: `first`, and `second` five days later."""
    return {
        "nonce": str(uuid4()), "begun_from": "0", "title": "Two steps", "purpose": "A beginning.",
        "step-order": ["s1", "s2"],
        "step-s1-exercise": "first", "step-s1-mode": "when_done", "step-s1-days": "",
        "step-s2-exercise": "second", "step-s2-mode": "done_plus", "step-s2-days": "5",
        **changes,
    }  # fmt: skip


def order(text: str, group: str) -> list[str]:
    """Return the keys of a group's rows as the page has them."""
    return re.findall(rf'name="{group}-order" value="(\w+)"', text)


def whole_form(answer: Any) -> dict[str, Any]:
    """Return what a browser would post of the page as it stands, with its publishing button."""
    text = read(answer)
    form: dict[str, Any] = {"deed": "publish"}
    raw = answer.content.decode()
    for name in re.findall(r'<textarea name="([\w-]+)"', raw):
        found = re.search(rf'<textarea name="{name}"[^>]*>\r?\n?(.*?)</textarea>', raw, re.DOTALL)
        form[name] = unescape(found[1]) if found else ""
    for tag in re.findall(r"<input [^>]*>", raw):
        name = re.search(r'name="([\w-]+)"', tag)
        is_sent = name and ('type="checkbox"' not in tag or " checked" in tag) and name[1] not in form
        if is_sent and name:
            held = re.search(r'value="(.*?)"', tag)
            form[name[1]] = unescape(held[1]) if held else "on" if "checkbox" in tag else ""
    for name, options in re.findall(r'<select name="([\w-]+)".*?>(.*?)</select>', raw, re.DOTALL):
        chosen = re.search(r'<option value="([\w-]*)" selected', options)
        form[name] = chosen[1] if chosen else ""
    form |= {f"{group}-order": order(text, group) for group in ("step", "question")}
    form.pop("csrfmiddlewaretoken", None)
    return form
