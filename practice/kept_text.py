"""Nothing typed is lost: a form that cannot be taken any more is answered with the words that were in it.

The words go back to the browser that has just sent them, in a page that nobody keeps (no-store). They are stored
nowhere.
"""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

SECRET = ("password", "csrfmiddlewaretoken", "token", "nonce", "version")
# Shorter values are choices, dates and numbers: quickly chosen again.
WORTH_KEEPING = 12


def typed_words(request: HttpRequest) -> list[tuple[str, str]]:
    """Return (field, text) of what somebody typed, without passwords and machine values."""
    return [
        (capfirst(name.replace("_", " ")), text)
        for name, texts in request.POST.lists()
        if not any(part in name for part in SECRET)
        for text in map(str, texts)
        if len(text) >= WORTH_KEEPING and " " in text
    ]


def came_from(request: HttpRequest) -> str:
    """Return the path of the page that held the form, or Today's: some addresses take forms and show nothing."""
    referer = urlsplit(request.headers.get("Referer", ""))
    return referer.path if referer.netloc == request.get_host() and referer.path else resolve_url("practice:today")


class KindLoginMiddleware(LoginRequiredMiddleware):
    """Sends strangers to sign in; a form that arrives signed out gets its words back first."""

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        """Answer a signed-out request: 401 with the words for a form, else the way to the sign-in page."""
        refusal = super().process_view(request, *view)
        if refusal is None or request.method != "POST":
            return refusal
        sign_in = f"{reverse('account_login')}?{urlencode({'next': came_from(request)})}"
        context = {"words": typed_words(request), "sign_in": sign_in}
        return render(request, "practice/signed_out.html", context, status=401)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form came from a page of another sign-in, with what was typed in it."""
    context = {"words": typed_words(request), "page": came_from(request)}
    return render(request, "403_csrf.html", context, status=403)
