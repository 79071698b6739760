"""An assignment put off: "not this week"."""

import pytest
from django.db import DatabaseError

from exercises import answers
from exercises.models import Assignment
from tests.exercises.factories import assign, deeds, mail_of, make_assignment, refuse_audit
from tests.factories import make_client

pytestmark = pytest.mark.django_db
State = Assignment.State


def test_not_this_week_drops_the_mail_and_is_reviewed_like_an_answer() -> None:
    assignment = assign(make_client())

    answers.decline_for_now(assignment=assignment)
    answers.decline_for_now(assignment=assignment)

    assert (assignment.state, assignment.is_to_review) == (State.NOT_NOW, True)
    assert mail_of(assignment).reason == "not this week"
    assert deeds() == ["exercise.assign", "exercise.not_now"]


def test_what_was_answered_is_not_put_off() -> None:
    assignment = make_assignment(state=State.DONE, answer={})
    with pytest.raises(answers.NotWithClient):
        answers.decline_for_now(assignment=assignment)


def test_what_cannot_be_audited_is_not_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = make_assignment()
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        answers.decline_for_now(assignment=assignment)
    assert Assignment.unscoped.get().state == State.ASSIGNED
