"""The page of the local mailbox: it shows a mail without letting it act, and nothing else."""

from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from wsgiref.types import WSGIEnvironment
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from pytest_django.fixtures import Settings

from outbox import mailbox, mailbox_page
from tests.outbox.mails import a_mail


@pytest.fixture(autouse=True)
def var_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@dataclass
class Page:
    status: str
    headers: dict[str, str]
    text: str


def ask(path: str, method: str = "GET", host: str = "127.0.0.1:8001", query: str = "") -> Page:
    environ: WSGIEnvironment = {}
    setup_testing_defaults(environ)
    environ |= {"PATH_INFO": path, "REQUEST_METHOD": method, "HTTP_HOST": host, "QUERY_STRING": query}
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        told.append((status, headers))

    answer = validator(mailbox_page.application)(environ, start_response)  # type: ignore[arg-type]  # write() unused
    body = b"".join(answer)
    answer.close()  # type: ignore[attr-defined]  # validator's iterator has it
    return Page(told[0][0], dict(told[0][1]), body.decode())


class Frames(HTMLParser):
    """What a browser finds: the attributes of frames, and the names of all elements outside them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.frames: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "iframe":
            self.frames.append(dict(attrs))


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: =?no-such-letters?q?a?=\r\n\r\n",
        b"Subject: =?utf-8?b?A?=\r\n\r\n",
        b"Content-Type: text/html; charset=no-such\r\n\r\n\xff",
        b"Content-Type: multipart/alternative\r\n\r\nno boundary",
        b"Subject: \xff\xfe\r\nTo: <<<,,;:\r\n\r\n",
    ],
)
def test_a_damaged_mail_is_shown_and_harms_nothing(source: bytes) -> None:
    mailbox.store(source)

    (mail,) = mailbox.read_all()
    assert ask("/").status == "200 OK"
    assert ask(f"/mails/{mail.id}/").status == "200 OK"


def test_an_empty_mailbox_says_so() -> None:
    page = ask("/")

    assert page.status == "200 OK"
    assert "No mail yet." in page.text
    assert "Local mailbox: mail from this Beside goes nowhere else." in page.text


def test_the_list_shows_time_with_its_zone_addressee_and_subject(var_dir: Path) -> None:
    mailbox.store(a_mail(subject="Something from Zoë").as_bytes())
    (path,) = (var_dir / "mailbox").iterdir()
    in_summer = datetime(2026, 7, 14, 9, 5, tzinfo=UTC)
    path.rename(path.with_name(f"{int(in_summer.timestamp()) * 10**9:020d}-0123abcd.eml"))

    page = ask("/")

    assert "Tue 14 Jul 2026, 10:05 BST" in page.text
    assert "Something from Zoë" in page.text
    assert "To Zoë Example &lt;zoe@example.org&gt;" in page.text
    assert "/mails/01784019900000000000-0123abcd/" in page.text


def test_the_list_refreshes_by_itself_until_told_to_keep_still() -> None:
    refresh = '<meta http-equiv="refresh" content="5">'

    assert refresh in ask("/").text
    assert refresh not in ask("/", query="still").text


def test_one_mail_shows_headers_html_text_and_source() -> None:
    mailbox.store(a_mail(subject="Something for you").as_bytes())
    (mail,) = mailbox.read_all()

    page = ask(f"/mails/{mail.id}/")

    assert page.status == "200 OK"
    assert "&lt;1@beside.test&gt;" in page.text
    assert 'href="http://localhost:8000/m/abc/"' in page.text
    assert "Hello Zoë &amp; all," in page.text
    assert ">http://localhost:8000/x/abc/</a>." in page.text
    assert "MIME-Version: 1.0" in page.text
    (frame,) = Frames(page.text).frames
    assert frame["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"
    assert frame["srcdoc"] == '<!DOCTYPE html><base target="_blank"><p>Hello Zoë</p>\n'


def test_a_mail_of_text_alone_has_no_frame() -> None:
    mailbox.store(a_mail(html="").as_bytes())
    (mail,) = mailbox.read_all()

    page = ask(f"/mails/{mail.id}/")

    assert Frames(page.text).frames == []
    assert "This mail has no HTML part." in page.text


def test_a_script_in_a_mail_stays_a_text_in_the_sandbox() -> None:
    evil = '"></iframe><script>alert(1)</script><img src="http://example.org/pixel">'
    mail = a_mail(subject="<script>alert(2)</script>", html=evil)
    mailbox.store(mail.as_bytes())
    (stored,) = mailbox.read_all()

    page = ask(f"/mails/{stored.id}/")
    found = Frames(page.text)

    assert found.tags.count("script") == 0
    assert found.tags.count("img") == 0
    assert len(found.frames) == 1
    assert found.frames[0]["srcdoc"] == f'<!DOCTYPE html><base target="_blank">{evil}\n'
    assert "allow-scripts" not in str(found.frames[0]["sandbox"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a <b> & c", "a &lt;b&gt; &amp; c"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        (
            'http://a.test/"onclick=x',
            '<a href="http://a.test/" target="_blank" rel="noopener noreferrer">http://a.test/</a>&quot;onclick=x',
        ),
        (
            "(see https://a.test/?a=1&b=2).",
            '(see <a href="https://a.test/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">'
            "https://a.test/?a=1&amp;b=2</a>).",
        ),
    ],
)
def test_links_in_text_are_made_safely(text: str, shown: str) -> None:
    assert mailbox_page.linkify(text) == shown


@pytest.mark.parametrize(
    "path",
    [
        "/mails/../../secret/",
        "/mails/..%2f..%2fsecret/",
        "/mails/../secret.eml",
        "/mails//",
        "/mails/00000000000000000000-00000000/",
        "/secret",
        "/static/../../manage.py",
        "/favicon.ico",
    ],
)
def test_what_is_not_in_the_listing_is_not_found(path: str, var_dir: Path) -> None:
    mailbox.store(b"Subject: a\r\n\r\n")
    (var_dir / "secret").write_text("secret")
    (var_dir / "mailbox" / "secret.eml").write_text("secret")

    page = ask(path)

    assert page.status == "404 Not Found"
    assert "secret" not in page.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_the_page_can_only_be_read(method: str) -> None:
    page = ask("/", method=method)

    assert page.status == "405 Method Not Allowed"
    assert page.headers["Allow"] == "GET"


@pytest.mark.parametrize("host", ["evil.example.org", "", "127.0.0.1.example.org:8001"])
def test_a_foreign_host_name_is_refused(host: str) -> None:
    assert ask("/", host=host).status == "400 Bad Request"


@pytest.mark.parametrize("host", ["localhost:8001", "127.0.0.1:8001", "localhost"])
def test_local_names_are_answered(host: str) -> None:
    assert ask("/", host=host).status == "200 OK"


def test_nothing_may_be_loaded_and_inline_styles_only_where_a_mail_is_shown() -> None:
    mailbox.store(a_mail().as_bytes())
    (mail,) = mailbox.read_all()
    closed = (
        "default-src 'none'; script-src 'none'; img-src 'none'; style-src {}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )

    listing, shown = ask("/"), ask(f"/mails/{mail.id}/")

    assert listing.headers["Content-Security-Policy"] == closed.format("'self'")
    assert shown.headers["Content-Security-Policy"] == closed.format("'self' 'unsafe-inline'")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/beside.css", "/mailbox.css"])
def test_the_stylesheets_come_from_the_same_port(path: str) -> None:
    page = ask(path)

    assert page.status == "200 OK"
    assert page.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "@layer" in page.text
