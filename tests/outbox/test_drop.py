"""`drop`: what it drops never leaves; what has left already is counted, and not tried again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from outbox import verdicts
from outbox.claims import claim, expire_late, mark_dispatched
from outbox.models import Message
from outbox.selectors import in_trouble
from outbox.sender import Tally, send_due
from outbox.services import DropResult, NotWaiting, drop, give_up, hold_due, send_again
from outbox.smtp import Outcome, Reply
from tests.outbox.rows import KIND, State, again, plan_one, wanted
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db


def test_planned_mail_is_dropped_with_the_reason() -> None:
    row = plan_one(wanted(60))

    assert drop([row.subject_id], reason="session cancelled") == DropResult(dropped=1, on_their_way=0)
    assert (again(row).state, again(row).reason) == (State.DROPPED, "session cancelled")


def test_dropping_twice_drops_once() -> None:
    row = plan_one(wanted(60))
    drop([row.subject_id], reason="session cancelled")

    assert drop([row.subject_id], reason="another") == DropResult(0, 0)
    assert again(row).reason == "session cancelled"


def test_claimed_mail_is_dropped_before_it_is_dispatched() -> None:
    row = plan_one()
    (claimed,) = claim()

    assert drop([row.subject_id], reason="x") == DropResult(1, 0)
    assert mark_dispatched(claimed, None) is False


def test_mail_on_its_way_is_counted_and_left() -> None:
    row = plan_one()
    (claimed,) = claim()
    mark_dispatched(claimed, None)

    assert drop([row.subject_id], reason="x") == DropResult(0, 1)
    assert (again(row).state, again(row).token) == (State.LEASED, claimed.token)


def test_mail_on_its_way_is_not_tried_again_when_the_server_puts_it_off(sink: Sink) -> None:
    row = plan_one()
    (claimed,) = claim()
    mark_dispatched(claimed, None)
    drop([row.subject_id], reason="x")
    Message.objects.update(state=State.PLANNED, dispatched_at=None, token=None, lease_until=None)

    assert send_due() == Tally(dropped=1)

    assert sink.taken == []
    assert (again(row).state, again(row).reason) == (State.DROPPED, "x")
    assert list(in_trouble()) == []


def test_mail_that_arrives_although_it_was_called_off_is_sent_without_a_reason() -> None:
    row = plan_one()
    (claimed,) = claim()
    mark_dispatched(claimed, None)
    drop([row.subject_id], reason="session cancelled")

    assert verdicts.write(verdicts.from_reply(claimed, Reply(Outcome.ACCEPTED, "250"))) is True
    assert (again(row).state, again(row).reason) == (State.SENT, "")


@pytest.mark.parametrize("is_dispatched", [True, False])
def test_held_mail_can_be_dropped_and_says_whether_it_may_have_arrived(is_dispatched: bool) -> None:
    row = plan_one()
    (claimed,) = claim()
    if is_dispatched:
        mark_dispatched(claimed, None)

    assert hold_due(timezone.now()) == 1

    reason = "restored while being sent: it may have arrived" if is_dispatched else "restored from a backup"
    assert (again(row).state, again(row).reason) == (State.HELD, reason)
    assert drop([row.subject_id], reason="session cancelled") == DropResult(1, 0)


def test_only_the_named_subjects_and_kind_are_dropped() -> None:
    row, other = plan_one(wanted(60)), plan_one(wanted(60))

    assert drop([row.subject_id], reason="x", kind="other_kind") == DropResult(0, 0)
    assert drop([row.subject_id], reason="x", kind=KIND) == DropResult(1, 0)
    assert again(other).state == State.PLANNED


@pytest.mark.parametrize("state", [State.SENT, State.FAILED, State.EXPIRED, State.UNSURE])
def test_what_is_past_stays_as_it_is(state: str) -> None:
    row = plan_one()
    Message.objects.update(state=state, sent_at=timezone.now())

    assert drop([row.subject_id], reason="x") == DropResult(0, 0)
    assert again(row).state == state


def test_long_reason_is_cut_to_what_the_column_holds() -> None:
    row = plan_one(wanted(60))

    drop([row.subject_id], reason="r" * 200)

    assert again(row).reason == "r" * 120


@pytest.mark.parametrize("state", [State.FAILED, State.UNSURE, State.HELD])
def test_mail_that_waits_for_a_decision_can_be_sent_again(state: str, sink: Sink) -> None:
    row = plan_one()
    Message.objects.update(state=state, dispatched_at=timezone.now())

    send_again(row)
    send_due()

    assert [mail.message_id for mail in sink.taken] == [f"{row.message_id}@beside.test"]
    assert again(row).state == State.SENT


@pytest.mark.parametrize("state", [State.SENT, State.DROPPED, State.PLANNED])
def test_no_other_mail_can_be_sent_again(state: str) -> None:
    row = plan_one()
    Message.objects.update(state=state, sent_at=timezone.now())

    with pytest.raises(NotWaiting):
        send_again(row)


def test_mail_whose_time_has_passed_cannot_be_sent_again() -> None:
    row = plan_one(wanted(-120, lasts=timedelta(hours=1)))
    Message.objects.update(state=State.FAILED)

    with pytest.raises(NotWaiting):
        send_again(row)


def test_mail_that_waits_for_a_decision_can_be_given_up() -> None:
    row = plan_one()
    Message.objects.update(state=State.UNSURE)

    give_up(row, reason="dropped by hand")

    assert (again(row).state, again(row).reason) == (State.DROPPED, "dropped by hand")
    with pytest.raises(NotWaiting):
        give_up(row, reason="once more")


def test_what_is_too_late_expires() -> None:
    late, held, timely = plan_one(wanted(-120, lasts=timedelta(hours=1))), plan_one(), plan_one()
    Message.objects.filter(pk=held.pk).update(state=State.HELD, expires_at=timezone.now())

    assert expire_late(timezone.now()) == 2

    assert [again(each).state for each in (late, held, timely)] == [State.EXPIRED, State.EXPIRED, State.PLANNED]
    assert again(late).reason == "its time had passed"
