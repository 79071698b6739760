"""The page of the local mailbox: a small read-only WSGI app on a port of its own, for one machine.

It stands apart from the site: no URLconf, no sign-in, no cookie, no script, nothing loaded from elsewhere.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http.request import split_domain_port, validate_host
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from outbox import mailbox

REFRESH_SECONDS = 5
SHOWN_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe")
_STYLESHEETS = {"/beside.css": "beside.css", "/mailbox.css": "mailbox.css"}
_MAIL_PATH = re.compile(r"/mails/([0-9a-f-]+)/")
_URL = re.compile(r"(https?://[^\s<>\"']+)")
_CLOSED = (
    "default-src 'none'; script-src 'none'; img-src 'none'; style-src {styles}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A mail carries its styles inline, and its frame inherits the policy of the page around it.
_CSP_LIST = _CLOSED.format(styles="'self'")
_CSP_MAIL = _CLOSED.format(styles="'self' 'unsafe-inline'")


@dataclass(frozen=True)
class _Reply:
    status: str
    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    csp: str = _CSP_LIST
    more: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> list[tuple[str, str]]:
        headers = {
            "Content-Type": self.content_type,
            "Content-Length": str(len(self.body)),
            "Content-Security-Policy": self.csp,
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            **self.more,
        }
        return list(headers.items())


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a GET with the list, one mail or a stylesheet, and refuse all else."""
    reply = _answer(environ)
    start_response(reply.status, reply.headers)
    return [reply.body]


def _answer(environ: WSGIEnvironment) -> _Reply:
    if not _is_local_name(environ.get("HTTP_HOST", "")):
        return _Reply("400 Bad Request", b"The local mailbox answers to local names only.\n")
    if environ["REQUEST_METHOD"] != "GET":
        return _Reply("405 Method Not Allowed", b"The local mailbox can only be read.\n", more={"Allow": "GET"})
    path = environ.get("PATH_INFO", "") or "/"
    if path == "/":
        return _list(is_still=environ.get("QUERY_STRING", "") == "still")
    if path in _STYLESHEETS:
        return _stylesheet(_STYLESHEETS[path])
    match = _MAIL_PATH.fullmatch(path)
    mail = mailbox.read_one(match[1]) if match else None
    if mail is None:
        return _Reply("404 Not Found", b"There is no such mail here. The newest 500 are kept.\n")
    return _mail(mail)


def _is_local_name(host: str) -> bool:
    # Without this another site could point a name of its own at 127.0.0.1 and read the mails (DNS rebinding).
    domain, _port = split_domain_port(host)
    return validate_host(domain, [*settings.ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]"])


def _list(*, is_still: bool) -> _Reply:
    context = {"mails": mailbox.read_all(), "is_still": is_still, "refresh_seconds": REFRESH_SECONDS}
    return _page("outbox/mailbox.html", context, _CSP_LIST)


def _mail(mail: mailbox.StoredMail) -> _Reply:
    context = {
        "mail": mail,
        "headers": [(name, linkify(value)) for name in SHOWN_HEADERS if (value := mail.header(name))],
        # Links must leave the frame: a page of ours refuses to be framed.
        "html": f'<!DOCTYPE html><base target="_blank">{mail.html}' if mail.html else "",
        "text": linkify(mail.text),
        "source": mail.source.decode("utf-8", "replace"),
    }
    return _page("outbox/mailbox_mail.html", context, _CSP_MAIL)


def _page(template: str, context: dict[str, object], csp: str) -> _Reply:
    body = render_to_string(template, context).encode("utf-8", "replace")
    return _Reply("200 OK", body, "text/html; charset=utf-8", csp)


def _stylesheet(name: str) -> _Reply:
    path = finders.find(name)
    body = Path(path).read_bytes() if path else b""
    return _Reply("200 OK", body, "text/css; charset=utf-8", more={"Cache-Control": "max-age=300"})


def linkify(text: str) -> SafeString:
    """Return text as HTML, escaped, with its http and https addresses as links that open a new tab."""
    return format_html_join("", "{}", ((_link(piece),) for piece in _URL.split(text)))


def _link(piece: str) -> str:
    if not _URL.fullmatch(piece):
        return piece
    # The full stop after an address belongs to the sentence.
    url = piece.rstrip(".,;:!?)")
    anchor = '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>{}'
    return format_html(anchor, url, url, piece[len(url) :])
