"""What docs/security.md says and no room's own tests show."""

import re
from pathlib import Path

import pytest
import structlog
from django.test import Client as Browser
from gunicorn.config import Config
from gunicorn.http.errors import InvalidHeader
from gunicorn.http.parser import RequestParser
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

from practice.roles import Role
from tests.factories import make_practice, make_user
from tests.practice.test_headers import addresses

ROOT = Path(__file__).resolve().parent.parent
BOTH_LENGTHS = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b"
TWO_LENGTHS = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde"


@pytest.mark.web
@pytest.mark.django_db
@pytest.mark.parametrize("role", ["", *Role.values])
def test_trace_gives_nothing_back(role: str) -> None:
    make_practice()
    browser = Browser(raise_request_exception=False)
    if role:
        browser.force_login(make_user(role))
    answers = [browser.generic("TRACE", path, headers={"X-Word": "whisper"}) for path in addresses()]
    # The closed sign-up answers as it does to a GET.
    assert {answer.status_code for answer in answers} <= {200, 301, 302, 400, 401, 403, 404, 405}
    assert [answer for answer in answers if b"whisper" in answer.content + str(answer.headers).encode()] == []


@pytest.mark.web
@pytest.mark.django_db
@pytest.mark.parametrize("role", ["", *Role.values])
def test_every_text_says_its_charset(role: str) -> None:
    make_practice()
    browser = Browser(raise_request_exception=False)
    if role:
        browser.force_login(make_user(role))
    kinds = {answer.headers.get("Content-Type", "") for answer in map(browser.get, addresses()) if answer.content}
    assert kinds == {"text/html; charset=utf-8", "text/plain; charset=utf-8", "application/json"}


def test_waitress_takes_a_request_of_two_lengths_for_one() -> None:
    parser, rest = HTTPRequestParser(Adjustments()), BOTH_LENGTHS
    while not parser.completed:
        rest = rest[parser.received(rest) :]
    # By its chunks: the other length is not looked at, and what follows is another request.
    assert (parser.error, rest) == (None, b"GET /b")
    assert parser.headers["CONTENT_LENGTH"] == "0"
    refused = HTTPRequestParser(Adjustments())
    refused.received(TWO_LENGTHS)
    assert refused.error is not None
    assert refused.error.code == 400


@pytest.mark.parametrize("request_bytes", [BOTH_LENGTHS, TWO_LENGTHS], ids=["length and chunks", "two lengths"])
def test_gunicorn_refuses_a_request_of_two_lengths(request_bytes: bytes) -> None:
    with pytest.raises(InvalidHeader):
        next(RequestParser(Config(), iter([request_bytes]), ("127.0.0.1", 1)))


def test_our_scripts_keep_nothing_in_the_browser() -> None:
    stores = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.|serviceWorker")
    scripts = sorted((ROOT / "static").glob("*.js"))
    assert len(scripts) > 1
    assert [path.name for path in scripts if stores.search(path.read_text())] == []


def test_our_scripts_neither_listen_to_other_windows_nor_make_names_of_what_is_typed() -> None:
    risky = re.compile(r"postMessage|onmessage|['\"]message['\"]|__proto__|Object\.assign")
    assert [path.name for path in sorted((ROOT / "static").glob("*.js")) if risky.search(path.read_text())] == []


def test_a_line_break_in_a_value_makes_no_line(caplog: pytest.LogCaptureFixture) -> None:
    structlog.get_logger("beside.web").info("request", route="x\nmethod=POST route=forged status=200")
    (line,) = caplog.messages
    assert 'route="x\\nmethod=POST' in line
    assert "\n" not in line
