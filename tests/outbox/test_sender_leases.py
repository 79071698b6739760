"""One tick over real SMTP: what a worker that died has left behind."""

import pytest
from django.utils import timezone

from outbox.claims import claim, mark_dispatched
from outbox.kinds import OnUnknown
from outbox.models import Message
from outbox.sender import Tally, send_due
from tests.outbox.rows import State, again, plan_many, plan_one, register_kind
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db


def test_lease_that_ran_out_before_dispatch_is_planned_again(sink: Sink) -> None:
    row = plan_one()
    claim()
    Message.objects.update(lease_until=timezone.now())

    assert send_due() == Tally(sent=1)
    assert (again(row).state, again(row).resends) == (State.SENT, 0)


def test_lease_that_runs_is_left_to_its_worker(sink: Sink) -> None:
    plan_one()
    claim()

    assert send_due() == Tally()
    assert sink.taken == []


@pytest.mark.parametrize(
    ("on_unknown", "tally", "state"),
    [(OnUnknown.RESEND, Tally(retried=1, sent=1), State.SENT), (OnUnknown.PARK, Tally(unsure=1), State.UNSURE)],
)
def test_lease_that_ran_out_after_dispatch_is_unknown(
    on_unknown: OnUnknown, tally: Tally, state: str, sink: Sink
) -> None:
    register_kind(on_unknown)
    row = plan_one()
    (claimed,) = claim()
    mark_dispatched(claimed, None)
    Message.objects.update(lease_until=timezone.now())

    assert send_due() == tally
    assert (again(row).state, again(row).smtp_reply != "") == (state, True)


def test_dead_workers_mail_of_a_kind_that_no_room_knows_does_not_stop_the_tick(sink: Sink) -> None:
    (lost,) = plan_many(1, kind="gone")
    (claimed,) = claim()
    mark_dispatched(claimed, None)
    Message.objects.update(lease_until=timezone.now())
    row = plan_one()

    assert send_due() == Tally(unsure=1, sent=1)
    assert (again(lost).state, again(row).state) == (State.UNSURE, State.SENT)
