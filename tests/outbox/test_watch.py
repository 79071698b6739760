"""The watchdog, the lists, and the command that ticks by hand."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from outbox import services
from outbox.kinds import Kind, label_of, register
from outbox.models import Message, Sending
from outbox.selectors import Watch, in_trouble, is_in_trouble, messages_for, watch
from outbox.sender import send_due
from outbox.tasks import tick
from tests.outbox.rows import KIND, State, again, plan_many, plan_one, wanted, written
from tests.outbox.sink import Sink
from vault.startup import ensure_canary

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def canary(db: None) -> None:
    """A migrated practice has one; the command looks for it."""
    ensure_canary()


ALL_WELL = Watch(is_paused=False, trouble="")


def ago(**length: float) -> timedelta:
    return -timedelta(**length)


def test_all_is_well_before_the_first_tick_and_after_it(sink: Sink) -> None:
    assert watch() == ALL_WELL
    send_due()
    assert watch() == ALL_WELL


def test_silence_of_three_minutes_is_said() -> None:
    send_due()
    Sending.objects.update(ticked_at=timezone.now() + ago(minutes=2, seconds=59))
    assert watch() == ALL_WELL

    Sending.objects.update(ticked_at=timezone.now() + ago(minutes=3, seconds=1))

    assert watch() == Watch(
        False, "Mail is not being sent: nothing has asked for due mail for more than three minutes."
    )


def test_mail_five_minutes_late_is_said() -> None:
    plan_one(wanted(-4.9))
    assert watch() == ALL_WELL

    plan_one(wanted(-5.1))

    assert watch() == Watch(False, "Mail is more than five minutes late.")


@pytest.mark.parametrize("state", [each for each in State if each != State.PLANNED])
def test_only_planned_mail_can_be_late(state: str) -> None:
    plan_one(wanted(-60))
    Message.objects.update(state=state, sent_at=timezone.now(), token=uuid4(), lease_until=timezone.now())

    assert watch() == ALL_WELL


def test_mail_past_its_time_is_not_called_late() -> None:
    plan_one(wanted(-120, lasts=timedelta(hours=1)))

    assert watch() == ALL_WELL


def test_pause_is_said_in_its_own_words() -> None:
    services.pause("The mail server does not accept us.")
    services.pause("a second reason")

    assert watch() == Watch(True, "The mail server does not accept us.")
    services.resume()
    assert watch() == ALL_WELL


def test_mail_of_subjects_comes_in_one_query_the_newest_due_first(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first = plan_one(wanted(1, rule="a"), wanted(2, rule="b"))
    second = plan_one()
    plan_one()

    with django_assert_num_queries(1):
        found = messages_for([first.subject_id, second.subject_id])

    assert {key: [row.key.split(":")[2] for row in rows] for key, rows in found.items()} == {
        first.subject_id: ["b", "a"],
        second.subject_id: ["once"],
    }


def test_what_waits_for_a_decision_is_listed() -> None:
    rows = plan_many(len(State))
    for row, state in zip(rows, State, strict=True):
        Message.objects.filter(pk=row.pk).update(
            state=state, sent_at=timezone.now(), token=uuid4(), lease_until=timezone.now()
        )

    assert {row.state for row in in_trouble()} == {State.FAILED, State.UNSURE, State.HELD}
    assert {row.state for row in Message.objects.all() if is_in_trouble(row)} == {
        State.FAILED, State.UNSURE, State.HELD
    }  # fmt: skip


def test_mail_that_ran_out_of_time_after_a_try_waits_for_a_decision(sink: Sink) -> None:
    sink.usual["RCPT"] = "450 busy"
    tried, too_late = plan_one(), plan_one(wanted(-120, lasts=timedelta(hours=1)))
    send_due()
    Message.objects.update(expires_at=timezone.now())
    send_due()
    assert {again(each).state for each in (tried, too_late)} == {State.EXPIRED}

    assert list(in_trouble()) == [tried]
    assert [is_in_trouble(again(each)) for each in (tried, too_late)] == [True, False]
    services.give_up(tried, reason="dropped by a member")
    assert list(in_trouble()) == []


def test_server_that_takes_nothing_is_said_from_the_second_try_on(sink: Sink) -> None:
    sink.usual["RCPT"] = "450 busy"
    plan_one()
    send_due()
    assert watch() == ALL_WELL
    Message.objects.update(due_at=timezone.now())
    send_due()

    assert watch() == Watch(False, "The mail server has not taken mail for a while.")

    sink.usual.clear()
    Message.objects.update(due_at=timezone.now())
    send_due()
    assert watch() == ALL_WELL


def test_mail_past_its_time_says_nothing_of_the_server(sink: Sink) -> None:
    plan_one()
    Message.objects.update(attempts=5, expires_at=timezone.now())

    assert watch() == ALL_WELL


def test_kind_has_a_label_and_a_later_one_replaces_it() -> None:
    assert (label_of(KIND), label_of("unheard_of")) == ("Test mail", "unheard_of")

    register(Kind(KIND, "Other words", written))

    assert label_of(KIND) == "Other words"


def test_message_names_itself_without_a_person() -> None:
    row = plan_one()

    assert str(row) == f"{KIND} {row.pk}"
    assert (row.is_waiting, str(Sending())) == (True, "sending")


# --- outbox_tick and the task --------------------------------------------------------------------
def test_command_sends_and_says_what_became_of_it(sink: Sink, capsys: pytest.CaptureFixture[str]) -> None:
    plan_many(3)
    plan_one(wanted(60))
    plan_one(wanted(-120, lasts=timedelta(hours=1)))
    sink.script["RCPT"].extend(["550 no", "451 later"])

    call_command("outbox_tick")

    assert capsys.readouterr().out == (
        "planned 2, sent 1, dropped 0, failed 1, unsure 0, expired 1, retried 1, held 0\n"
    )


def test_command_fails_with_the_reason_while_sending_is_paused(capsys: pytest.CaptureFixture[str]) -> None:
    services.pause("Somebody said so.")

    with pytest.raises(CommandError, match=r"^Sending is paused: Somebody said so\.$"):
        call_command("outbox_tick")

    assert capsys.readouterr().out.startswith("planned 0, sent 0,")


def test_task_sends_what_is_due_and_logs_counts_alone(sink: Sink) -> None:
    row = plan_one()

    tick()

    assert again(row).state == State.SENT
    assert Sending.objects.get().ticked_at is not None
