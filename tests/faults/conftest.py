"""A slow mail server in this process: it outlives whatever is killed."""

from collections.abc import Iterator

import pytest

from tests.outbox.sink import Sink
from vault.startup import ensure_canary


@pytest.fixture
def slow_sink() -> Iterator[Sink]:
    server = Sink(delay=0.03).start()
    yield server
    server.stop()


@pytest.fixture
def house(transactional_db: None) -> None:
    """A database that others can open, with the canary that they look for at their start."""
    ensure_canary()
