"""A real worker and a real beat on a Redis of their own: what is due leaves, and Redis may lose everything."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from outbox.models import Message
from tests.faults.apps import RESENT
from tests.faults.history import check, is_settled
from tests.faults.processes import TICK, environment, running, start, wait_until
from tests.outbox.rows import State, plan_many
from tests.outbox.sink import Sink
from tests.services.packages import find
from tests.services.servers import _free_port, _listens

pytestmark = [pytest.mark.fault, pytest.mark.redis, pytest.mark.slow]
CELERY = ("-m", "celery", "-A", "config.celery")
WORKER = (*CELERY, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "INFO")
BEAT = (*CELERY, "beat", "--loglevel", "INFO")


class Redis:
    """A Redis that can be killed and comes back empty on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self.process: Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = find("redis-server", "valkey-server")
        assert program is not None
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = Popen([program, *options, "--dir", str(self.folder)], stdout=log, stderr=log)
        assert _listens(self.process, self.port)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    server.start()
    yield server
    server.kill()


@contextmanager
def celery(env: dict[str, str], folder: Path) -> Iterator[tuple[Popen[bytes], Path]]:
    """Run beat and a worker; yield the worker and the log of both."""
    log = folder / "celery.log"
    beat = (*BEAT, "--schedule", str(folder / "beat"), "--pidfile", "")
    with ExitStack() as stack:
        worker = stack.enter_context(running(WORKER, env, log))
        stack.enter_context(running(beat, env, log))
        yield worker, log


def all_sent() -> bool:
    return not Message.objects.exclude(state=State.SENT).exists()


def test_beat_and_worker_send_what_is_due_and_outlive_their_redis(
    house: None, redis: Redis, slow_sink: Sink, tmp_path: Path
) -> None:
    env = environment(slow_sink.url, REDIS_URL=redis.url, OUTBOX_TICK_SECONDS="1")
    with celery(env, tmp_path) as (_, log):
        rows = plan_many(60, kind=RESENT)
        wait_until(all_sent, 40, "mail through the broker", log)
        check(rows, slow_sink, kills=0, is_parked=True)

        redis.kill()
        slow_sink.taken.clear()
        rows = plan_many(40, kind=RESENT)
        assert start(TICK, env, log).wait(20) == 0, log.read_text()  # by hand, with no broker at all
        assert is_settled()

        redis.start()
        rows += (later := plan_many(30, kind=RESENT))
        Message.objects.filter(pk__in=[row.pk for row in later]).update(reference="later")
        wait_until(all_sent, 40, "mail after Redis came back", log)

    assert len(slow_sink.taken) == 70
    assert len({mail.message_id for mail in slow_sink.taken}) == 70


def test_killed_worker_loses_nothing(house: None, redis: Redis, slow_sink: Sink, tmp_path: Path) -> None:
    env = environment(slow_sink.url, REDIS_URL=redis.url, OUTBOX_TICK_SECONDS="1")
    rows = plan_many(200, kind=RESENT)

    with celery(env, tmp_path) as (worker, log):
        wait_until(lambda: len(slow_sink.taken) >= 40, 40, "mail through the broker", log)
        worker.kill()
        worker.wait()
        with running(WORKER, env, log):
            wait_until(is_settled, 40, "the rest of the mail", log)

    check(rows, slow_sink, kills=1, is_parked=False, ticks=2)
