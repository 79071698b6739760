"""The local mailbox: what SMTP brings becomes a file and is read back."""

import smtplib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from outbox import mailbox
from tests.outbox.mails import a_mail


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
