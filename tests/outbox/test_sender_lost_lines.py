"""One tick over real SMTP: the line is lost, and nobody knows whether the mail arrived."""

from datetime import timedelta

import pytest
from django.utils import timezone

from outbox import services
from outbox.kinds import Mail, OnUnknown
from outbox.models import Message
from outbox.sender import Tally, send_due
from tests.outbox.rows import KIND, State, again, make_owner, plan_many, plan_one, register_kind
from tests.outbox.sink import CUT, TAKE_AND_CUT, Sink

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("how", "copies"), [(CUT, 1), (TAKE_AND_CUT, 2)])
def test_line_lost_after_data_is_sent_once_more_under_the_same_message_id(how: str, copies: int, sink: Sink) -> None:
    row = plan_one()
    sink.script["END"].append(how)

    assert send_due() == Tally(retried=1)
    assert (again(row).state, again(row).resends, again(row).dispatched_at) == (State.PLANNED, 1, None)
    assert send_due() == Tally(sent=1)

    assert [mail.message_id for mail in sink.taken] == [f"{row.message_id}@beside.test"] * copies


def test_line_lost_a_second_time_is_for_a_person_to_decide(sink: Sink) -> None:
    row = plan_one()
    sink.usual["END"] = CUT
    send_due()

    assert send_due() == Tally(unsure=1)
    assert (again(row).state, again(row).reason) == (State.UNSURE, "the connection was lost while sending")
    assert send_due() == Tally()


def test_kind_that_parks_is_unsure_at_once_and_never_copied(sink: Sink) -> None:
    register_kind(OnUnknown.PARK)
    row = plan_one()
    sink.script["END"].append(TAKE_AND_CUT)

    assert send_due() == Tally(unsure=1)
    assert send_due() == Tally()
    assert (again(row).state, len(sink.taken)) == (State.UNSURE, 1)


def test_line_lost_before_data_is_tried_again_without_counting_as_a_copy(sink: Sink) -> None:
    register_kind(OnUnknown.PARK)
    row = plan_one()
    sink.script["RCPT"].append(CUT)

    assert send_due() == Tally(retried=1)
    assert (again(row).state, again(row).resends) == (State.PLANNED, 0)


def test_mails_after_a_lost_line_leave_over_a_new_connection(sink: Sink) -> None:
    plan_many(5)
    sink.script["END"].extend(["250 kept", TAKE_AND_CUT])

    tally = send_due()

    assert (tally.sent, tally.retried) == (4, 1)
    assert sink.connections == 2


@pytest.mark.parametrize(("how", "state"), [("550 no", State.FAILED), (CUT, State.UNSURE)])
def test_frozen_text_is_kept_for_sending_it_again_until_its_time(how: str, state: str, sink: Sink) -> None:
    register_kind(
        OnUnknown.PARK, render=lambda message: Mail(message.payload["to"], "hello", message.payload["text"], "<p>x</p>")
    )
    payload = {"to": "a@example.org", "text": "a reset link"}
    row = services.plan_frozen(KIND, owner_id=make_owner(), payload=payload, lasts=timedelta(hours=1))
    sink.script["END"].append(how)
    send_due()
    assert (again(row).state, again(row).payload) == (state, payload)
    send_due()

    services.send_again(again(row))
    sink.script["END"].append(how)
    send_due()
    assert again(row).payload == payload
    Message.objects.update(expires_at=timezone.now())
    send_due()

    assert (again(row).state, again(row).payload) == (state, None)
