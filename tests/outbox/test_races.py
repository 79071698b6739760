"""Many at once, on either database: each mail leaves once, and what was dropped never leaves."""

import random
import threading
import time
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection

from outbox.models import Message
from outbox.sender import Tally, send_due
from outbox.services import drop
from tests.outbox.rows import State, plan_many
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], None]) -> None:
    """Run each in a thread with a connection of its own, from one moment on; raise what they raised."""
    start, errors = threading.Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        try:
            start.wait(10)
            work()
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []


def test_fifty_ticks_one_after_another_send_each_mail_once(sink: Sink) -> None:
    plan_many(120)
    tally = Tally()

    for _ in range(50):
        tally.add(send_due())

    assert tally == Tally(sent=120)
    assert sorted(sink.labels()) == [f"{each:04d}" for each in range(120)]


def test_eight_ticks_at_once_send_each_mail_once(sink: Sink) -> None:
    plan_many(240)
    tallies: list[Tally] = []

    at_once(*[lambda: tallies.append(send_due())] * 8)

    total = Tally()
    for tally in tallies:
        total.add(tally)
    assert total == Tally(sent=240)
    assert sorted(sink.labels()) == [f"{each:04d}" for each in range(240)]
    assert set(Message.objects.values_list("state", "attempts", "token")) == {(State.SENT, 1, None)}


def test_what_was_dropped_never_leaves(sink: Sink) -> None:
    sink.delay = 0.004
    rows = plan_many(400)
    dropped: dict[UUID, float] = {}
    late: list[UUID] = []
    queue = [row.subject_id for row in random.Random(7).sample(rows, 300)]

    def cancel() -> None:
        while queue:
            time.sleep(0.001)
            try:
                subject_id = queue.pop()
            except IndexError:
                return
            result = drop([subject_id], reason="session cancelled")
            assert result.dropped + result.on_their_way <= 1
            if result.dropped:
                dropped[subject_id] = time.monotonic()
            else:
                late.append(subject_id)

    at_once(send_due, send_due, cancel, cancel, cancel)  # type: ignore[arg-type] # the tally is not looked at
    send_due()

    left = {row.subject_id: row for row in rows}
    taken = sink.labels()
    assert len(dropped) + len(late) == 300
    assert min(len(dropped), len(late)) > 0
    assert [row.reference for each, row in left.items() if each in dropped and row.reference in taken] == []
    assert sorted(taken) == sorted(row.reference for each, row in left.items() if each not in dropped)
