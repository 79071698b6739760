"""One tick over real SMTP: what the server takes is sent, once, and its copy kept."""

from datetime import timedelta

import pytest

from outbox import services
from outbox.kinds import Mail
from outbox.sender import Tally, send_due
from tests.conftest import SmtpSink
from tests.outbox.rows import KIND, State, again, make_owner, plan_many, plan_one, register_kind, wanted
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db


def test_due_mail_is_sent_and_its_copy_sealed(smtp_sink: SmtpSink) -> None:
    row = plan_one()

    assert send_due() == Tally(sent=1)

    sent = again(row)
    assert (sent.state, sent.attempts, sent.smtp_reply, sent.token) == (State.SENT, 1, "250", None)
    assert sent.sent_at is not None
    assert sent.sent_copy == {"to": "marigold@example.org", "subject": "C-0001 hello", "text": "Hello Marigold"}
    assert [each.rcpt_tos for each in smtp_sink.envelopes] == [["marigold@example.org"]]
    assert smtp_sink.envelopes[0].mail_from == "hello@beside.test"


def test_mail_carries_its_headers_and_both_parts(smtp_sink: SmtpSink) -> None:
    headers = {"List-Unsubscribe": "<http://localhost:8000/m/abc/>"}
    mail = Mail("zoe@example.org", " Tuesday \n 10:00 ", "Hello Zoë", "<p>Hello Zoë</p>", headers)
    register_kind(render=lambda message: mail)
    row = plan_one()

    send_due()

    (got,) = smtp_sink.messages
    assert got["From"] == "Beside <hello@beside.test>"
    assert got["To"] == "zoe@example.org"
    assert got["Subject"] == "Tuesday 10:00"
    assert got["Message-ID"] == f"<{row.message_id}@beside.test>"
    assert got["X-Entity-Ref-ID"] == row.message_id
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["X-Auto-Response-Suppress"] == "All"
    assert got["List-Unsubscribe"] == "<http://localhost:8000/m/abc/>"
    assert [part.get_content_type() for part in got.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert [part.get_content().strip() for part in got.iter_parts()] == ["Hello Zoë", "<p>Hello Zoë</p>"]


def test_domain_with_letters_beyond_ascii_is_written_as_the_wire_has_it(sink: Sink) -> None:
    register_kind(render=lambda message: Mail("zoe@bücher.example", "hello", "Hello", "<p>Hello</p>"))
    plan_one()

    assert send_due() == Tally(sent=1)
    assert sink.taken[0].to == "zoe@xn--bcher-kva.example"


def test_many_mails_leave_over_one_connection_the_oldest_first(sink: Sink) -> None:
    plan_many(15)

    assert send_due() == Tally(sent=15)
    assert sink.labels() == [f"{each:04d}" for each in range(15)]
    assert sink.connections == 1


def test_new_connection_is_made_after_a_hundred_mails(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outbox.sender.MAILS_A_CONNECTION", 5)
    plan_many(15)

    assert send_due() == Tally(sent=15)
    assert sink.connections == 3


def test_nothing_due_opens_no_connection(sink: Sink) -> None:
    plan_one(wanted(5))

    assert send_due() == Tally()
    assert sink.connections == 0


def test_second_tick_sends_nothing_again(sink: Sink) -> None:
    plan_many(3)
    send_due()

    assert send_due() == Tally()
    assert len(sink.taken) == 3


def test_frozen_text_is_emptied_once_it_has_left(sink: Sink) -> None:
    register_kind(render=lambda message: Mail(message.payload["to"], "hello", message.payload["text"], "<p>x</p>"))
    payload = {"to": "a@example.org", "text": "a reset link"}
    row = services.plan_frozen(KIND, owner_id=make_owner(), payload=payload, lasts=timedelta(hours=1))

    assert send_due() == Tally(sent=1)
    assert again(row).payload is None
    assert again(row).sent_copy == {"to": "a@example.org", "subject": "hello", "text": "a reset link"}
