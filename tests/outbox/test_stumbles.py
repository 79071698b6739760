"""The database stumbles in the middle of a tick: the verdicts stay right, and the next mails still go."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from outbox import verdicts
from outbox.claims import Verdict, claim, mark_dispatched
from outbox.kinds import Mail
from outbox.models import Message
from outbox.sender import Tally, send_due
from outbox.smtp import Outcome, Reply
from tests.outbox.rows import State, again, plan_many, register_kind, written
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)


def before_mail(number: int, deed: Callable[[], None]) -> None:
    """Do something while the mail of this number is written."""

    def render(message: Message) -> Mail:
        if message.reference == f"{number:04d}":
            deed()
        return written(message)

    register_kind(render=render)


def refuse_reply(reference: str) -> None:
    """Let the database refuse one row's verdict, as long as it holds words."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"CREATE TRIGGER no_verdict BEFORE UPDATE OF smtp_reply ON outbox_message"
                f" WHEN NEW.reference = '{reference}' AND NEW.smtp_reply <> ''"
                " BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        else:
            check = f"CHECK (reference <> '{reference}' OR smtp_reply = '')"
            cursor.execute(f"ALTER TABLE outbox_message ADD CONSTRAINT no_verdict {check}")


@pytest.fixture
def picky_database() -> Any:
    yield refuse_reply
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS no_verdict")
        else:
            cursor.execute("ALTER TABLE outbox_message DROP CONSTRAINT IF EXISTS no_verdict")


def test_verdict_that_is_not_taken_loses_its_words_and_blames_nobody(picky_database: Any, sink: Sink) -> None:
    rows = plan_many(4)
    picky_database("0001")

    assert send_due() == Tally(sent=4)

    assert [again(row).state for row in rows] == [State.SENT] * 4
    assert [again(row).smtp_reply for row in rows] == ["250", "", "250", "250"]
    assert sink.labels() == ["0000", "0001", "0002", "0003"]


def test_verdict_that_is_not_taken_at_all_leaves_the_next_mail_alone(sink: Sink) -> None:
    first, second = plan_many(2)
    gone = Verdict(first.pk, None, "no state at all, and longer than the column")

    assert verdicts.write(gone) is False
    assert send_due() == Tally(sent=2)
    assert again(second).state == State.SENT


@pytest.mark.postgres
@pytest.mark.parametrize("number", [0, 2, 3])
def test_lost_connection_costs_no_copy(number: int, sink: Sink) -> None:
    def lose() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        _terminate(pid)

    rows = plan_many(6)
    before_mail(number, lose)

    tally = send_due()

    # With a verdict in hand the connection is opened anew for it, and the mail goes too; else a later tick takes it up.
    assert tally == Tally(sent=5 if number == 0 else 6)
    register_kind()
    Message.objects.filter(state=State.LEASED).update(lease_until=rows[0].due_at)
    assert send_due() == Tally(sent=6 - tally.sent)
    assert sorted(sink.labels()) == [f"{each:04d}" for each in range(6)]
    assert {again(row).state for row in rows} == {State.SENT}


def test_known_sent_is_written_over_a_new_connection(sink: Sink) -> None:
    plan_many(1)
    (row,) = claim()
    mark_dispatched(row, None)
    connection.connection.close()

    assert verdicts.write(verdicts.from_reply(row, Reply(Outcome.ACCEPTED, "250"))) is True
    assert again(row).state == State.SENT


def _terminate(pid: int) -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()
