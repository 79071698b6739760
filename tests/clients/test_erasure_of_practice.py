"""What a client was given, has half written and has running goes with them."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from clients import erasure
from clients.holdings import counts_of
from clients.models import Client
from exercises.models import Answer, Assignment, Course, CourseStep, Draft, Programme
from practice.models import AuditEntry
from tests.exercises.factories import make_assignment
from tests.exercises.running_courses import make_course
from tests.factories import make_client

pytestmark = pytest.mark.django_db
OURS = (Answer, Assignment, Course, CourseStep, Draft)


def make_practising(**fields: Any) -> Client:
    """Return a client with a course, an answer that they kept to themselves, and half of another."""
    client = make_client(date_of_birth="1980-02-29", **fields)
    step = make_course(client).steps.get()
    kept = make_assignment(client, state="done", step=step, occurrence="once")
    Answer.unscoped.create(
        assignment=kept, client=client, sharing="kept", values={}, kept=b"sealed", kept_by_link=kept.pk
    )
    begun = make_assignment(client)
    Draft.unscoped.create(assignment=begun, client=client, values={"q_line": "half a line"})
    return client


def counts() -> dict[str, int]:
    return {model.__name__: model._base_manager.count() for model in OURS}


def test_erasing_takes_programmes_answers_and_half_written_ones_along() -> None:
    client, other = make_practising(), make_practising()
    erasure.ask_erasure(
        actor=client.counsellor, client=client, asked_by="client", received_on=date(2026, 3, 9), note=""
    )
    client.refresh_from_db()

    erasure.erase_client(actor=client.counsellor, client=client, is_rule_considered=True)

    assert counts() == {"Answer": 1, "Assignment": 2, "Course": 1, "CourseStep": 1, "Draft": 1}
    assert set(Draft.unscoped.values_list("client", flat=True)) == {other.pk}
    assert Programme.objects.count() == 2
    assert AuditEntry.objects.filter(deed="client.erase").count() == 1


def test_the_page_names_what_there_is_in_plain_words() -> None:
    assert counts_of(make_practising(ended_at=timezone.now(), state="ended")) == {
        "Answers": 1, "Exercises": 2, "Half-written answers": 1, "Programmes and repetitions": 1,
    }  # fmt: skip
