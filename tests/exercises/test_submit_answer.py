"""An answer that came back, shared or only done."""

from uuid import UUID

import pytest
from django.db import DatabaseError, connection

from exercises import answers
from exercises.models import Answer, Assignment
from practice.models import AuditEntry
from tests.exercises.factories import assign, deeds, mail_of, make_assignment, refuse_audit
from tests.factories import make_client

pytestmark = pytest.mark.django_db
State = Assignment.State


def test_a_shared_answer_is_kept_sealed() -> None:
    assignment = make_assignment()

    answers.submit_answer(assignment=assignment, sharing="shared", values={"line": "You again", "helpful": 7})

    answer = Answer.unscoped.get()
    assert answer.values == {"line": "You again", "helpful": 7}
    assert (assignment.state, assignment.is_to_review) == (State.DONE, True)
    entry = AuditEntry.objects.get()
    assert (entry.deed, entry.actor, entry.reference, entry.detail) == (
        "exercise.answer", None, assignment.client.reference, {"sharing": "shared"},
    )  # fmt: skip
    assert b"You again" not in _stored_values(answer.pk)


def test_only_done_keeps_no_word_in_the_table() -> None:
    assignment = make_assignment()

    answers.submit_answer(assignment=assignment, sharing="done_only", values={"page": "nobody reads this " * 200})

    answer = Answer.unscoped.get()
    assert (answer.values, answer.sharing) == ({}, "done_only")
    # Sealed text is padded to 256 bytes: an empty answer is one block, 3,600 characters would be fifteen.
    assert len(_stored_values(answer.pk)) < 512


def _stored_values(answer_id: UUID) -> bytes:
    """Return the column as the database holds it, past every model."""
    key = answer_id.hex if connection.vendor == "sqlite" else str(answer_id)
    with connection.cursor() as cursor:
        cursor.execute('SELECT "values" FROM exercises_answer WHERE id = %s', [key])
        return bytes(cursor.fetchone()[0])


def test_a_second_answer_changes_nothing() -> None:
    assignment = make_assignment()
    first = answers.submit_answer(assignment=assignment, sharing="shared", values={"line": "one"})

    again = answers.submit_answer(assignment=assignment, sharing="done_only", values={"line": "two"})

    assert again == first
    assert Answer.unscoped.get().values == {"line": "one"}
    assert deeds() == ["exercise.answer"]


def test_an_answer_drops_mail_that_has_not_left() -> None:
    assignment = assign(make_client())
    answers.submit_answer(assignment=assignment, sharing="shared", values={})
    assert (mail_of(assignment).state, mail_of(assignment).reason) == ("dropped", "already answered")


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.NOT_NOW])
def test_what_is_no_longer_with_the_client_takes_no_answer(state: str) -> None:
    assignment = make_assignment(state=state)
    with pytest.raises(answers.NotWithClient):
        answers.submit_answer(assignment=assignment, sharing="shared", values={"line": "late"})
    assert Answer.unscoped.count() == 0


@pytest.mark.parametrize(("sharing", "values"), [("everyone", {}), ("shared", {"not_asked": "x"})])
def test_an_answer_to_something_else_is_a_callers_mistake(sharing: str, values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not an answer to this exercise"):
        answers.submit_answer(assignment=make_assignment(), sharing=sharing, values=values)


def test_what_cannot_be_audited_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = make_assignment()
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        answers.submit_answer(assignment=assignment, sharing="shared", values={"line": "one"})
    assert (Answer.unscoped.count(), Assignment.unscoped.get().state) == (0, State.ASSIGNED)
