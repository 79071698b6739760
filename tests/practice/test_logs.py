"""A log line keeps a sentence, a route, the kind of an error and a place in the code; never a value."""

import io
import logging
import resource
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.test import RequestFactory

from config.startup import leave_no_core
from practice.logs import DiscreetFilter, log_broken_thread, log_unraisable
from tests.practice.breaking import WAYS

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


# What each way of breaking writes besides the line of the request; the error's kind is all that is told of it.
TOLD = {
    "value": "ERROR django.request status=500 route=break/<str:way>/<str:word>/ error=ValueError at=breaking.py:",
    "template": "error=TemplateSyntaxError at=",
    "missing-template": "error=TemplateDoesNotExist at=",
    "integrity": "error=IntegrityError at=",
    "data": "error=ValidationError at=",
    "thread": "ERROR threads by=logs.py:",
    "warning": "WARNING py.warnings RuntimeWarning at=breaking.py:",
    "finaliser": "ERROR threads by=logs.py:",
    "denied": "status=403 route=break/<str:way>/<str:word>/",
    "missing": "status=404 route=break/<str:way>/<str:word>/",
    "bad": "status=400 route=break/<str:way>/<str:word>/",
    "suspicious": "status=400 route=break/<str:way>/<str:word>/",
    "allauth": "status=400",
}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return what the settings' handlers have written, and whatever else went to the terminal."""
    stream = io.StringIO()
    loggers = [logging.getLogger(name) for name in ("", *settings.LOGGING["loggers"])]
    for handler in {handler for logger in loggers for handler in logger.handlers}:
        if type(handler) is logging.StreamHandler:
            monkeypatch.setattr(handler, "stream", stream)
    return lambda: stream.getvalue() + "".join(capfd.readouterr())


@pytest.fixture
def _as_in_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let threads, finalisers and warnings speak as they do in a server, not to the test runner."""
    monkeypatch.setattr(threading, "excepthook", log_broken_thread)
    monkeypatch.setattr(sys, "unraisablehook", log_unraisable)
    logging.captureWarnings(False)
    with warnings.catch_warnings():
        logging.captureWarnings(True)
        yield
        logging.captureWarnings(False)
    logging.captureWarnings(True)


@pytest.mark.django_db
@pytest.mark.urls("tests.practice.breaking")
@pytest.mark.usefixtures("_as_in_service")
@pytest.mark.parametrize("way", sorted(WAYS))
def test_no_way_of_breaking_says_the_word(way: str, log: Callable[[], str]) -> None:
    Browser(raise_request_exception=False).get(f"/break/{way}/{SAID}/?word={SAID}", headers={"User-Agent": SAID})
    lines = log()
    assert SAID.lower() not in lines.lower()
    assert TOLD[way] in lines
    assert "route=break/<str:way>/<str:word>/" in lines


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("request_of", "told"),
    [
        (lambda browser: browser.get(f"/{SAID}/"), "status=404 route=unknown"),
        (lambda browser: browser.get("/", HTTP_HOST=f"{SAID}.test"), "django.security.DisallowedHost status=400"),
        (lambda browser: browser.post("/accounts/login/", {"login": SAID}), "django.security.csrf status=403"),
        (lambda browser: browser.post(f"/{SAID}/", {"a": SAID}), "status=404 route=unknown"),
        (lambda browser: browser.put(f"/x/{SAID}/", SAID), "status=405"),
        (lambda browser: browser.post("/accounts/login/", {SAID: SAID * 9}), "RequestDataTooBig status=413"),
    ],
    ids=["missing", "host", "csrf", "nowhere", "method", "too much"],
)
def test_no_refusal_says_the_word(
    request_of: Callable[[Browser], object], told: str, log: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 50)
    request_of(Browser(enforce_csrf_checks=True))
    lines = log()
    assert SAID.lower() not in lines.lower()
    assert told in lines


@pytest.mark.parametrize("name", ["allauth.account", "celery.worker.job", "kombu.connection", "reportlab", "PIL", ""])
def test_no_library_says_the_word(name: str, log: Callable[[], str]) -> None:
    logger = logging.getLogger(name)
    logger.error("Task %s[%s] with %r", SAID, {"id": SAID}, [SAID])
    logger.warning(f"{SAID} cannot be reached")
    logger.critical("Lost", exc_info=raised(), extra={"request_body": SAID}, stack_info=True)
    lines = log()
    assert SAID not in lines
    assert lines.count("by=test_logs.py:") == 3


def test_a_server_that_crashes_leaves_no_image_of_its_memory() -> None:
    leave_no_core()
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
