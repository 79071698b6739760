"""A sender is killed with -9 in the middle of its mails, several times: nothing is lost, little is copied."""

import random
import time
from pathlib import Path

import pytest

from tests.faults.apps import PARKED, RESENT
from tests.faults.history import check, is_settled
from tests.faults.processes import TICK, environment, running, start
from tests.outbox.rows import plan_many
from tests.outbox.sink import Sink

pytestmark = [pytest.mark.fault, pytest.mark.slow]
MAILS, KILLS = 200, 4


def kill_in_the_middle(enough: int, sink: Sink, env: dict[str, str], log: Path) -> None:
    """Tick, again and again as beat does, until so many mails have arrived; then kill the one that is at it."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with running(TICK, env, log) as sender:
            while sender.poll() is None:
                if len(sink.taken) >= enough:
                    sender.kill()
                    assert sender.wait() == -9
                    return
                time.sleep(0.01)
    raise AssertionError(f"not {enough} mails within 30 s: {log.read_text()[-3000:]}")


@pytest.mark.parametrize("kind", [RESENT, PARKED])
def test_killed_sender_loses_nothing(kind: str, house: None, slow_sink: Sink, tmp_path: Path) -> None:
    rows, log, env = plan_many(MAILS, kind=kind), tmp_path / "tick.log", environment(slow_sink.url)
    chance = random.Random(kind)

    for _ in range(KILLS):
        kill_in_the_middle(len(slow_sink.taken) + chance.randint(15, 35), slow_sink, env, log)
    for _ in range(10):  # each tick ends by itself; the killed ones' rows come back with their lease
        if not is_settled():
            assert start(TICK, env, log).wait(30) == 0, log.read_text()

    check(rows, slow_sink, kills=KILLS, is_parked=kind == PARKED)


def test_two_senders_at_once_copy_nothing(house: None, slow_sink: Sink, tmp_path: Path) -> None:
    rows, log, env = plan_many(MAILS, kind=RESENT), tmp_path / "tick.log", environment(slow_sink.url)

    senders = [start(TICK, env, log) for _ in range(2)]

    assert [sender.wait(40) for sender in senders] == [0, 0], log.read_text()
    check(rows, slow_sink, kills=0, is_parked=True)
    assert slow_sink.connections > 2
