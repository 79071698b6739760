"""A kind of mail for these tests, and a mail server that does as it is told."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from outbox import kinds
from tests.outbox.rows import register_kind
from tests.outbox.sink import Sink


@pytest.fixture(autouse=True)
def own_kinds() -> Iterator[None]:
    before = dict(kinds._KINDS)
    register_kind()
    yield
    kinds._KINDS.clear()
    kinds._KINDS.update(before)


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    server = Sink().start()
    settings.EMAIL_URL = server.url
    yield server
    server.stop()
