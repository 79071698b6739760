"""Health, for whatever supervises the process: up, and ready to work. The answers name parts, never values."""

from collections.abc import Callable
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from outbox.selectors import watch
from vault.errors import VaultError
from vault.startup import check_ring

REDIS_SECONDS = 2


@login_not_required
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether all that a deed needs is there: 200, or 503 with the parts that are not."""
    parts = {name: "ok" if _holds(check) else "trouble" for name, check in CHECKS.items()}
    is_ready = set(parts.values()) == {"ok"}
    return JsonResponse({"status": "ok" if is_ready else "trouble", **parts}, status=200 if is_ready else 503)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, VaultError, redis.RedisError, OSError):
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _vault() -> bool:
    check_ring()
    return True


def _broker() -> bool:
    """Ping Redis within two seconds; the embedded broker lives in this process and is there with it."""
    url = settings.CELERY_BROKER_URL
    if urlsplit(url).scheme == "memory":
        return True
    with redis.Redis.from_url(url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS) as broker:
        return bool(broker.ping())


def _mail() -> bool:
    return not watch().trouble


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrations,
    "vault": _vault,
    "broker": _broker,
    "mail": _mail,
}
