"""One tick over real SMTP: mail whose time has passed, and a tick whose time is used up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from outbox.kinds import Mail
from outbox.models import Message
from outbox.sender import Tally, send_due
from tests.outbox.rows import State, again, plan_many, plan_one, register_kind, wanted, written
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db


def test_mail_whose_time_has_passed_is_never_sent(sink: Sink) -> None:
    row = plan_one(wanted(-120, lasts=timedelta(hours=1)))

    assert send_due() == Tally(expired=1)
    assert (again(row).state, again(row).reason, sink.connections) == (State.EXPIRED, "its time had passed", 0)


def test_mail_whose_time_passes_in_a_workers_hands_is_not_sent(sink: Sink) -> None:
    def render(message: Message) -> Mail:
        Message.objects.update(expires_at=timezone.now())
        return written(message)

    register_kind(render=render)
    row = plan_one()

    assert send_due() == Tally()
    Message.objects.update(lease_until=timezone.now())
    assert send_due() == Tally()
    assert send_due() == Tally(expired=1)
    assert (again(row).state, sink.taken) == (State.EXPIRED, [])


def test_mail_put_off_past_its_time_expires(sink: Sink) -> None:
    row = plan_one()
    sink.script["RCPT"].append("450 busy")
    send_due()
    Message.objects.update(expires_at=timezone.now())

    assert send_due() == Tally(expired=1)
    assert again(row).state == State.EXPIRED


def test_budget_that_is_used_up_gives_the_rows_back(sink: Sink) -> None:
    plan_many(3)

    send_due(budget=timedelta(0))

    assert list(Message.objects.values_list("state", "token", "attempts")) == [(State.PLANNED, None, 0)] * 3
    assert sink.connections == 0
