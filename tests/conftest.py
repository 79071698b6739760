"""Fixtures that tests of every room share: which database, which Redis, and a mail server to talk to."""

import email.policy
import importlib
import os
import shutil
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from xdist.remote import Producer

from tests.sharing import SharingScheduling


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingScheduling:
    """Let tests that share something costly run in one process."""
    return SharingScheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out of the round on PostgreSQL what touches no database: the round on SQLite has shown it.

    What takes long comes first, so that the workers end together.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if connection.vendor == "postgresql":
        kept = [item for item in items if _touches_a_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


def _touches_a_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    marks = {mark.name for mark in item.iter_markers()}
    if "web" in marks:
        return False
    return bool({"django_db", "postgres", "fault"} & marks or {"db", "transactional_db"} & fixtures)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs PostgreSQL or Redis where a developer runs pytest without them."""
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("holds on PostgreSQL only: make test")
    if item.get_closest_marker("redis") and "TEST_REDIS_URL" not in os.environ:
        pytest.skip("needs a Redis: make test")


def pytest_unconfigure() -> None:
    """Remove what tests.settings made: xdist's processes end without their exit handlers."""
    # Never a real practice's folder, should someone run pytest on other settings.
    if settings.VAR_DIR.name.startswith("beside-tests-"):
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


TRAIL_STAYS = importlib.import_module("practice.migrations.0002_trail_stays")


class _Statements:
    """What a migration's function asks of a schema editor; SQLite's own does not open inside a transaction."""

    connection = connection

    def execute(self, sql: str, params: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)


@contextmanager
def trail_laid_open() -> Iterator[None]:
    """Take away the triggers that keep the audit trail, as only an owner of the database could, and put them back."""
    TRAIL_STAYS.remove(None, _Statements())
    try:
        yield
    finally:
        TRAIL_STAYS.add(None, _Statements())


@pytest.fixture(scope="session", autouse=True)
def _tests_begin_without_a_trail() -> Iterator[None]:
    """Let a test with transactions of its own empty the tables after it; the product has no such way."""
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def flush_the_trail_too(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
        with trail_laid_open():
            flush(self, sql_list)

    operations.execute_sql_flush = flush_the_trail_too  # type: ignore[method-assign]  # tests alone need it
    yield
    operations.execute_sql_flush = flush  # type: ignore[method-assign]  # as above


@pytest.fixture(autouse=True)
def _no_files_beside() -> None:
    """Let each test begin as a new practice: its database is not the one that wrote the files of the test before."""
    for name in ("outbox.epoch", "audit.anchor"):
        (settings.VAR_DIR / name).unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def _no_tries_counted() -> None:
    """Forget the limits on sign-ins and wrong links, which live in the cache."""
    cache.clear()


@pytest.fixture
def database_vendor() -> str:
    """Return `sqlite` or `postgresql`."""
    return connection.vendor


@pytest.fixture
def redis_url(worker_id: str) -> str:
    """Return the URL of a Redis database that no other test process uses. Mark the test `redis`."""
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id != "master" else 0
    return os.environ["TEST_REDIS_URL"].removesuffix("/0") + f"/{number}"


@dataclass
class SmtpSink:
    """A mail server on loopback: what it took, and what it answers when a mail has been handed over."""

    port: int
    answer: str = "250 OK"
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return the address as EMAIL_URL has it."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail when the answer is a yes. aiosmtpd chose the name."""
        if self.answer.startswith("2"):
            parser = BytesParser(EmailMessage, policy=email.policy.default)
            self.messages.append(parser.parsebytes(envelope.original_content or b""))
            self.envelopes.append(envelope)
        return self.answer


@pytest.fixture
def smtp_sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpSink]:
    """Run a mail server and point EMAIL_URL at it, in the settings and for processes started here."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        sink = SmtpSink(port=probe.getsockname()[1])
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    monkeypatch.setenv("EMAIL_URL", sink.url)
    monkeypatch.setattr(settings, "EMAIL_URL", sink.url)
    yield sink
    controller.stop()
