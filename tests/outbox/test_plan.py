"""`plan`: the rows of a subject become exactly the wanted ones, and nothing leaves twice."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from outbox.claims import claim, mark_dispatched
from outbox.models import Message
from outbox.services import drop, plan, plan_frozen
from tests.outbox.rows import KIND, State, again, make_owner, plan_one, wanted

pytestmark = pytest.mark.django_db


def states(subject_id: UUID) -> list[tuple[str, str]]:
    rows = Message.objects.filter(subject_id=subject_id).order_by("created_at", "key")
    return [(row.key.partition(f"{subject_id}:")[2], row.state) for row in rows]


def test_wanted_mail_becomes_a_planned_row_without_address_or_text() -> None:
    subject_id, owner_id, want = uuid4(), make_owner(), wanted(60, rule="lead:24h", revision=3)

    plan(KIND, subject_id=subject_id, owner_id=owner_id, reference="C-0042", wanted=[want])

    row = Message.objects.get()
    assert row.key == f"{KIND}:{subject_id}:lead:24h:3"
    assert (row.state, row.due_at, row.expires_at) == (State.PLANNED, want.due_at, want.expires_at)
    assert (row.reference, row.owner_id, row.attempts, row.payload, row.sent_copy) == (
        "C-0042",
        owner_id,
        0,
        None,
        None,
    )


def test_planning_twice_changes_nothing() -> None:
    want = wanted(60)
    row = plan_one(want)
    before = Message.objects.values().get()

    plan_one(want, subject_id=row.subject_id, owner_id=row.owner_id)

    assert Message.objects.values().get() == before


def test_moved_due_time_is_taken_over() -> None:
    row = plan_one(wanted(60))
    later = wanted(120)

    plan_one(later, subject_id=row.subject_id)

    assert (again(row).due_at, again(row).expires_at, again(row).state) == (
        later.due_at,
        later.expires_at,
        State.PLANNED,
    )


def test_what_is_wanted_no_more_is_dropped_with_the_reason() -> None:
    row = plan_one(wanted(60, rule="lead:24h"), wanted(90, rule="lead:2h"))

    plan_one(wanted(60, rule="lead:24h"), subject_id=row.subject_id)

    assert states(row.subject_id) == [("lead:24h:1", State.PLANNED), ("lead:2h:1", State.DROPPED)]
    assert Message.objects.get(state=State.DROPPED).reason == "replaced by a newer plan"


def test_new_revision_replaces_the_old_row() -> None:
    row = plan_one(wanted(60))

    plan_one(wanted(90, revision=2), subject_id=row.subject_id)

    assert states(row.subject_id) == [("once:1", State.DROPPED), ("once:2", State.PLANNED)]


def test_other_subjects_and_kinds_are_left_alone() -> None:
    other = plan_one(wanted(60))
    row = plan_one(wanted(60))
    plan("other_kind", subject_id=row.subject_id, owner_id=row.owner_id, reference="", wanted=[wanted(60)])

    plan(KIND, subject_id=row.subject_id, owner_id=row.owner_id, reference="", wanted=[])

    assert again(other).state == State.PLANNED
    assert Message.objects.get(kind="other_kind").state == State.PLANNED
    assert again(row).state == State.DROPPED


def test_dropped_key_that_is_wanted_again_is_planned_again() -> None:
    row = plan_one(wanted(60))
    drop([row.subject_id], reason="session cancelled")
    want = wanted(90)

    plan_one(want, subject_id=row.subject_id)

    assert (again(row).state, again(row).reason, again(row).due_at) == (State.PLANNED, "", want.due_at)


@pytest.mark.parametrize("state", [State.SENT, State.FAILED, State.EXPIRED, State.UNSURE])
def test_what_is_past_is_never_planned_again(state: str) -> None:
    want = wanted(-10)
    row = plan_one(want)
    Message.objects.update(state=state, sent_at=timezone.now(), dispatched_at=timezone.now())
    before = Message.objects.values().get()

    plan_one(wanted(60), subject_id=row.subject_id)

    assert Message.objects.values().get() == before


def test_mail_on_its_way_is_left_to_its_worker() -> None:
    row = plan_one(wanted(-1))
    (claimed,) = claim()
    assert mark_dispatched(claimed, None) is True

    plan_one(wanted(60), subject_id=row.subject_id)

    assert (again(row).state, again(row).token) == (State.LEASED, claimed.token)


def test_mail_moved_while_a_worker_holds_it_waits_for_its_new_time() -> None:
    row = plan_one(wanted(-1))
    (claimed,) = claim()
    later = wanted(60)

    plan_one(later, subject_id=row.subject_id)

    assert mark_dispatched(claimed, None) is False
    assert (again(row).state, again(row).due_at, again(row).token) == (State.PLANNED, later.due_at, None)


def test_mail_not_wanted_any_more_is_taken_from_the_worker_that_holds_it() -> None:
    row = plan_one(wanted(-1))
    (claimed,) = claim()

    plan(KIND, subject_id=row.subject_id, owner_id=row.owner_id, reference="", wanted=[])

    assert mark_dispatched(claimed, None) is False
    assert again(row).state == State.DROPPED


def test_held_mail_stays_held_with_its_new_time() -> None:
    row = plan_one(wanted(60))
    Message.objects.update(state=State.HELD)
    later = wanted(120)

    plan_one(later, subject_id=row.subject_id)

    assert (again(row).state, again(row).due_at) == (State.HELD, later.due_at)


def test_message_id_belongs_to_the_key() -> None:
    row = plan_one(wanted(60))
    moved = plan_one(wanted(60, revision=2), subject_id=row.subject_id)

    assert row.message_id == again(row).message_id
    assert row.message_id != moved.message_id


def test_frozen_mail_is_due_now_and_its_text_is_sealed() -> None:
    row = plan_frozen(KIND, owner_id=make_owner(), payload={"text": "a reset link"}, lasts=timedelta(hours=3))

    assert again(row).payload == {"text": "a reset link"}
    assert row.expires_at - row.due_at == timedelta(hours=3)
    assert [each.pk for each in claim()] == [row.pk]
