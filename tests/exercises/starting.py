"""Programmes for tests, and the form that starts one, as a counsellor fills it in."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.urls import reverse

from clients.models import Client
from exercises import courses
from exercises.courses import StepWish, Words
from exercises.models import Course, Exercise, ExerciseVersion, Mode, Programme, ProgrammeStep
from practice import clock
from tests.exercises.factories import make_version

WORDS = Words("For the walk home.", "You spoke of the harsh voice.", "after supper")


def make_programme(*modes: tuple[str, int], slug: str = "gentle", **fields: Any) -> Programme:
    """Return a programme with a step for each (mode, days), its exercises called "Step 1" and so on."""
    values = {"title": "Gentle weeks", "purpose": "Slowly.", **fields}
    programme = Programme.objects.create(slug=slug, **values)
    for number, (mode, days) in enumerate(modes, start=1):
        exercise = make_version(f"{slug}-{number}", title=f"Step {number}").exercise
        ProgrammeStep.objects.create(programme=programme, position=number, exercise=exercise, mode=mode, days=days)
    return programme


def newest(slug: str) -> ExerciseVersion:
    return Exercise.objects.get(slug=slug).versions.get()


def start(client: Client, *modes: tuple[str, int], **changes: Any) -> Course:
    """Start a programme with a step for each (mode, days)."""
    programme = changes.pop("programme", None) or make_programme(*modes, slug=f"p-{uuid4().hex[:6]}")
    values: dict[str, Any] = {
        "actor": client.counsellor,
        "client": client,
        "steps": [
            StepWish(newest(f"{programme.slug}-{number}"), mode, days)
            for number, (mode, days) in enumerate(modes, start=1)
        ],
        "words": WORDS,
        "starts_on": clock.today(),
        "nonce": uuid4(),
        "programme": programme,
        **changes,
    }
    return courses.start_course(**values)


def repeat(client: Client, **changes: Any) -> Course:
    """Give an exercise on each day of the week."""
    weekdays = changes.pop("weekdays", range(7))
    values: dict[str, Any] = {
        "actor": client.counsellor,
        "client": client,
        "steps": [StepWish(changes.pop("version", None) or make_version(), Mode.WEEKDAYS, weekdays=weekdays)],
        "words": WORDS,
        "starts_on": clock.today(),
        "until_on": clock.today() + timedelta(days=10),
        "nonce": uuid4(),
        "nudges": 0,
        **changes,
    }
    return courses.start_course(**values)


def start_url(client: Client, programme: Programme) -> str:
    return f"{reverse('exercises:start', args=[client.pk])}?programme={programme.slug}"


def typed_start(programme: Programme, **fields: Any) -> dict[str, Any]:
    """Return the form with every step ticked."""
    return {
        "nonce": str(uuid4()),
        "programme_version": str(programme.version),
        "personal_line": "For the walk home.",
        "why": "You spoke of the harsh voice.",
        "plan_when": "after supper",
        "plan_where": "",
        "starts_on": clock.today().isoformat(),
        "until_on": "",
        "nudges": "1",
        **{f"step_{step.position}": "on" for step in programme.steps.all()},
        **fields,
    }
