"""`recall`: what a worker wrote before a change does not leave after it; the next tick writes it anew."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from outbox.claims import claim, mark_dispatched
from outbox.kinds import Mail
from outbox.models import Message
from outbox.sender import Tally, send_due
from outbox.services import recall
from tests.outbox.rows import State, again, plan_many, plan_one, register_kind, wanted
from tests.outbox.sink import Sink


@pytest.mark.django_db
def test_claimed_mail_goes_back_and_the_fence_stops_the_worker() -> None:
    row = plan_one()
    (claimed,) = claim()

    assert recall(row.owner_id) == 0

    assert (again(row).state, again(row).token, again(row).lease_until) == (State.PLANNED, None, None)
    assert mark_dispatched(claimed, None) is False


@pytest.mark.django_db
def test_mail_on_its_way_is_counted_and_left() -> None:
    row = plan_one()
    (claimed,) = claim()
    mark_dispatched(claimed, None)
    before = Message.objects.values().get()

    assert recall(row.owner_id) == 1
    assert Message.objects.values().get() == before


@pytest.mark.django_db
@pytest.mark.parametrize("state", [each for each in State if each != State.LEASED])
def test_no_other_state_is_touched(state: str) -> None:
    row = plan_one(wanted(60))
    Message.objects.update(state=state, sent_at=timezone.now(), dispatched_at=None)
    before = Message.objects.values().get()

    assert recall(row.owner_id) == 0
    assert Message.objects.values().get() == before


@pytest.mark.django_db
def test_mail_of_others_stays_with_its_worker() -> None:
    row, other = plan_one(), plan_one()
    claim()

    recall(row.owner_id)

    assert [again(each).state for each in (row, other)] == [State.PLANNED, State.LEASED]


@pytest.mark.django_db
def test_change_while_the_mail_is_written_lets_only_the_new_text_leave(sink: Sink) -> None:
    addresses = ["old@example.org", "new@example.org"]

    def render(message: Message) -> Mail:
        to = addresses.pop(0)
        if addresses:
            recall(message.owner_id)  # somebody corrects the address at this moment
        return Mail(to, "hello", "Hello", "<p>Hello</p>")

    register_kind(render=render)
    row = plan_one()

    assert send_due() == Tally()
    assert (again(row).state, sink.taken) == (State.PLANNED, [])
    assert send_due() == Tally(sent=1)
    assert [mail.to for mail in sink.taken] == ["new@example.org"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_worker_takes_a_planned_mail_while_the_change_is_not_committed() -> None:
    rows, claimed = plan_many(2), []
    stranger = plan_one(wanted(-1, lasts=timedelta(hours=1)))

    def work() -> None:
        claimed.extend(claim())
        connection.close()

    with transaction.atomic():
        recall(rows[0].owner_id)
        worker = threading.Thread(target=work)
        worker.start()
        worker.join(10)

    assert [row.pk for row in claimed] == [stranger.pk]
