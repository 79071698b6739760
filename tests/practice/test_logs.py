"""A log line keeps a sentence, a route, the kind of an error and a place in the code; never a value."""

import logging
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory

from practice.logs import DiscreetFilter, log_broken_thread

SAID = "QUIETHERON"


def raised() -> Any:
    try:
        raise ValueError(f"what she said: {SAID}")
    except ValueError:
        return sys.exc_info()


def written(message: object, *args: object, **more: Any) -> str:
    """Return the line that a handler with our filter writes."""
    record = logging.LogRecord("other", logging.ERROR, "/lib/other.py", 7, message, args, more.pop("exc_info", None))
    record.funcName = "serve"
    record.stack_info = f"Stack: {SAID}"
    vars(record).update(more)
    for _ in range(2):  # a record may pass two handlers
        assert DiscreetFilter().filter(record)
    return logging.Formatter("%(message)s").format(record)


@pytest.mark.parametrize(
    ("message", "args", "line"),
    [
        ("Task %s[%r] raised unexpected: %s", ("t", "1", SAID), "Task …[…] raised unexpected: …"),
        ("Task %(name)s\n %(exc)-10.3f", ({"name": "t", "exc": 1.5},), "Task … …"),
        ("%s", (SAID,), "…"),
        (f"Exception while serving /x/{SAID}/", (), ""),
        (ValueError(SAID), (), ""),
    ],
)
def test_of_anothers_line_the_sentence_stays_and_no_value(message: object, args: tuple[Any, ...], line: str) -> None:
    assert written(message, *args) == f"{line} by=other.py:7:serve".strip()


def test_of_an_error_the_kind_and_the_place_stay() -> None:
    said, _, where = written(f"Serving {SAID}", exc_info=raised()).partition(" error=ValueError at=test_logs.py:")
    assert said == "by=other.py:7:serve"
    assert where.endswith(":raised")


def test_of_a_request_status_and_route_stay() -> None:
    request = RequestFactory().get(f"/x/{SAID}/")
    assert written("Gone: %s", request.path, request=request, status_code=410) == "status=410 route=unknown"
    request.resolver_match = SimpleNamespace(route="x/<str:token>/")  # type: ignore[assignment] # all that is read
    assert written(f"Bad {SAID}", request=request) == "status=- route=x/<str:token>/"


@pytest.mark.parametrize(
    "name", ["", "celery", "celery.task", "kombu", "waitress", "allauth", "django.security.DisallowedHost",
             "django.server", "multiprocessing", "gunicorn.error", "py.warnings", "threads"],
)  # fmt: skip
def test_every_handler_that_a_foreign_line_reaches_has_the_filter(name: str) -> None:
    logger: logging.Logger | None = logging.getLogger(name)
    reached: list[logging.Handler] = []
    while logger is not None:
        reached += [h for h in logger.handlers if not isinstance(h, logging.NullHandler) and "pytest" not in repr(h)]
        logger = logger.parent if logger.propagate else None
    ours = [handler for handler in reached if type(handler).__module__ == "logging"]
    assert [[type(each) for each in handler.filters] for handler in ours] == [[DiscreetFilter]]


def test_a_broken_thread_says_no_more(caplog: pytest.LogCaptureFixture) -> None:
    error = raised()
    log_broken_thread(threading.ExceptHookArgs((*error, None)))
    (record,) = caplog.records
    DiscreetFilter().filter(record)
    assert "error=ValueError at=test_logs.py:" in record.getMessage()
    assert SAID not in logging.Formatter().format(record)
