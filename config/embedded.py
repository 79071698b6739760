"""The embedded default: web server, Celery worker, beat and local mailbox in one process, without Redis.

The broker is Celery's in-memory one, so whoever publishes must live in this process. Whatever it loses at a stop is
asked for again by the next tick: the truth about mail is in the database.
"""

import signal
import threading
from types import FrameType
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from django.conf import settings
from waitress import create_server

from config.celery import start_embedded
from outbox import mailbox, mailbox_page

WEB_THREADS = 8
MEGABYTE = 1024 * 1024


def web_limits() -> dict[str, int]:
    """Return how much waitress takes and holds, in bytes.

    What outgrows its buffers waitress writes to a temporary file, as it is; so no request and no answer may. A body
    that is somewhat too large still comes through to its page, which says so.
    """
    body = (2 * settings.ATTACHMENT_MAX_MB + 8) * MEGABYTE
    return {"max_request_body_size": body, "inbuf_overflow": body + MEGABYTE, "outbuf_overflow": 1024 * MEGABYTE}


def uses_local_mailbox() -> bool:
    """Say whether this is the demo, and EMAIL_URL names the mailbox that this process would run."""
    url = urlsplit(settings.EMAIL_URL)
    return settings.DEMO and url.hostname in ("127.0.0.1", "localhost") and url.port == settings.MAILBOX_SMTP_PORT


class House:
    """All parts of one running Beside. `open()` returns when they listen; `serve()` blocks until a signal."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.smtp: Controller | None = None

    def open(self) -> None:
        """Bind every port. Raise OSError where one is taken."""
        from config.wsgi import application

        limits = web_limits()
        self.web = create_server(application, host=self.host, port=self.port, threads=WEB_THREADS, ident="", **limits)
        if uses_local_mailbox():
            self.smtp = mailbox.start_smtp()
            page = create_server(
                mailbox_page.application, host="127.0.0.1", port=settings.MAILBOX_PORT, threads=2, ident=""
            )
            threading.Thread(target=page.run, name="mailbox-page", daemon=True).start()

    def serve(self) -> None:
        """Run worker, beat and web until SIGINT, SIGTERM or SIGHUP; then stop them in the opposite order."""
        stop_celery = start_embedded()
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, _interrupt)
        try:
            self.web.run()  # waitress returns on KeyboardInterrupt
        finally:
            for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(name, signal.SIG_IGN)
            stop_celery()
            if self.smtp is not None:
                self.smtp.stop()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
