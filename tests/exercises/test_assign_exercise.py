"""An exercise assigned: its words kept, one mail planned, a trace left."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.utils import timezone

from clients.services import change_client
from exercises import services
from exercises.models import Assignment
from outbox.models import Message
from practice import clock
from practice.models import AuditEntry
from tests.exercises.factories import assign, damage, deeds, mail_of, make_version, refuse_audit
from tests.factories import make_client, make_session

pytestmark = pytest.mark.django_db
State = Assignment.State


def test_assigning_keeps_the_words_plans_one_mail_and_leaves_a_trace() -> None:
    client = make_client()
    session = make_session(client)
    send_at = timezone.now() + timedelta(hours=2)

    assignment = assign(client, send_at=send_at)

    kept = Assignment.unscoped.get(pk=assignment.pk)
    assert (kept.personal_line, kept.why, kept.plan_when) == (
        "For the walk home.", "You spoke of the harsh voice.", "after supper",
    )  # fmt: skip
    assert (kept.before, kept.state, kept.is_practised_together) == (session, State.ASSIGNED, True)
    message = mail_of(assignment)
    assert (message.kind, message.owner_id, message.reference) == ("exercise", client.pk, client.reference)
    assert message.due_at == send_at
    assert clock.local(message.expires_at).date() == assignment.due_on + timedelta(days=8)
    entry = AuditEntry.objects.get()
    assert (entry.deed, entry.actor, entry.reference) == ("exercise.assign", client.counsellor, client.reference)
    assert set(entry.detail) == {"version", "due_on", "is_practised_together"}


def test_a_second_submit_of_the_same_form_changes_nothing() -> None:
    client, form = make_client(), {"nonce": uuid4(), "version": make_version()}

    first, second = assign(client, **form), assign(client, **form)

    assert first == second
    assert (Message.objects.count(), deeds()) == (1, ["exercise.assign"])


@pytest.mark.parametrize(
    "changed",
    [
        {"personal_line": "Another line."},
        {"why": "Another why."},
        {"plan_when": "at dawn"},
        {"plan_where": "by the pond"},
        {"due_on": clock.today() + timedelta(days=9)},
    ],
)
def test_other_words_under_the_same_number_are_no_second_submit(changed: dict[str, Any]) -> None:
    client, form = make_client(), {"nonce": uuid4(), "version": make_version()}
    assign(client, **form)
    with pytest.raises(services.FormUsed):
        assign(client, **form, **changed)
    assert Assignment.unscoped.get().personal_line == "For the walk home."


def test_another_exercise_under_the_same_number_is_no_second_submit() -> None:
    client, nonce = make_client(), uuid4()
    assign(client, nonce=nonce, version=make_version("one"))
    with pytest.raises(services.FormUsed):
        assign(client, nonce=nonce, version=make_version("other"))


def test_where_the_earlier_words_do_not_open_nothing_is_taken_for_a_second_submit() -> None:
    client, form = make_client(), {"nonce": uuid4(), "version": make_version()}
    assign(client, **form)
    damage("exercises_assignment", "why")
    with pytest.raises(services.FormUsed):
        assign(client, **form)


def test_a_forms_number_of_another_client_is_refused() -> None:
    nonce = assign(make_client()).pk
    with pytest.raises(services.FormUsed):
        assign(make_client(), nonce=nonce)
    assert Assignment.unscoped.count() == 1


def test_the_session_before_which_it_is_done_is_the_next_booked_one() -> None:
    client, now = make_client(), timezone.now()
    make_session(client, now - timedelta(days=2))
    make_session(client, now + timedelta(days=1), status="cancelled_by_client")
    make_session(client, now + timedelta(days=9))
    coming = make_session(client, now + timedelta(days=2))
    make_session(make_client(client.counsellor), now + timedelta(days=1, hours=2))

    assert assign(client).before == coming


@pytest.mark.parametrize("missing", ["personal_line", "why", "plan_when"])
def test_without_a_line_a_why_and_a_plan_it_is_refused(missing: str) -> None:
    with pytest.raises(ValueError, match="needs a personal line, a why and a plan"):
        assign(make_client(), **{missing: "  "})
    assert Assignment.unscoped.count() == 0


def test_a_client_who_may_not_be_mailed_is_refused() -> None:
    for fields in ({"may_email": "no"}, {"may_email": "not_asked"}, {"email": ""}, {"mail_stopped_at": timezone.now()}):
        with pytest.raises(services.MayNotBeMailed):
            assign(make_client(**fields))


def test_consent_is_read_from_the_row_and_not_from_what_the_page_had() -> None:
    client = make_client()
    change_client(actor=client.counsellor, client=client, version=1, may_email="no")
    assert client.may_email == "yes"
    with pytest.raises(services.MayNotBeMailed):
        assign(client)
    assert Assignment.unscoped.count() == 0


def test_a_due_day_in_the_past_is_refused() -> None:
    with pytest.raises(services.DueDayPast):
        assign(make_client(), due_on=clock.today() - timedelta(days=1))


def test_a_mail_planned_after_its_due_day_still_has_a_week() -> None:
    send_at = timezone.now() + timedelta(days=20)
    assert mail_of(assign(make_client(), due_on=clock.today(), send_at=send_at)).expires_at == send_at + timedelta(
        days=7
    )


def test_what_cannot_be_audited_is_not_assigned(monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client()
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        assign(client)
    assert (Assignment.unscoped.count(), Message.objects.count()) == (0, 0)
