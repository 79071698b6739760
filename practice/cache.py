"""The cache: Redis, or this process's own memory while Redis is away. Only the limits on sign-in live in it.

Redis may lose everything and may be gone (ADR 0004), so nobody waits for it longer than a second, and a page never
fails for want of it. Meanwhile each process counts by itself: the limits still hold, once for each.
"""

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import redis
import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger("beside.cache")

SECONDS = 1.0
ASK_AGAIN_SECONDS = 15.0  # a sign-in asks a dozen times: it is not to wait a dozen seconds
LOG_EVERY_SECONDS = 60.0
# Django's 300 would let whoever tries from as many addresses push a member's count out.
MOST_ENTRIES = 50_000


class Outage:
    """Whether Redis was away a moment ago, for all threads of this process."""

    def __init__(self) -> None:
        self.ends_at = self.log_again_at = 0.0

    def lasts(self) -> bool:
        return time.monotonic() < self.ends_at

    def begin(self, error: redis.RedisError) -> None:
        """Leave Redis alone for a while, and say so once a minute: the kind of error only, since words name hosts."""
        now = time.monotonic()
        self.ends_at = now + ASK_AGAIN_SECONDS
        if now >= self.log_again_at:
            self.log_again_at = now + LOG_EVERY_SECONDS
            log.warning("cache.redis_away", error=type(error).__name__)


outage = Outage()


class RoomyMemoryCache(LocMemCache):
    """Django's cache in this process's memory, with room for the counts of many addresses."""

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, {**params, "OPTIONS": {"MAX_ENTRIES": MOST_ENTRIES}})


class JsonSerializer:
    """Numbers, texts and lists, and nothing that can run: Django's own serializer pickles."""

    def dumps(self, value: Any) -> str:
        return json.dumps(value)

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


def _steady(ask_redis: Callable[..., Any], ask_memory: Callable[..., Any]) -> Any:
    """Return a cache's method that asks Redis, and where it is away this process's memory."""

    @wraps(ask_redis)
    def ask(cache: "SteadyRedisCache", *args: Any, **kwargs: Any) -> Any:
        if not outage.lasts():
            try:
                return ask_redis(cache, *args, **kwargs)
            except redis.RedisError as error:
                outage.begin(error)
        return ask_memory(cache.memory, *args, **kwargs)

    return ask


class SteadyRedisCache(RedisCache):
    """Django's Redis cache, which answers within about a second whatever becomes of Redis."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {
            "socket_timeout": SECONDS,
            "socket_connect_timeout": SECONDS,
            "retry": Retry(NoBackoff(), 0),
            "serializer": JsonSerializer,
        }
        super().__init__(server, {**params, "OPTIONS": options})
        self.memory = RoomyMemoryCache("beside-redis-away", params)

    add = _steady(RedisCache.add, LocMemCache.add)
    get = _steady(RedisCache.get, LocMemCache.get)
    set = _steady(RedisCache.set, LocMemCache.set)
    touch = _steady(RedisCache.touch, LocMemCache.touch)
    delete = _steady(RedisCache.delete, LocMemCache.delete)
    get_many = _steady(RedisCache.get_many, LocMemCache.get_many)
    has_key = _steady(RedisCache.has_key, LocMemCache.has_key)
    incr = _steady(RedisCache.incr, LocMemCache.incr)
    set_many = _steady(RedisCache.set_many, LocMemCache.set_many)
    delete_many = _steady(RedisCache.delete_many, LocMemCache.delete_many)
    clear = _steady(RedisCache.clear, LocMemCache.clear)
