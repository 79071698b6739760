"""The local mailbox: what SMTP brings becomes a file, and its page shows it without letting it act."""

import smtplib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from wsgiref.types import WSGIEnvironment
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from pytest_django.fixtures import Settings

from outbox import mailbox, mailbox_page


@pytest.fixture(autouse=True)
def var_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def smtp() -> Iterator[smtplib.SMTP]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = mailbox.start_smtp(port=port)
    with smtplib.SMTP("127.0.0.1", port, local_hostname="beside.test", timeout=10) as connection:
        yield connection
    server.stop()


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


def a_mail(subject: str = "Reminder: Tuesday 24 November, 10:00", html: str = "<p>Hello Zoë</p>") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Beside <hello@beside.test>"
    mail["To"] = "Zoë Example <zoe@example.org>"
    mail["Subject"] = subject
    mail["Message-ID"] = "<1@beside.test>"
    mail["List-Unsubscribe"] = "<http://localhost:8000/m/abc/>, <mailto:stop@beside.test>"
    mail.set_content("Hello Zoë & all,\n\nopen http://localhost:8000/x/abc/.\n")
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def test_smtp_keeps_what_it_is_given_byte_for_byte(smtp: smtplib.SMTP, var_dir: Path) -> None:
    data = a_mail().as_bytes().replace(b"\n", b"\r\n")

    smtp.sendmail("hello@beside.test", ["anyone@nowhere.example.org", "else@example.org"], data)

    files = list((var_dir / "mailbox").iterdir())
    assert [path.suffix for path in files] == [".eml"]
    assert files[0].read_bytes() == data
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_a_stored_mail_is_read_back_with_its_parts(smtp: smtplib.SMTP) -> None:
    before = datetime.now(UTC)

    smtp.send_message(a_mail(subject="Für dich, Zoë"))

    (mail,) = mailbox.read_all()
    assert mail.subject == "Für dich, Zoë"
    assert mail.to == "Zoë Example <zoe@example.org>"
    assert mail.sender == "Beside <hello@beside.test>"
    assert mail.text == "Hello Zoë & all,\n\nopen http://localhost:8000/x/abc/.\n"
    assert mail.html == "<p>Hello Zoë</p>\n"
    assert before <= mail.received_at <= datetime.now(UTC)
    assert mailbox.read_one(mail.id) == mail


def test_the_newest_mail_comes_first(smtp: smtplib.SMTP) -> None:
    for subject in ("one", "two", "three"):
        smtp.send_message(a_mail(subject=subject))

    assert [mail.subject for mail in mailbox.read_all()] == ["three", "two", "one"]


def test_only_the_newest_500_are_kept() -> None:
    for number in range(502):
        mailbox.store(b"Subject: %d\r\n\r\n" % number)

    kept = [mail.subject for mail in mailbox.read_all()]
    assert kept == [str(number) for number in range(501, 1, -1)]


def test_a_mail_over_ten_megabytes_is_refused(smtp: smtplib.SMTP) -> None:
    lines = b"Subject: large\r\n\r\n" + (b"x" * 98 + b"\r\n") * (mailbox.MAX_BYTES // 100 + 1)

    with pytest.raises(smtplib.SMTPResponseException) as refusal:
        smtp.sendmail("hello@beside.test", ["zoe@example.org"], lines)

    assert refusal.value.smtp_code == 552
    assert mailbox.read_all() == []


def test_a_folder_that_cannot_be_written_is_told_to_the_sender(smtp: smtplib.SMTP, var_dir: Path) -> None:
    (var_dir / "mailbox").write_text("in the way")

    with pytest.raises(smtplib.SMTPDataError) as refusal:
        smtp.send_message(a_mail())

    assert refusal.value.smtp_code == 451


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
