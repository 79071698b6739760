"""One tick over real SMTP: what the server says becomes what stands on the row."""

import email
import email.policy
import socket
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from outbox import services
from outbox.claims import claim, mark_dispatched
from outbox.kinds import Dropped, Later, Mail, OnUnknown
from outbox.models import Message, Sending
from outbox.sender import Tally, send_due
from tests.conftest import SmtpSink
from tests.outbox.rows import KIND, State, again, make_owner, plan_many, plan_one, register_kind, wanted, written
from tests.outbox.sink import CUT, TAKE_AND_CUT, Sink
from vault.services import destroy_data_key

pytestmark = pytest.mark.django_db


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def make_due() -> None:
    Message.objects.filter(state=State.PLANNED).update(due_at=timezone.now())


# --- accepted ------------------------------------------------------------------------------------
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


# --- refused -------------------------------------------------------------------------------------
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


# --- ours ----------------------------------------------------------------------------------------
def test_refused_sign_in_pauses_all_and_keeps_the_mail_planned(
    sink: Sink, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.EMAIL_URL = sink.url.replace("smtp://", "smtp://beside:wrong@")
    sink.offers_login = True
    sink.usual["AUTH"] = "535 5.7.8 no"
    rows = plan_many(3)

    assert send_due() == Tally(retried=3)

    assert [(again(row).state, again(row).attempts, again(row).dispatched_at) for row in rows] == [
        (State.PLANNED, 0, None)
    ] * 3
    assert Sending.objects.get().paused_at is not None
    assert Sending.objects.get().pause_reason == ("The mail server does not accept our sign-in or sender (535 5.7.8).")
    del sink.usual["AUTH"]
    assert send_due() == Tally()  # paused until a person resumes it
    with django_capture_on_commit_callbacks(execute=True):
        services.resume()
    assert send_due() == Tally(sent=3)


@pytest.mark.parametrize(
    ("step", "reply", "codes"),
    [
        ("MAIL", "530 5.7.0 sign in first", "530 5.7.0"),
        ("MAIL", "553 hello@beside.test is not your sender", "553"),
        ("RCPT", "535 sign in", "535"),
    ],
)
def test_sender_that_is_not_wanted_pauses_all(step: str, reply: str, codes: str, sink: Sink) -> None:
    row = plan_one()
    sink.script[step].append(reply)

    send_due()

    assert again(row).state == State.PLANNED
    assert Sending.objects.get().pause_reason == f"The mail server does not accept our sign-in or sender ({codes})."


def test_sign_in_that_is_put_off_is_tried_again_without_a_pause(sink: Sink, settings: Settings) -> None:
    settings.EMAIL_URL = sink.url.replace("smtp://", "smtp://beside:right@")
    sink.offers_login = True
    sink.script["AUTH"].append("454 4.7.0 later")
    plan_one()

    assert send_due() == Tally(retried=1)
    assert Sending.objects.get().paused_at is None
    make_due()
    assert send_due() == Tally(sent=1)


def test_server_without_the_asked_for_encryption_pauses_all(sink: Sink, settings: Settings) -> None:
    settings.EMAIL_URL = sink.url.replace("smtp://", "smtp+tls://")
    row = plan_one()

    send_due()

    assert (again(row).state, Sending.objects.get().paused_at is None, sink.taken) == (State.PLANNED, False, [])


# --- unknown -------------------------------------------------------------------------------------
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


# --- the kind's answer ---------------------------------------------------------------------------
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


# --- time ----------------------------------------------------------------------------------------
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


# --- a worker that died --------------------------------------------------------------------------
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
