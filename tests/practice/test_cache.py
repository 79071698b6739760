"""Redis dies, or stops answering: people still sign in, still ask for a new password, and the limits still hold."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import pytest
import structlog
from django.core.cache import cache, caches
from django.core.cache.backends.base import BaseCache
from django.test import Client
from pytest_django import Settings

from outbox.models import Message
from practice.cache import ASK_AGAIN_SECONDS, SECONDS, SteadyRedisCache, outage
from practice.models import User
from tests.factories import PASSWORD
from tests.services.packages import find
from tests.services.servers import _free_port, _listens

pytestmark = pytest.mark.redis
SIGN_IN, RESET = "/accounts/login/", "/accounts/password/reset/"


def _forget_the_outage() -> None:
    outage.ends_at = outage.log_again_at = 0.0


@pytest.fixture
def redis(tmp_path: Path, settings: Settings) -> Iterator[Popen[bytes]]:
    """A Redis of the test's own, which may be killed or stopped, and the cache on it."""
    program, port = find("redis-server", "valkey-server"), _free_port()
    assert program is not None
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with (tmp_path / "redis.log").open("wb") as log:
        server = Popen(command, stdout=log, stderr=log)
    assert _listens(server, port)
    settings.CACHES = {
        "default": {"BACKEND": "practice.cache.SteadyRedisCache", "LOCATION": f"redis://127.0.0.1:{port}/0"}
    }
    _forget_the_outage()
    yield server
    _memory().clear()
    _forget_the_outage()
    caches["default"].close()
    server.kill()  # a stopped process, too
    server.wait()


def _memory() -> BaseCache:
    steady = caches["default"]
    assert isinstance(steady, SteadyRedisCache)
    return steady.memory


def _kill(server: Popen[bytes]) -> None:
    server.kill()
    server.wait()


def _freeze(server: Popen[bytes]) -> None:
    server.send_signal(signal.SIGSTOP)


away = pytest.mark.parametrize("lose", [_kill, _freeze], ids=["killed", "frozen"])
Lose = Callable[[Popen[bytes]], None]


def try_to_sign_in(client: Client, email: str, password: str) -> str:
    response = client.post(SIGN_IN, {"login": email, "password": password})
    return response.headers.get("Location", "") or response.content.decode()


def test_the_limits_are_kept_in_redis(redis: Popen[bytes], client: Client, counsellor: User) -> None:
    for _ in range(5):
        try_to_sign_in(client, counsellor.email, "not this one")
    assert "That was tried too often." in try_to_sign_in(client, counsellor.email, PASSWORD)
    assert not outage.lasts()
    cache.clear()
    assert try_to_sign_in(client, counsellor.email, PASSWORD) == "/"


def test_what_is_put_in_comes_out_and_nothing_is_pickled(redis: Popen[bytes]) -> None:
    cache.set("a", [1.5, 2], 60)
    cache.set_many({"b": "text", "c": 3}, 60)
    assert (cache.get("a"), cache.get_many(["b", "c"]), cache.incr("c")) == ([1.5, 2], {"b": "text", "c": 3}, 4)
    assert (cache.add("a", 1), cache.touch("a", 30), cache.has_key("a"), cache.get("d", 9)) == (False, True, True, 9)
    cache.delete_many(["b", "c"])
    assert (cache.delete("a"), cache.get("a"), cache.get("b")) == (True, None, None)
    assert not outage.lasts()


@away
def test_people_sign_in_and_ask_for_a_new_password(
    redis: Popen[bytes], lose: Lose, client: Client, counsellor: User
) -> None:
    cache.get("opens-a-connection")
    lose(redis)
    began = time.monotonic()
    assert try_to_sign_in(client, counsellor.email, PASSWORD) == "/"
    assert Client().post(RESET, {"email": counsellor.email}).status_code == 302
    assert Message.objects.get().kind == "account"
    assert time.monotonic() - began < ASK_AGAIN_SECONDS / 2


@away
def test_the_limits_hold_in_this_process(redis: Popen[bytes], lose: Lose, client: Client, counsellor: User) -> None:
    lose(redis)
    for _ in range(5):
        try_to_sign_in(client, counsellor.email, "not this one")
    for number in range(1000):
        cache.set(f"address-{number}", [1.0], 300)
    assert "That was tried too often." in try_to_sign_in(client, counsellor.email, PASSWORD)


@away
def test_one_question_waits_about_a_second_and_the_next_not_at_all(redis: Popen[bytes], lose: Lose) -> None:
    lose(redis)
    began = time.monotonic()
    assert cache.get("anything") is None
    assert time.monotonic() - began < SECONDS * 2
    began = time.monotonic()
    assert [cache.get("anything") for _ in range(100)] == [None] * 100
    assert time.monotonic() - began < SECONDS / 2


def test_the_log_says_so_once_a_minute_and_names_no_host(redis: Popen[bytes]) -> None:
    _kill(redis)
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            outage.ends_at = 0.0
            cache.get("anything")
    assert lines == [{"event": "cache.redis_away", "error": "ConnectionError", "log_level": "warning"}]


def test_a_redis_that_is_back_is_asked_again(redis: Popen[bytes]) -> None:
    cache.set("kept", 7)
    _freeze(redis)
    assert cache.get("kept") is None
    redis.send_signal(signal.SIGCONT)
    outage.ends_at = 0.0  # the while is over
    assert cache.get("kept") == 7
