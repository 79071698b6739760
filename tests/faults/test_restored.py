"""A database is copied, ticks, and is put back as it was: what had left does not leave again unasked."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from outbox import services
from outbox.models import Message, Sending
from outbox.sender import Tally, send_due
from tests.faults.processes import TICK, environment, start
from tests.outbox.rows import State, again, plan_many, plan_one, register_kind
from tests.outbox.sink import Sink

pytestmark = pytest.mark.fault
PAUSED = "Sending is paused: The database was restored from a backup: mail that was due may have left already."


@pytest.fixture(autouse=True)
def practice(house: None, slow_sink: Sink, settings: Settings, tmp_path: Path) -> Iterator[None]:
    if connection.vendor != "sqlite":
        pytest.skip("copies a file: SQLite only")
    settings.VAR_DIR, settings.EMAIL_URL = tmp_path / "var", slow_sink.url
    register_kind()
    yield
    connection.close()


def copy() -> sqlite3.Connection:
    kept = sqlite3.connect(":memory:")
    connection.ensure_connection()
    connection.connection.backup(kept)
    return kept


def put_back(kept: sqlite3.Connection) -> None:
    connection.ensure_connection()
    kept.backup(connection.connection)
    connection.close()


@pytest.mark.parametrize("ticks_before", [0, 1, 3])
def test_restored_database_holds_what_had_left(ticks_before: int, slow_sink: Sink) -> None:
    for _ in range(ticks_before):
        send_due()
    row = plan_one()
    backup = copy()
    assert send_due() == Tally(sent=1)

    put_back(backup)

    assert again(row).state == State.PLANNED
    with pytest.raises(CommandError, match=f"^{PAUSED}$"):
        call_command("outbox_tick")
    assert (again(row).state, len(slow_sink.taken)) == (State.HELD, 1)


def test_after_a_restore_a_person_resumes_and_releases(slow_sink: Sink) -> None:
    send_due()
    row = plan_one()
    backup = copy()
    send_due()
    put_back(backup)
    send_due()

    services.resume()
    assert send_due() == Tally()
    services.send_again(row)

    assert send_due() == Tally(sent=1)
    assert [mail.message_id for mail in slow_sink.taken] == [f"{row.message_id}@beside.test"] * 2


def test_restored_once_more_it_is_found_once_more(slow_sink: Sink) -> None:
    send_due()
    backup = copy()
    for _ in range(2):
        send_due()
        put_back(backup)
        send_due()
        assert Sending.objects.get().paused_at is not None
        services.resume()
        backup = copy()


def test_processes_that_start_anew_and_tick_together_do_not_pause(slow_sink: Sink, tmp_path: Path) -> None:
    log, env = tmp_path / "tick.log", environment(slow_sink.url, BESIDE_VAR=str(tmp_path / "var"))
    for _ in range(2):
        plan_many(5, kind="fault_resent")
        ticks = [start(TICK, env, log) for _ in range(2)]
        assert [tick.wait(60) for tick in ticks] == [0, 0], log.read_text()

    assert send_due() == Tally()
    assert (Sending.objects.get().beats, Sending.objects.get().paused_at) == (5, None)
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}
    assert len(slow_sink.taken) == 10
