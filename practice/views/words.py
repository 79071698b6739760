"""Words that are not saved yet, and whether somebody is still here: what a page's scripts talk to."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from practice import clock, idle, keeping
from practice.guards import StaffRequest
from practice.keeping import NotThisForm, TooManyWords
from practice.kept_pages import kept_page
from practice.kept_text import NoWords, Sent, is_saved, named, sent_in
from practice.models import KeptWords
from practice.scoping import get_or_404
from vault.errors import VaultError


@require_POST
def words(request: HttpRequest) -> HttpResponse:
    """Keep what was typed on a page. Typing counts as being here."""
    try:
        sent = sent_in(request)
        if sent.is_typing:
            idle.touch(request)
        return _keep(cast(StaffRequest, request), sent)
    except (NoWords, NotThisForm):
        return _refusal("These are no words of a form of yours.", 422)
    except TooManyWords:
        return _refusal("This is more than can be kept.", 413)
    except VaultError:
        return _refusal("This can't be kept: there is no key for it any more.", 410)


def _keep(request: StaffRequest, sent: Sent) -> HttpResponse:
    sheet = keeping.sheet_of(request.user, sent.token)
    if is_saved(request, sheet):
        return HttpResponse(status=204)
    row = keeping.keep(user=request.user, sheet=sheet, words=sent.fields)
    return JsonResponse({"kept_at": f"{clock.local(row.kept_at):%H:%M}"}) if row else HttpResponse(status=204)


@require_safe
def words_page(request: HttpRequest, words_id: UUID) -> HttpResponse:
    """Show the words of one page, to be copied; as JSON to the page's own script."""
    row = _mine(request, words_id)
    try:
        fields, status = row.words, 200
    except VaultError:
        fields, status = None, 409
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"fields": fields or {}}, status=status)
    shown = None if fields is None else [(named(name), text) for name, text in fields.items()]
    context = {"kept": kept_page(row), "words": shown}
    return render(request, "practice/words_page.html", context, status=status)


@require_POST
def words_let_go(request: HttpRequest, words_id: UUID) -> HttpResponse:
    """Forget the words of one page."""
    keeping.let_go(_mine(request, words_id))
    if request.headers.get("Accept") == "application/json":
        return HttpResponse(status=204)
    messages.success(request, "Those words are no longer kept.")
    return redirect("practice:today")


@require_http_methods(["GET", "HEAD", "POST"])
def here(request: HttpRequest) -> HttpResponse:
    """Say how many seconds this sign-in still lasts. POST: somebody is here; asking alone does not count."""
    if request.method == "POST":
        idle.touch(request)
    return JsonResponse({"seconds": max(round(idle.seconds_left(request), 1), 0)})


def _mine(request: HttpRequest, words_id: UUID) -> KeptWords:
    return get_or_404(keeping.kept_by(cast(StaffRequest, request).user), pk=words_id)


def _refusal(why: str, status: int) -> JsonResponse:
    return JsonResponse({"error": why}, status=status)
