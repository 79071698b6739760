"""Nothing typed is lost: a form that cannot be taken any more is answered with the words that were in it.

The words go back to the browser that has just sent them, in a page that nobody keeps (no-store). Where the form came
too late from a member whom we still know, they are kept for that member too (practice/keeping.py).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from practice import keeping
from practice.keeping import NotThisForm, Sheet, TooManyWords
from practice.models import User
from vault.errors import VaultError

SECRET = ("password", "csrfmiddlewaretoken", "token", "nonce", "version")
# Shorter values are choices, dates and numbers: quickly chosen again.
WORTH_KEEPING = 12
# What a form calls otherwise than its name would have it.
_NAMES = {"clock_time": "Time", "minutes": "Length in minutes", "starts_on": "Date", "until_on": "Last day"}
TOKEN = "keep_token"  # noqa: S105 - the name of a form's field
MOST_FIELDS = 100
LONGEST_NAME = 100
SHOWINGS = "saved_showings"
MOST_SHOWINGS = 20


class NoWords(ValueError):
    """What was sent is no form's words."""


@dataclass(frozen=True)
class Sent:
    """What a browser sent to be kept: whose form, what stood in it, and whether somebody was typing just now."""

    token: str
    fields: dict[str, str]
    is_typing: bool = True


def typed_words(request: HttpRequest) -> list[tuple[str, str]]:
    """Return (field, text) of what somebody typed, without passwords and machine values."""
    return [
        (named(name), text)
        for name, texts in request.POST.lists()
        if not is_secret(name)
        for text in map(str, texts)
        if len(text) >= WORTH_KEEPING and " " in text
    ]


def is_secret(name: str) -> bool:
    """Say whether a field of this name is none that anything is kept of."""
    return any(part in name for part in SECRET)


def named(name: str) -> str:
    """Return a field's name in words, as its form calls it."""
    return _NAMES.get(name) or capfirst(name.replace("_", " "))


def came_from(request: HttpRequest) -> str:
    """Return the path of the page that held the form, or Today's: some addresses take forms and show nothing."""
    referer = urlsplit(request.headers.get("Referer", ""))
    return referer.path if referer.netloc == request.get_host() and referer.path else resolve_url("practice:today")


def sent_in(request: HttpRequest) -> Sent:
    """Return what a form, or the script that watches it (JSON), has sent. Raise NoWords."""
    if request.content_type != "application/json":
        fields = {name: str(text) for name, text in request.POST.items()}
        return Sent(fields.get(TOKEN, ""), _checked(fields))
    try:
        sent = json.loads(request.body)
        token, fields, is_quiet = sent[TOKEN], sent["fields"], sent.get("quiet", False)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NoWords from error
    if not isinstance(token, str) or not isinstance(fields, dict):
        raise NoWords
    return Sent(token, _checked(fields), is_typing=not is_quiet)


def _checked(fields: dict[str, Any]) -> dict[str, str]:
    """Return the fields that may be kept, line ends as the browser has them. Raise NoWords."""
    if len(fields) > MOST_FIELDS:
        raise NoWords
    for name, text in fields.items():
        if not isinstance(text, str) or len(name) > LONGEST_NAME:
            raise NoWords
        try:
            f"{name}{text}".encode()
        except UnicodeEncodeError as error:  # half a character, such as a lone surrogate
            raise NoWords from error
    return {name: text.replace("\r\n", "\n") for name, text in fields.items() if not is_secret(name)}


def keep_late(request: HttpRequest, member: User) -> Sheet | None:
    """Keep the words of a form that came after its member was signed out. None: there was nothing that could be."""
    if request.method != "POST":
        return None
    try:
        sent = sent_in(request)
        sheet = keeping.sheet_of(member, sent.token)
        row = keeping.keep(user=member, sheet=sheet, words=sent.fields)
    except (NoWords, NotThisForm, TooManyWords, VaultError):
        return None
    return sheet if row is not None else None


def is_saved(request: HttpRequest, sheet: Sheet) -> bool:
    """Say whether this showing of a form has been taken already: what comes from it afterwards is late news."""
    return sheet.showing in request.session.get(SHOWINGS, ())


class KindLoginMiddleware(LoginRequiredMiddleware):
    """Sends strangers to sign in; a form that arrives signed out gets its words back first."""

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        """Answer a signed-out request: 401 with the words for a form, else the way to the sign-in page."""
        refusal = super().process_view(request, *view)
        if refusal is None or request.method != "POST":
            return refusal
        sheet: Sheet | None = getattr(request, "kept_sheet", None)
        back = sheet.page if sheet else came_from(request)
        sign_in = f"{reverse('account_login')}?{urlencode({'next': back})}"
        # Words that are kept need not stand on a screen at which nobody is signed in.
        words = [] if sheet else typed_words(request)
        is_watched = TOKEN in request.POST
        context = {"words": words, "sign_in": sign_in, "is_kept": sheet is not None, "is_watched": is_watched}
        response = render(request, "practice/signed_out.html", context, status=401)
        if sheet:
            response.headers["Words-Kept"] = "yes"  # static/keep.js goes on to the sign-in page
        return response


class SavedWordsMiddleware:
    """Lets go of kept words once their form has been taken: its POST leads on to another page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A way through the account pages (who is it, once more?) is not yet a yes.
        leads_on = response.status_code in (302, 303) and not response.headers["Location"].startswith("/accounts/")
        if request.method == "POST" and leads_on and TOKEN in request.POST and isinstance(request.user, User):
            _forget(request, request.user)
        return response


def _forget(request: HttpRequest, member: User) -> None:
    try:
        sheet = keeping.sheet_of(member, request.POST[TOKEN])
    except NotThisForm:
        return
    keeping.forget_page(member, sheet.page)
    # The browser may still be sending what was typed a moment before: that is not to come back as unsaved.
    request.session[SHOWINGS] = [*request.session.get(SHOWINGS, ()), sheet.showing][-MOST_SHOWINGS:]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form came from a page of another sign-in, with what was typed in it."""
    context = {"words": typed_words(request), "page": came_from(request)}
    return render(request, "403_csrf.html", context, status=403)
