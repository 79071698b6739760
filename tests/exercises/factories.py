"""An exercise with every kind of question, and assignments made directly or through the service."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.test import Client as Browser
from django.utils import timezone

from clients import links
from clients.models import Client, ClientLink
from exercises import services
from exercises.models import Answer, Assignment, Exercise, ExerciseVersion, Sharing
from exercises.planning import MAIL_KIND
from outbox.models import Message
from practice import clock, trail
from practice.models import AuditEntry, User
from tests.factories import make_client


def _question(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "label": label, "help": "", **more}


FIELDS = [
    _question("line", "text", "What did it say?", help="A few words."),
    _question("page", "long_text", "What would a kind voice say?"),
    _question("helpful", "scale", "How helpful was this?", low="not at all", high="very"),
    _question("sound", "choice", "How did it sound?", options=["Warm", "A bit flat"]),
    _question("in_the_way", "tick", "Did anything get in the way?", options=["No time", "Something else"]),
]


def make_version(slug: str = "quiet-minute", **fields: Any) -> ExerciseVersion:
    exercise, _ = Exercise.objects.get_or_create(slug=slug, defaults={"way": Exercise.Way.MINDFUL, "position": 9})
    values = {
        "number": exercise.versions.count() + 1,
        "title": "A quiet minute",
        "purpose": "To arrive.",
        "minutes": 5,
        "steps": ["Sit **down**.", "Look out of the window."],
        "instead_of_breath": "Feel your *hands*.",
        "care": "Do it together first.",
        "stop": "You can stop at any line.",
        "sources": ["A book (2001)"],
        "fields": FIELDS,
        **fields,
    }
    return ExerciseVersion.objects.create(exercise=exercise, **values)


def make_assignment(
    client: Client | None = None, *, state: str = Assignment.State.ASSIGNED, answer: dict[str, Any] | None = None,
    sharing: str = Sharing.SHARED, **fields: Any,
) -> Assignment:  # fmt: skip
    """Return an assignment in a state; `answer` are the values that came back."""
    client = client or make_client()
    is_back = state in Assignment.ANSWERED
    values = {
        "version": fields.pop("version", None) or make_version(),
        "assigned_by": client.counsellor,
        "personal_line": "For the walk home.",
        "why": "You spoke of the harsh voice.",
        "plan_when": "after supper",
        "plan_where": "on the back step",
        "due_on": clock.today() + timedelta(days=5),
        "state": state,
        "answered_at": timezone.now() if is_back else None,
        **fields,
    }
    assignment = Assignment.unscoped.create(client=client, **values)
    if answer is not None:
        Answer.unscoped.create(assignment=assignment, client=client, sharing=sharing, values=answer)
    return assignment


def browser_of(user: User) -> Browser:
    """Return a browser in which a member has signed in."""
    browser = Browser()
    browser.force_login(user)
    return browser


def make_token(assignment: Assignment, days: int = 7) -> str:
    """Return the token of a client's link to an assignment; one that has run out for negative days."""
    token = links.mint(
        client=assignment.client,
        purpose=ClientLink.Purpose.EXERCISE,
        subject_id=assignment.pk,
        expires_at=timezone.now() + timedelta(days=abs(days)),
    )
    if days < 0:
        then = timezone.now() - timedelta(seconds=1)
        ClientLink.unscoped.update(created_at=then - timedelta(days=1), expires_at=then)
    return token


def damage(table: str, *columns: str) -> None:
    """Flip the last bit of sealed values, in a table with one row."""
    for column in columns:
        blob = bytearray(blob_of(table, column))
        blob[-1] ^= 1
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {column} = %s", [bytes(blob)])


def blob_of(table: str, column: str) -> bytes:
    """Return a sealed value as it is stored, in a table with one row."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        ((blob,),) = cursor.fetchall()
    return bytes(blob)


def assign(client: Client, **changes: Any) -> Assignment:
    values: dict[str, Any] = {
        "actor": client.counsellor,
        "client": client,
        "version": changes.pop("version", None) or make_version(),
        "personal_line": "For the walk home.",
        "why": "You spoke of the harsh voice.",
        "plan_when": "after supper",
        "plan_where": "",
        "due_on": clock.today() + timedelta(days=3),
        "send_at": timezone.now() + timedelta(hours=1),
        "is_practised_together": True,
        # Nudges have tests of their own; without them an exercise is one mail.
        "nudges": 0,
        "nonce": uuid4(),
        **changes,
    }
    return services.assign_exercise(**values)


def mail_of(assignment: Assignment) -> Message:
    return Message.objects.get(subject_id=assignment.pk, kind=MAIL_KIND)


def deeds() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("deed", flat=True))


def refuse_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("no room in the trail")

    monkeypatch.setattr(trail, "record", fail)
