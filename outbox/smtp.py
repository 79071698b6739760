"""One SMTP connection and one mail over it: builds the bytes, sends them, says at which stage an error came."""

import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.encoders import encode_base64
from email.message import Message as Part
from email.mime.base import MIMEBase
from email.utils import formataddr, parseaddr
from enum import Enum
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from outbox.kinds import Attachment, Mail
from outbox.models import Message

TIMEOUT_SECONDS = 30
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
CONNECT_ERRORS: tuple[type[Exception], ...] = (smtplib.SMTPException, OSError)


class Outcome(Enum):
    """The ways in which one try can end."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # 5xx on the address or the data: this mail will never arrive
    LATER = "later"  # 4xx, connection refused: try again
    OURS = "ours"  # 535 and the like: nothing will leave until somebody mends the settings
    UNKNOWN = "unknown"  # the line was lost after DATA: it may have arrived


@dataclass(frozen=True)
class Reply:
    """How one try ended, and what the server said: its codes, never its words."""

    outcome: Outcome
    text: str


def _reply_text(code: int, text: bytes | str) -> str:
    """Return the codes of a reply, its own and the enhanced one (RFC 3463). The words may name a person."""
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    enhanced = _ENHANCED.match(words)
    codes = [str(code) if 100 <= code <= 999 else "no reply code", enhanced[0] if enhanced else ""]
    return " ".join(filter(None, codes))


def open_connection() -> smtplib.SMTP:
    """Connect by EMAIL_URL and sign in. Raise OSError or smtplib.SMTPException."""
    url = urlsplit(settings.EMAIL_URL)
    host, name = url.hostname or "localhost", sender_domain()
    if url.scheme == "smtps":
        context = ssl.create_default_context()
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            host, url.port or 465, local_hostname=name, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(host, url.port or 25, local_hostname=name, timeout=TIMEOUT_SECONDS)
    try:
        if url.scheme == "smtp+tls":
            connection.starttls(context=ssl.create_default_context())
        if url.username:
            connection.login(unquote(url.username), unquote(url.password or ""))
    except CONNECT_ERRORS:
        connection.close()
        raise
    return connection


def sender() -> tuple[str, str]:
    """Return name and address of MAIL_FROM."""
    return parseaddr(settings.MAIL_FROM)


def sender_domain() -> str:
    """Return the domain of MAIL_FROM, for Message-IDs and for the greeting."""
    return sender()[1].rpartition("@")[2] or "localhost"


def build(mail: Mail, message: Message) -> bytes:
    """Return the mail as bytes: text part first, the same Message-ID on every try, no pixel.

    An invitation stands in it twice. Outlook and Gmail act on a `text/calendar` part only among the alternatives, with
    the method of the file repeated in its type (RFC 6047, 2.4); Thunderbird and Apple Mail offer it from there too, and
    programs that show no calendar part, or save files alone, find the same bytes as an attachment, of a type
    (`application/ics`) that is not taken for a second invitation. The calendar comes last, so that whoever reads no
    calendar shows the HTML. Base64, since a server that wraps lines or their ends would break the file's folding.
    """
    built = EmailMultiAlternatives(
        subject=" ".join(mail.subject.split()),
        body=mail.text,
        from_email=formataddr(sender()),
        to=[mail.to],
        headers={
            "Message-ID": f"<{message.message_id}@{sender_domain()}>",
            "X-Entity-Ref-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            **mail.headers,
        },
    )
    built.attach_alternative(mail.html, "text/html")
    for each in mail.attachments:
        built.attach(_attached(each))
    whole: Part = built.message()
    alternatives = next(part for part in whole.walk() if part.get_content_type() == "multipart/alternative")
    for each in mail.attachments:
        if each.is_invitation:
            alternatives.attach(_part(each, each.media_type, each.parameters))
    message_bytes: bytes = whole.as_bytes(linesep="\r\n")  # type: ignore[call-arg] # stubs lack linesep
    return message_bytes


def _attached(file: Attachment) -> MIMEBase:
    part = (
        _part(file, "application/ics", {"name": file.name})
        if file.is_invitation
        else _part(file, file.media_type, file.parameters)
    )
    part.add_header("Content-Disposition", "attachment", filename=file.name)
    return part


def _part(file: Attachment, media_type: str, parameters: Mapping[str, str]) -> MIMEBase:
    part = MIMEBase(*media_type.split("/"))
    for name, value in parameters.items():
        part.set_param(name, value)
    part.set_payload(file.content)
    encode_base64(part)
    return part


def transmit(connection: smtplib.SMTP, *, to: str, data: bytes) -> Reply:
    """Send one mail over an open connection. Every way it can end is a Reply, never an exception."""
    try:
        if (refusal := _envelope(connection, to)) is not None:
            return refusal
    except CONNECT_ERRORS as error:
        return Reply(Outcome.LATER, type(error).__name__)
    try:
        code, text = connection.data(data)
    except smtplib.SMTPDataError as error:  # the server would not even take the DATA command
        return _refusal(error.smtp_code, error.smtp_error)
    except CONNECT_ERRORS as error:
        return Reply(Outcome.UNKNOWN, f"line lost: {type(error).__name__}")
    if code >= 400:
        return _refusal(code, text)
    # smtplib gives -1 for an answer that is none
    return Reply(Outcome.ACCEPTED if _is_yes(code) else Outcome.UNKNOWN, _reply_text(code, text))


def _envelope(connection: smtplib.SMTP, to: str) -> Reply | None:
    """Name sender and recipient. Return what the server has against them, or None."""
    connection.ehlo_or_helo_if_needed()
    code, text = connection.mail(sender()[1])
    if code >= 500:  # it is our own address that it does not want
        return Reply(Outcome.OURS, _reply_text(code, text))
    if _is_yes(code):
        code, text = connection.rcpt(_ascii_domain(to))
    return None if _is_yes(code) else _refusal(code, text)


def _is_yes(code: int) -> bool:
    return 200 <= code < 300


def _ascii_domain(address: str) -> str:
    """Return the address with its domain as the wire has it. Raise UnicodeError where it is no domain."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def _refusal(code: int, text: bytes | str) -> Reply:
    if code in (530, 534, 535, 538):  # RFC 4954: the server wants other credentials from us
        return Reply(Outcome.OURS, _reply_text(code, text))
    return Reply(Outcome.REFUSED if code >= 500 else Outcome.LATER, _reply_text(code, text))


def connect_failure(error: Exception) -> Reply:
    """Judge an error of `open_connection`: ours when the server refused the sign-in for good, else try later."""
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
        return Reply(Outcome.OURS, _reply_text(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPNotSupportedError):  # EMAIL_URL asks for TLS or a sign-in that it does not have
        return Reply(Outcome.OURS, type(error).__name__)
    return Reply(Outcome.LATER, type(error).__name__)
