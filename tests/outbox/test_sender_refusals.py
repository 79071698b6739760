"""One tick over real SMTP: a mail the server refuses or puts off."""

import socket
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from outbox.sender import Tally, send_due
from tests.outbox.rows import State, again, make_due, plan_many, plan_one, wanted
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("step", ["RCPT", "DATA", "END"])
def test_550_fails_the_mail_shows_the_reply_and_the_next_still_goes(step: str, sink: Sink) -> None:
    first, second = plan_many(2)
    sink.script[step].append("550 5.1.1 <marigold@example.org> unknown here")

    assert send_due() == Tally(sent=1, failed=1)

    failed = again(first)
    assert (failed.state, failed.reason, failed.smtp_reply) == (
        State.FAILED,
        "the mail server refused it",
        "550 5.1.1",
    )
    assert failed.sent_copy["to"] == "marigold@example.org"
    assert again(second).state == State.SENT
    assert sink.labels() == ["0001"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "END"])
def test_451_is_tried_again_after_a_minute_give_or_take_a_fifth(step: str, sink: Sink) -> None:
    row = plan_one()
    sink.script[step].append("451 4.7.1 greylisted")
    before = timezone.now()

    assert send_due() == Tally(retried=1)

    put_off = again(row)
    assert (put_off.state, put_off.attempts, put_off.dispatched_at) == (State.PLANNED, 1, None)
    assert put_off.smtp_reply == "451 4.7.1"
    assert timedelta(seconds=48) <= put_off.due_at - before <= timedelta(seconds=73)
    make_due()
    assert send_due() == Tally(sent=1)
    assert again(row).attempts == 2


def test_waits_grow_up_to_six_hours(sink: Sink) -> None:
    row = plan_one(wanted(-1, lasts=timedelta(days=9)))
    sink.usual["RCPT"] = "450 busy"
    waits = []
    for _ in range(7):
        make_due()
        before = timezone.now()
        send_due()
        waits.append((again(row).due_at - before).total_seconds() / 60)

    expected = [1, 5, 30, 120, 360, 360, 360]
    assert all(0.79 * e <= w <= 1.21 * e for e, w in zip(expected, waits, strict=True))


def test_reply_that_is_none_is_not_taken_for_a_yes(sink: Sink) -> None:
    row = plan_one()
    sink.script["RCPT"].append("hello there")

    assert send_due() == Tally(retried=1)
    assert (again(row).state, sink.taken) == (State.PLANNED, [])


def test_refused_connection_is_tried_again(settings: Settings) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_URL = f"smtp://127.0.0.1:{nobody.getsockname()[1]}"
    rows = plan_many(3)

    assert send_due() == Tally(retried=3)
    assert [(again(row).state, again(row).attempts, again(row).smtp_reply) for row in rows] == [
        (State.PLANNED, 1, "ConnectionRefusedError")
    ] * 3


def test_server_that_hangs_up_at_the_greeting_is_tried_again(sink: Sink) -> None:
    plan_one()
    sink.script["HELLO"].append("421 too busy")

    assert send_due() == Tally(retried=1)
    make_due()
    assert send_due() == Tally(sent=1)


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("550 5.1.1 No such user anna.smith here", "550 5.1.1"),
        ('550 <"anna smith"@example.org> unknown', "550"),
        ("550 5.7.1.9 see https://relay.test/?id=anna.smith%40example.org", "550"),
        ("550-5.2.1 anna\r\n550 5.2.1 smith", "550 5.2.1"),
        ("550 anna 5.1.1", "550"),
    ],
)
def test_of_the_servers_words_only_its_codes_are_kept(reply: str, kept: str, sink: Sink) -> None:
    row = plan_one()
    sink.script["RCPT"].append(reply)

    assert send_due() == Tally(failed=1)
    assert again(row).smtp_reply == kept
