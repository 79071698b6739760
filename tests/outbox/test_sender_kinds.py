"""One tick over real SMTP: what a kind answers when its mail is to be written."""

import email
import email.policy
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.db import connection
from django.utils import timezone

from outbox.kinds import Dropped, Later, Mail
from outbox.models import Message
from outbox.sender import Tally, send_due
from tests.outbox.rows import State, again, make_due, plan_many, plan_one, register_kind, wanted, written
from tests.outbox.sink import Sink
from vault.services import destroy_data_key

pytestmark = pytest.mark.django_db


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def test_mail_is_written_when_the_line_is_open(sink: Sink) -> None:
    lines = []

    def render(message: Message) -> Mail:
        lines.append(sink.connections)
        return written(message)

    register_kind(render=render)
    plan_many(2)

    assert send_due() == Tally(sent=2)
    assert lines == [1, 1]


def test_kind_that_says_dropped_gives_the_reason(sink: Sink) -> None:
    register_kind(render=lambda message: Dropped("session cancelled"))
    row = plan_one()

    assert send_due() == Tally(dropped=1)
    assert (again(row).state, again(row).reason, again(row).attempts) == (State.DROPPED, "session cancelled", 0)
    assert sink.taken == []


def test_long_reason_is_cut(sink: Sink) -> None:
    register_kind(render=lambda message: Dropped("r" * 200))
    row = plan_one()

    assert send_due() == Tally(dropped=1)
    assert again(row).reason == "r" * 120


def test_kind_that_says_later_is_asked_again_then_and_no_try_counts(sink: Sink) -> None:
    morning = timezone.now() + timedelta(hours=8)
    register_kind(render=lambda message: Later(morning))
    row = plan_one()

    assert send_due() == Tally(retried=1)

    put_off = again(row)
    assert (put_off.state, put_off.due_at, put_off.attempts) == (State.PLANNED, morning, 0)
    assert (put_off.token, put_off.lease_until, put_off.dispatched_at) == (None, None, None)
    assert send_due() == Tally()
    register_kind()
    make_due()
    assert send_due() == Tally(sent=1)


def test_kind_that_says_later_than_its_time_expires(sink: Sink) -> None:
    row = plan_one(wanted(-1, lasts=timedelta(hours=8)))
    register_kind(render=lambda message: Later(message.expires_at))

    assert send_due() == Tally(expired=1)
    assert (again(row).state, again(row).reason) == (
        State.EXPIRED,
        "its time will have passed before it may leave",
    )


def test_kind_that_says_later_of_a_moment_gone_by_does_not_keep_the_tick_busy(sink: Sink) -> None:
    register_kind(render=lambda message: Later(timezone.now()))
    plan_many(25)

    assert send_due() == Tally(retried=25)


def test_mail_that_cannot_be_written_fails_and_the_next_still_goes(
    sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    def render(message: Message) -> Mail:
        if message.reference == "0000":
            raise KeyError("Marigold said so")
        return written(message)

    register_kind(render=render)
    first, second = plan_many(2)

    assert send_due() == Tally(sent=1, failed=1)
    assert (again(first).state, again(first).reason) == (State.FAILED, "could not be written (KeyError)")
    assert again(second).state == State.SENT
    assert "Marigold" not in caplog.text


def test_mail_of_a_kind_that_no_room_knows_fails(sink: Sink) -> None:
    (row,) = plan_many(1, kind="gone")

    assert send_due() == Tally(failed=1)
    assert again(row).reason == "could not be written (LookupError)"


def test_address_that_cannot_be_sent_fails_alone(sink: Sink) -> None:
    def render(message: Message) -> Mail:
        to = "zoë@example.org" if message.reference == "0001" else "zoe@example.org"
        return Mail(to, f"{message.reference} hello", "Hello", "<p>Hello</p>")

    register_kind(render=render)
    rows = plan_many(3)

    assert send_due() == Tally(sent=2, failed=1)
    assert [again(row).state for row in rows] == [State.SENT, State.FAILED, State.SENT]
    assert sink.labels() == ["0000", "0002"]


@pytest.mark.parametrize("field", ["subject", "to"])
def test_line_break_makes_no_header(field: str, sink: Sink) -> None:
    values = {"to": "a@example.org", "subject": "hello"}
    values[field] += "\r\nBcc: eve@example.org"
    mail = Mail(values["to"], values["subject"], "x", "<p>x</p>")
    register_kind(render=lambda message: mail)
    plan_one()

    send_due()

    assert [parsed(mail.data)["Bcc"] for mail in sink.taken] in ([], [None])
    assert [mail.to for mail in sink.taken] in ([], ["a@example.org"])


def test_mail_of_an_erased_owner_fails_unsent(sink: Sink) -> None:
    row = plan_one()
    destroy_data_key(row.owner_id)

    assert send_due() == Tally(failed=1)
    assert (again(row).reason, sink.taken) == ("could not be written (DataKeyMissing)", [])


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_while_a_mail_is_laid_out(sink: Sink) -> None:
    """On SQLite an open transaction would hold the only write lock."""
    held: list[bool] = []

    def render(message: Message) -> Mail:
        held.append(connection.in_atomic_block)
        return written(message)

    register_kind(render=render)
    plan_one()

    assert send_due() == Tally(sent=1)
    assert held == [False]
