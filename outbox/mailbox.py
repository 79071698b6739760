"""The local mailbox: an SMTP server on loopback that keeps each mail as a file and passes none on."""

import os
import re
import secrets
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from functools import cached_property
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings

KEPT_MAILS = 500
MAX_BYTES = 10 * 1024 * 1024
# Nanoseconds since 1970, then chance: names sort by time and say nothing of the mail.
_NAME = re.compile(r"(\d{20}-[0-9a-f]{8})\.eml")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class StoredMail:
    """One mail as it came in. `id` is the name of its file without the ending; `received_at` is UTC."""

    id: str
    received_at: datetime
    source: bytes

    @property
    def sender(self) -> str:
        return self.header("From")

    @property
    def to(self) -> str:
        return self.header("To")

    @property
    def subject(self) -> str:
        return self.header("Subject")

    @property
    def text(self) -> str:
        """Return the first plain-text part, or "" when there is none."""
        return self._part("text/plain")

    @property
    def html(self) -> str:
        """Return the first HTML part, or "" when there is none."""
        return self._part("text/html")

    def header(self, name: str) -> str:
        """Return a header in readable letters on one line, or "" when the mail has none of that name."""
        value = self._headers.get(name, "")
        try:
            return " ".join(str(make_header(decode_header(value))).split())
        except (HeaderParseError, LookupError, UnicodeError):  # damaged, or letters of an unknown kind
            return " ".join(str(value).split())

    # A list needs the headers alone; a body of megabytes stays unparsed until somebody looks.
    @cached_property
    def _headers(self) -> Message:
        return BytesHeaderParser().parsebytes(_END_OF_HEADERS.split(self.source, maxsplit=1)[0])

    def _part(self, content_type: str) -> str:
        for part in message_from_bytes(self.source).walk():
            if part.get_content_type() == content_type and part.get_content_disposition() != "attachment":
                return _letters(part)
        return ""


def _letters(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        text = data.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def folder() -> Path:
    """Return the folder of the mailbox; it may not exist yet."""
    return settings.VAR_DIR / "mailbox"


def read_all() -> list[StoredMail]:
    """Return every mail, the newest first."""
    return [mail for mail_id in reversed(_ids()) if (mail := _read(mail_id))]


def read_one(mail_id: str) -> StoredMail | None:
    """Return the mail of that id, or None. An id becomes a path only when the listing has it."""
    return _read(mail_id) if mail_id in _ids() else None


def store(data: bytes) -> None:
    """Write one mail in a single step, readable by its owner alone, and let the oldest over 500 go."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    mail_id = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    descriptor, partial = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder())
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(partial, _path(mail_id))
    except OSError:
        Path(partial).unlink(missing_ok=True)
        raise
    for old_id in _ids()[:-KEPT_MAILS]:
        _path(old_id).unlink(missing_ok=True)


class _Keeper:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail for whomever it is. aiosmtpd chose the name; it accepts every address by itself."""
        content = envelope.original_content
        try:
            store(content if isinstance(content, bytes) else b"")
        except OSError:
            return "451 The mailbox cannot write its file"
        return "250 Kept in the local mailbox"


def start_smtp(host: str = "127.0.0.1", port: int | None = None) -> Controller:
    """Serve SMTP in a thread of its own, by default at MAILBOX_SMTP_PORT; the caller stops it with `.stop()`.

    Raise OSError when the port is taken.
    """
    controller = Controller(
        _Keeper(),
        hostname=host,
        port=settings.MAILBOX_SMTP_PORT if port is None else port,
        data_size_limit=MAX_BYTES,
        # Given, since aiosmtpd would ask the network for the name of this machine.
        server_hostname="localhost",
        ident="Beside local mailbox",
    )
    controller.start()
    return controller


def _ids() -> list[str]:
    if not folder().is_dir():
        return []
    return sorted(match[1] for name in os.listdir(folder()) if (match := _NAME.fullmatch(name)))


def _path(mail_id: str) -> Path:
    return folder() / f"{mail_id}.eml"


def _read(mail_id: str) -> StoredMail | None:
    try:
        source = _path(mail_id).read_bytes()
    except FileNotFoundError:  # a newer mail has just pushed it out
        return None
    seconds = int(mail_id.partition("-")[0]) / 1_000_000_000
    return StoredMail(id=mail_id, received_at=datetime.fromtimestamp(seconds, UTC), source=source)
