import os
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from outbox.models import Message, Sending
from tests.factories import make_practice
from tests.practice.rows import make_message
from vault.models import Canary
from vault.startup import ensure_canary

OK = {"status": "ok", "database": "ok", "migrations": "ok", "vault": "ok", "broker": "ok", "mail": "ok"}


@pytest.fixture
def house(db: None) -> None:
    """Set up as `prepare` and `create_practice` do."""
    ensure_canary()
    make_practice()


def test_live_needs_nothing_but_the_process(client: Client) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_when_all_is_there(client: Client, house: None) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, OK)


def test_not_ready_when_mail_is_late(client: Client, house: None) -> None:
    make_message(Message.State.PLANNED, due_at=timezone.now() - timedelta(minutes=6))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {**OK, "status": "trouble", "mail": "trouble"})


def test_not_ready_when_nobody_asked_for_mail_for_minutes(client: Client, house: None) -> None:
    Sending.objects.create(ticked_at=timezone.now() - timedelta(minutes=4))
    assert client.get("/health/ready").status_code == 503


def test_not_ready_when_the_vault_does_not_open(client: Client, house: None) -> None:
    Canary.objects.all().delete()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {**OK, "status": "trouble", "vault": "trouble"})


def test_not_ready_with_a_migration_to_come(client: Client, house: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'supervision'")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {**OK, "status": "trouble", "migrations": "trouble"})


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Return a port that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_not_ready_when_redis_is_frozen_and_the_answer_comes_soon(
    client: Client, house: None, silent_port: int, settings: Settings
) -> None:
    settings.CELERY_BROKER_URL = f"redis://:secret@127.0.0.1:{silent_port}/0"
    began = timezone.now()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["broker"]) == (503, "trouble")
    assert timezone.now() - began < timedelta(seconds=10)
    assert "secret" not in answer.content.decode()


def test_not_ready_when_redis_is_gone(client: Client, house: None, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert client.get("/health/ready").status_code == 503


@pytest.mark.redis
def test_ready_with_a_redis_that_answers(client: Client, house: None, redis_url: str, settings: Settings) -> None:
    assert os.environ["TEST_REDIS_URL"]
    settings.CELERY_BROKER_URL = redis_url
    assert client.get("/health/ready").json()["broker"] == "ok"


def test_health_is_asked_for_and_never_changed(client: Client, house: None) -> None:
    assert [client.post(f"/health/{page}").status_code for page in ("live", "ready")] == [405, 405]
