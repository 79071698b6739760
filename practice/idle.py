"""Signed out after a quiet while (IDLE_MINUTES), so that nobody reads on at a desk that was left.

The server decides: a page's script only warns beforehand and covers the page in time. What counts as being here is a
page opened, a form sent, a key or a pointer moved (`practice:here`, POST) and typing (`practice:words`); a page that
asks by itself how long is left does not.
"""

from collections.abc import Callable
from time import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from practice import trail
from practice.kept_text import keep_late
from practice.models import User

SEEN, BEGAN = "seen_at", "began_at"
TOUCH_SECONDS = 60.0
# These say for themselves whether somebody is here.
BY_THEMSELVES = ("practice:here", "practice:words")
QUIET = "You were signed out after a quiet while. Sign in, and you are back on your page."
LONG = "You were signed out, since a sign-in lasts twelve hours at most. Sign in, and you are back on your page."


def limit() -> float:
    """Return the seconds without input after which a sign-in ends."""
    return float(settings.IDLE_MINUTES) * 60


def touch_every() -> float:
    """Return how many seconds go by before being here is written down again: a write for each key would be many."""
    return min(TOUCH_SECONDS, limit() / 10)


def touch(request: HttpRequest) -> None:
    """Write down that somebody is here."""
    now = time()
    request.session.setdefault(BEGAN, now)
    if now - request.session.get(SEEN, 0) >= touch_every():
        request.session[SEEN] = now


def seconds_left(request: HttpRequest) -> float:
    """Return how long this sign-in lasts if nothing happens; zero or less when it is over."""
    now = time()
    quiet = min(float(request.session.get(SEEN, now)) + limit() - now, limit())
    return min(quiet, _whole_left(request, now))


def _whole_left(request: HttpRequest, now: float) -> float:
    return float(request.session.get(BEGAN, now)) + settings.SESSION_COOKIE_AGE - now


def begin(request: HttpRequest, **signal: Any) -> None:
    """Start both clocks at sign-in, and not at the first page after it."""
    request.session[SEEN] = request.session[BEGAN] = time()


class IdleMiddleware:
    """Ends a sign-in whose time is up at the next request; a form that comes with it is kept for its member."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Look at the clock, after the form's origin has been checked."""
        if SESSION_KEY not in request.session:
            return
        if seconds_left(request) <= 0:
            end(request)
        elif request.resolver_match is None or request.resolver_match.view_name not in BY_THEMSELVES:
            touch(request)


def end(request: HttpRequest) -> None:
    """End a sign-in whose time is up: once, be there many windows."""
    member, is_long = request.user, _whole_left(request, time()) <= 0
    if isinstance(member, User):
        request.kept_sheet = keep_late(request, member)  # type: ignore[attr-defined]  # KindLoginMiddleware reads it
    with transaction.atomic():
        is_first = Session.objects.filter(pk=request.session.session_key).delete()[0]
        request.session.flush()
        if is_first and isinstance(member, User):
            trail.record("sign_in.end" if is_long else "sign_in.idle", actor=member, subject=member)
    request.user = AnonymousUser()
    if is_first:
        messages.info(request, LONG if is_long else QUIET)
