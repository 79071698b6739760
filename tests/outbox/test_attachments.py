"""Files that go with a mail: a calendar part where mail programs look for it, and the same file to save."""

import email
import email.policy
from email.message import EmailMessage

import pytest

from outbox.kinds import Attachment, Mail
from outbox.sender import Tally, send_due
from tests.outbox.rows import again, plan_one, register_kind
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db
FILE = "BEGIN:VCALENDAR\r\nSUMMARY:Zoë, 10 o’clock\r\n .\r\nEND:VCALENDAR\r\n".encode()


def sent(sink: Sink, *attachments: Attachment) -> EmailMessage:
    """Send one mail over real SMTP and return it as a mail program reads it."""
    mail = Mail("a@example.org", "Hello", "Hello Zoë\n", "<p>Hello Zoë</p>", attachments=attachments)
    register_kind(render=lambda message: mail)
    plan_one()
    assert send_due() == Tally(sent=1)
    return email.message_from_bytes(sink.taken[0].data[: -len(b".\r\n")], policy=email.policy.default)


def calendar(method: str) -> Attachment:
    return Attachment("appointment.ics", FILE, "text/calendar", {"method": method, "charset": "utf-8"})


def types(mail: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in mail.walk()]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_an_invitation_stands_last_among_the_alternatives_and_again_as_a_file(method: str, sink: Sink) -> None:
    got = sent(sink, calendar(method))

    assert types(got) == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics",
    ]  # fmt: skip
    *_, shown, kept = got.walk()
    assert (shown.get_param("method"), shown.get_param("charset")) == (method, "utf-8")
    assert shown.get_content_disposition() is None
    assert (kept.get_content_disposition(), kept.get_filename()) == ("attachment", "appointment.ics")
    assert (shown.get_payload(decode=True), kept.get_payload(decode=True)) == (FILE, FILE)


def test_a_published_calendar_is_a_file_alone(sink: Sink) -> None:
    got = sent(sink, calendar("PUBLISH"))

    assert types(got) == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"]
    *_, kept = got.walk()
    assert (kept.get_param("method"), kept.get_filename()) == ("PUBLISH", "appointment.ics")
    assert kept.get_payload(decode=True) == FILE


def test_the_words_and_the_headers_stay_as_they_were(sink: Sink) -> None:
    got = sent(sink, calendar("REQUEST"))

    text, html = got.get_body(("plain",)), got.get_body(("html",))
    assert text is not None
    assert html is not None
    assert (text.get_content(), html.get_content()) == ("Hello Zoë\r\n", "<p>Hello Zoë</p>")
    assert (got["Subject"], got["Auto-Submitted"], len(got.get_all("Message-ID", []))) == ("Hello", "auto-generated", 1)
    assert all(len(line) <= 78 for line in sink.taken[0].data.split(b"\r\n"))


def test_the_copy_that_is_kept_holds_no_file(sink: Sink) -> None:
    register_kind(
        render=lambda message: Mail("a@example.org", "Hello", "Hi", "<p>Hi</p>", attachments=(calendar("REQUEST"),))
    )
    row = plan_one()

    assert send_due() == Tally(sent=1)
    assert again(row).sent_copy == {"to": "a@example.org", "subject": "Hello", "text": "Hi"}
