"""The worker is killed with -9 while it gives what is due: afterwards everything has come, and nothing twice."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from exercises import giving
from exercises.models import Assignment, Course, Mode
from outbox.models import Message
from practice import clock
from practice.models import AuditEntry
from tests.exercises.beginning import start as begin
from tests.exercises.beginning import wishes
from tests.factories import make_client, make_user
from tests.faults.processes import environment, running

pytestmark = [pytest.mark.fault, pytest.mark.slow]
COURSES, KILLS = 60, 3
SWEEP = ("-c", "import django; django.setup(); from exercises import tasks; tasks.sweep()")


def kill_in_the_middle(enough: int, env: dict[str, str], log: Path) -> None:
    """Let a worker sweep until so much has been given, then kill it."""
    until = time.monotonic() + 30
    with running(SWEEP, env, log) as worker:
        while time.monotonic() < until and worker.poll() is None:
            if Assignment.unscoped.count() >= enough:
                worker.kill()
                assert worker.wait() == -9
                return
            time.sleep(0.005)
    raise AssertionError(f"not {enough} given while it ran: {log.read_text()[-3000:]}")


def test_a_killed_sweep_loses_nothing_and_doubles_nothing(house: None, tmp_path: Path) -> None:
    counsellor, steps = make_user(), wishes((Mode.EVERY, 1), Mode.TOGETHER)
    for _ in range(COURSES):
        begin(make_client(counsellor), steps=steps, nudges=0)
    Course.unscoped.update(starts_on=clock.today() - timedelta(days=1))
    env = environment("smtp://127.0.0.1:9")
    for number in range(1, KILLS + 1):
        kill_in_the_middle(Assignment.unscoped.count() + 10 * number, env, tmp_path / "sweep.log")
        rows = Assignment.unscoped.count()
        # What a kill leaves is whole: each with its mail and its row in the trail, or not there at all.
        assert rows < 2 * COURSES
        assert (mails(), traces()) == (rows, rows)
    giving.sweep()
    assert (Assignment.unscoped.count(), mails(), traces()) == (2 * COURSES,) * 3
    assert len(set(Assignment.unscoped.values_list("step", "occurrence"))) == 2 * COURSES
    assert giving.sweep() == 0


def mails() -> int:
    return Message.objects.filter(kind="exercise", state="planned").count()


def traces() -> int:
    return AuditEntry.objects.filter(deed="exercise.give").count()
