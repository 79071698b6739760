"""An assignment withdrawn before it was answered."""

import pytest
from django.db import DatabaseError

from exercises import services
from exercises.answers import NotWithClient
from exercises.models import Assignment
from tests.exercises.factories import assign, deeds, mail_of, make_assignment, refuse_audit
from tests.factories import make_client

pytestmark = pytest.mark.django_db
State = Assignment.State


def test_withdrawing_drops_the_planned_mail() -> None:
    assignment = assign(make_client())

    result = services.withdraw_assignment(actor=assignment.assigned_by, assignment=assignment)

    assert result.dropped == 1
    assert (mail_of(assignment).state, mail_of(assignment).reason) == ("dropped", "exercise withdrawn")
    assert assignment.state == State.WITHDRAWN
    assert deeds() == ["exercise.assign", "exercise.withdraw"]


def test_withdrawing_twice_is_harmless() -> None:
    assignment = make_assignment(state=State.WITHDRAWN)
    assert services.withdraw_assignment(actor=assignment.assigned_by, assignment=assignment).dropped == 0
    assert deeds() == []


def test_what_was_answered_is_not_withdrawn() -> None:
    assignment = make_assignment(state=State.DONE, answer={})
    with pytest.raises(NotWithClient):
        services.withdraw_assignment(actor=assignment.assigned_by, assignment=assignment)
    assert Assignment.unscoped.get().state == State.DONE


def test_what_cannot_be_audited_is_not_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = assign(make_client())
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        services.withdraw_assignment(actor=assignment.assigned_by, assignment=assignment)
    assert (Assignment.unscoped.get().state, mail_of(assignment).state) == (State.ASSIGNED, "planned")
