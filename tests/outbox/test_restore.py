"""The restore guard: a database that is another than the file knows sends nothing until a person has looked."""

import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from outbox import epoch, services
from outbox.models import Message, Sending
from outbox.sender import Tally, send_due
from tests.outbox.rows import State, again, plan_many, plan_one, wanted
from tests.outbox.sink import Sink

REASON = "The database was restored from a backup: mail that was due may have left already."


@pytest.fixture(autouse=True)
def epoch_file(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path / "outbox.epoch"


@pytest.mark.django_db
def test_first_start_agrees_on_an_epoch(epoch_file: Path) -> None:
    row = epoch.sending()

    assert epoch_file.read_text().strip() == str(row.epoch)
    assert epoch.is_restored(row) is False


@pytest.mark.django_db
def test_new_database_beside_an_old_file_takes_its_epoch(epoch_file: Path) -> None:
    known = uuid4()
    epoch_file.write_text(f"{known}\n")

    assert epoch.sending().epoch == known


@pytest.mark.django_db
@pytest.mark.parametrize("text", [None, "", "damaged", "6f1c0a5e-52b2-4b0e-9c58-000000000000"])
def test_another_file_or_none_pauses_and_holds_what_is_due(text: str | None, epoch_file: Path, sink: Sink) -> None:
    epoch.sending()
    due, later = plan_one(), plan_one(wanted(60))
    epoch_file.unlink() if text is None else epoch_file.write_text(text)

    assert send_due() == Tally(held=1)

    assert (again(due).state, again(due).reason) == (State.HELD, "restored from a backup")
    assert (again(later).state, sink.taken) == (State.PLANNED, [])
    assert Sending.objects.get().pause_reason == REASON


@pytest.mark.django_db
def test_resume_lets_mail_leave_and_keeps_the_held_ones(epoch_file: Path, sink: Sink) -> None:
    epoch.sending()
    held, later = plan_one(), plan_one(wanted(60))
    epoch_file.unlink()
    send_due()

    services.resume()
    Message.objects.filter(pk=later.pk).update(due_at=timezone.now())

    assert send_due() == Tally(sent=1)
    assert (again(held).state, again(later).state) == (State.HELD, State.SENT)
    services.send_again(held)
    assert send_due() == Tally(sent=1)


@pytest.mark.django_db
def test_mail_that_falls_due_while_paused_by_a_restore_is_held_too(epoch_file: Path, sink: Sink) -> None:
    epoch.sending()
    epoch_file.unlink()
    send_due()
    plan_one()

    assert send_due() == Tally(held=1)
    assert sink.taken == []


@pytest.mark.django_db
def test_held_mail_expires_at_its_time(epoch_file: Path) -> None:
    epoch.sending()
    row = plan_one()
    epoch_file.unlink()
    send_due()
    services.resume()
    Message.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert send_due() == Tally(expired=1)
    assert again(row).state == State.EXPIRED


@pytest.mark.django_db(transaction=True)
def test_first_ticks_at_once_do_not_take_each_other_for_a_restore(sink: Sink) -> None:
    plan_many(10)
    start = threading.Barrier(8)
    tallies: list[Tally] = []

    def tick() -> None:
        try:
            start.wait(10)
            tallies.append(send_due())
        finally:
            connection.close()

    threads = [threading.Thread(target=tick) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert (len(tallies), sum(each.held for each in tallies)) == (8, 0)
    assert Sending.objects.get().paused_at is None
    assert sorted(sink.labels()) == [f"{each:04d}" for each in range(10)]


@pytest.mark.django_db(transaction=True)
def test_resume_under_ticking_senders_stays_resumed(sink: Sink) -> None:
    epoch.sending()
    is_over = threading.Event()

    def ticks() -> None:
        try:
            while not is_over.is_set():
                send_due()
        finally:
            connection.close()

    threads = [threading.Thread(target=ticks) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        services.resume()
    is_over.set()
    for thread in threads:
        thread.join(60)

    assert Sending.objects.get().paused_at is None
