"""The restore guard: a database that is another than the file knows sends nothing until a person has looked."""

import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
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


@pytest.fixture
def live(sink: Sink) -> Sink:
    """A database that has ticked before, as one in use has."""
    assert send_due() == Tally()
    return sink


def in_file(path: Path) -> tuple[str, int]:
    name, beats = path.read_text().split()
    return name, int(beats)


@pytest.mark.django_db
def test_each_tick_moves_the_row_and_then_the_file(epoch_file: Path) -> None:
    for beats in (1, 2, 3):
        send_due()

        row = Sending.objects.get()
        assert (row.beats, in_file(epoch_file)) == (beats, (str(row.epoch), beats))
    assert [path.name for path in epoch_file.parent.iterdir() if path.suffix not in (".epoch", ".lock")] == []


@pytest.mark.django_db
def test_new_database_beside_an_old_file_goes_on_from_it(epoch_file: Path, sink: Sink) -> None:
    known = str(uuid4())
    epoch_file.write_text(f"{known} 41\n")
    plan_one()

    assert send_due() == Tally(sent=1)
    assert in_file(epoch_file) == (known, 42)


@pytest.mark.django_db
def test_database_from_before_its_first_tick_is_known_by_its_mail(epoch_file: Path, sink: Sink) -> None:
    row = plan_one()
    epoch_file.write_text(f"{uuid4()} 41\n")

    assert send_due() == Tally(held=1)
    assert (again(row).state, sink.taken) == (State.HELD, [])


@pytest.mark.django_db
def test_file_behind_its_row_is_no_restore(epoch_file: Path, live: Sink) -> None:
    plan_one()
    behind = epoch_file.read_text()
    send_due()
    epoch_file.write_text(behind)  # a crash between the row and the file
    plan_one()

    assert send_due() == Tally(sent=1)
    assert in_file(epoch_file)[1] == 3


@pytest.mark.django_db
def test_row_behind_its_file_pauses_however_often_it_ticks(epoch_file: Path, live: Sink) -> None:
    for _ in range(3):
        send_due()
    Sending.objects.update(beats=2)
    plan_one()

    assert [send_due().held for _ in range(4)] == [1, 0, 0, 0]
    assert (Sending.objects.get().pause_reason, Sending.objects.get().beats) == (REASON, 2)


@pytest.mark.django_db
def test_slower_process_does_not_set_the_file_back(epoch_file: Path, live: Sink) -> None:
    row = Sending.objects.get()
    epoch._write(epoch.Mark(row.epoch, 9))

    epoch._write(epoch.Mark(row.epoch, 8))

    assert in_file(epoch_file) == (str(row.epoch), 9)


@pytest.mark.django_db
@pytest.mark.parametrize("text", [None, "", "damaged", "6f1c0a5e-52b2-4b0e-9c58-000000000000 1"])
def test_another_file_or_none_pauses_and_holds_what_is_due(text: str | None, epoch_file: Path, live: Sink) -> None:
    due, later = plan_one(), plan_one(wanted(60))
    epoch_file.unlink() if text is None else epoch_file.write_text(text)

    assert send_due() == Tally(held=1)

    assert (again(due).state, again(due).reason) == (State.HELD, "restored from a backup")
    assert (again(later).state, live.taken) == (State.PLANNED, [])
    assert Sending.objects.get().pause_reason == REASON


@pytest.mark.django_db
def test_resume_lets_mail_leave_and_keeps_the_held_ones(
    epoch_file: Path, live: Sink, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    held, later = plan_one(), plan_one(wanted(60))
    epoch_file.unlink()
    send_due()

    with django_capture_on_commit_callbacks(execute=True):
        services.resume()
    Message.objects.filter(pk=later.pk).update(due_at=timezone.now())

    assert send_due() == Tally(sent=1)
    assert (again(held).state, again(later).state) == (State.HELD, State.SENT)
    services.send_again(held)
    assert send_due() == Tally(sent=1)


@pytest.mark.django_db
def test_mail_that_falls_due_while_paused_by_a_restore_is_held_too(epoch_file: Path, live: Sink) -> None:
    epoch_file.unlink()
    send_due()
    plan_one()

    assert send_due() == Tally(held=1)
    assert live.taken == []


@pytest.mark.django_db
def test_held_mail_expires_at_its_time(
    epoch_file: Path, live: Sink, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    row = plan_one()
    epoch_file.unlink()
    send_due()
    with django_capture_on_commit_callbacks(execute=True):
        services.resume()
    Message.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert send_due() == Tally(expired=1)
    assert again(row).state == State.EXPIRED


@pytest.mark.django_db(transaction=True)
def test_resume_that_is_rolled_back_leaves_the_file_alone(epoch_file: Path, live: Sink) -> None:
    before = epoch_file.read_text()

    with transaction.atomic():
        services.resume()
        transaction.set_rollback(True)

    assert epoch_file.read_text() == before
    assert send_due() == Tally()
    assert Sending.objects.get().paused_at is None


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
def test_resume_under_ticking_senders_stays_resumed(live: Sink) -> None:
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
