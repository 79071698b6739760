import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from clients.services import change_client
from exercises import library, services
from exercises.models import Answer, Assignment, Exercise, ExerciseVersion
from outbox.models import Message
from outbox.sender import send_due
from practice import clock, trail
from practice.models import AuditEntry
from tests.conftest import SmtpSink
from tests.exercises.factories import make_assignment, make_version
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db
State = Assignment.State


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
        "nonce": uuid4(),
        **changes,
    }
    return services.assign_exercise(**values)


def mail_of(assignment: Assignment) -> Message:
    return Message.objects.get(subject_id=assignment.pk)


def deeds() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("deed", flat=True))


def refuse_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("no room in the trail")

    monkeypatch.setattr(trail, "record", fail)


# --- send again ---------------------------------------------------------------------------------------
def test_after_a_new_address_the_old_link_is_closed_and_a_new_one_is_sent(smtp_sink: SmtpSink) -> None:
    client = make_client()
    assignment = assign(client, send_at=timezone.now())
    send_due()
    change_client(actor=client.counsellor, client=client, version=1, email="new@example.org")
    services.send_again(actor=client.counsellor, assignment=assignment)
    assert send_due().sent == 1
    first, second = smtp_sink.messages
    assert (second["To"], first["Message-ID"] == second["Message-ID"]) == ("new@example.org", False)
    pages = [Browser().get(re.findall(r"/x/[\w-]+/", str(mail))[0]).status_code for mail in (first, second)]
    assert pages == [410, 200]


def test_what_cannot_be_audited_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = assign(make_client())
    Message.objects.update(state="sent", sent_at=timezone.now())
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        services.send_again(actor=assignment.assigned_by, assignment=assignment)
    assert Message.objects.count() == 1


# --- publish -----------------------------------------------------------------------------------------
def test_publishing_again_adds_nothing() -> None:
    assert len(services.publish_shipped()) == 5
    assert services.publish_shipped() == []
    assert (Exercise.objects.count(), ExerciseVersion.objects.count()) == (5, 5)


def test_changed_words_are_a_new_version_and_a_running_assignment_keeps_its_own() -> None:
    services.publish_shipped()
    first = ExerciseVersion.objects.get(exercise__slug="noticing")
    ExerciseVersion.objects.filter(pk=first.pk).update(title="An older title")
    running = make_assignment(version=first)

    new = services.publish_shipped()

    assert [(version.exercise.slug, version.number) for version in new] == [("noticing", 2)]
    running.refresh_from_db()
    assert running.version.title == "An older title"


# --- assign ------------------------------------------------------------------------------------------
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
    client, nonce = make_client(), uuid4()

    first = assign(client, nonce=nonce)
    second = assign(client, nonce=nonce, personal_line="Another line.")

    assert first == second
    assert Assignment.unscoped.get().personal_line == "For the walk home."
    assert (Message.objects.count(), deeds()) == (1, ["exercise.assign"])


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


# --- withdraw ----------------------------------------------------------------------------------------
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
    with pytest.raises(services.NotWithClient):
        services.withdraw_assignment(actor=assignment.assigned_by, assignment=assignment)
    assert Assignment.unscoped.get().state == State.DONE


def test_what_cannot_be_audited_is_not_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = assign(make_client())
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        services.withdraw_assignment(actor=assignment.assigned_by, assignment=assignment)
    assert (Assignment.unscoped.get().state, mail_of(assignment).state) == (State.ASSIGNED, "planned")


# --- answer ------------------------------------------------------------------------------------------
def test_a_shared_answer_is_kept_sealed() -> None:
    assignment = make_assignment()

    services.submit_answer(assignment=assignment, sharing="shared", values={"line": "You again", "helpful": 7})

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

    services.submit_answer(assignment=assignment, sharing="done_only", values={"page": "nobody reads this " * 200})

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
    first = services.submit_answer(assignment=assignment, sharing="shared", values={"line": "one"})

    again = services.submit_answer(assignment=assignment, sharing="done_only", values={"line": "two"})

    assert again == first
    assert Answer.unscoped.get().values == {"line": "one"}
    assert deeds() == ["exercise.answer"]


def test_an_answer_drops_mail_that_has_not_left() -> None:
    assignment = assign(make_client())
    services.submit_answer(assignment=assignment, sharing="shared", values={})
    assert (mail_of(assignment).state, mail_of(assignment).reason) == ("dropped", "already answered")


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.NOT_NOW])
def test_what_is_no_longer_with_the_client_takes_no_answer(state: str) -> None:
    assignment = make_assignment(state=state)
    with pytest.raises(services.NotWithClient):
        services.submit_answer(assignment=assignment, sharing="shared", values={"line": "late"})
    assert Answer.unscoped.count() == 0


@pytest.mark.parametrize(("sharing", "values"), [("everyone", {}), ("shared", {"not_asked": "x"})])
def test_an_answer_to_something_else_is_a_callers_mistake(sharing: str, values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not an answer to this exercise"):
        services.submit_answer(assignment=make_assignment(), sharing=sharing, values=values)


def test_what_cannot_be_audited_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = make_assignment()
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        services.submit_answer(assignment=assignment, sharing="shared", values={"line": "one"})
    assert (Answer.unscoped.count(), Assignment.unscoped.get().state) == (0, State.ASSIGNED)


# --- not this week -----------------------------------------------------------------------------------
def test_not_this_week_drops_the_mail_and_is_reviewed_like_an_answer() -> None:
    assignment = assign(make_client())

    services.decline_for_now(assignment=assignment)
    services.decline_for_now(assignment=assignment)

    assert (assignment.state, assignment.is_to_review) == (State.NOT_NOW, True)
    assert mail_of(assignment).reason == "not this week"
    assert deeds() == ["exercise.assign", "exercise.not_now"]


def test_what_was_answered_is_not_put_off() -> None:
    assignment = make_assignment(state=State.DONE, answer={})
    with pytest.raises(services.NotWithClient):
        services.decline_for_now(assignment=assignment)


def test_what_cannot_be_audited_is_not_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = make_assignment()
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        services.decline_for_now(assignment=assignment)
    assert Assignment.unscoped.get().state == State.ASSIGNED


# --- review ------------------------------------------------------------------------------------------
def reviewed() -> tuple[datetime | None, str]:
    row = Assignment.unscoped.get()
    return row.reviewed_at, row.learned


def test_reviewing_keeps_what_was_learned_and_the_first_day() -> None:
    assignment, actor = make_assignment(state=State.DONE, answer={}), make_user()

    services.review_answer(actor=actor, assignment=assignment, learned="The critic means well.")
    first = reviewed()
    services.review_answer(actor=actor, assignment=assignment, learned="The critic means well.")
    services.review_answer(actor=actor, assignment=assignment, learned="And is tired.")

    assert first[1] == "The critic means well."
    assert reviewed() == (first[0], "And is tired.")
    assert deeds() == ["exercise.review", "exercise.review"]


def test_nothing_to_review_before_an_answer() -> None:
    assignment = make_assignment()
    with pytest.raises(services.NothingToReview):
        services.review_answer(actor=assignment.assigned_by, assignment=assignment, learned="")


def test_what_cannot_be_audited_is_not_reviewed(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = make_assignment(state=State.DONE, answer={})
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        services.review_answer(actor=assignment.assigned_by, assignment=assignment, learned="x")
    assert reviewed() == (None, "")


def test_every_exercise_that_ships_has_words_that_the_program_can_ask() -> None:
    services.publish_shipped()
    for version in ExerciseVersion.objects.all():
        assert all(library.AnswerField.from_json(stored).name for stored in version.fields)
