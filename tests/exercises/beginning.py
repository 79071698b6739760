"""Courses that are started by the service, and looks of the worker at them."""

from datetime import date
from typing import Any
from uuid import uuid4

from clients.models import Client
from exercises.courses import StepWish, Words, start_course
from exercises.models import Assignment, Course, Mode
from outbox.models import Message
from practice import clock
from tests.exercises.factories import make_version
from tests.factories import make_client

WORDS = Words("For the walk home.", "You spoke of the harsh voice.", "after supper", "on the back step")
DAILY: tuple[str, Any] = (Mode.WEEKDAYS, tuple(range(7)))


def wishes(*modes: str | tuple[str, Any]) -> list[StepWish]:
    """Return steps of exercises `step-1`, `step-2` …: a mode, or a mode with its days, its date, or its weekdays."""
    made = []
    for number, each in enumerate(modes, start=1):
        mode, more = each if isinstance(each, tuple) else (each, 0)
        fields: dict[str, Any] = {{int: "days", date: "on_date", tuple: "weekdays"}[type(more)]: more}
        made.append(StepWish(make_version(f"step-{number}", title=f"Step {number}"), mode, **fields))
    return made


def start(client: Client | None = None, *modes: str | tuple[str, Any], **fields: Any) -> Course:
    """Start a course of these steps today."""
    client = client or make_client()
    values: dict[str, Any] = {"words": WORDS, "starts_on": clock.today(), "nonce": uuid4(), **fields}
    return start_course(
        actor=client.counsellor, client=client, steps=values.pop("steps", None) or wishes(*modes), **values
    )


def came() -> list[tuple[str, str]]:
    """Return what was given, the oldest first: which step, which day."""
    rows = Assignment.unscoped.select_related("version__exercise").order_by("assigned_at", "step__position")
    return [(row.version.exercise.slug, f"{clock.local(row.assigned_at):%a %d %b %H:%M}") for row in rows]


def mails(kind: str = "exercise") -> list[tuple[str, str, str]]:
    """Return the mails of a kind: their state, when they are due by the wall clock, and why they did not leave."""
    rows = Message.objects.filter(kind=kind).order_by("due_at", "created_at")
    return [(row.state, f"{clock.local(row.due_at):%a %d %b %H:%M}", row.reason) for row in rows]
