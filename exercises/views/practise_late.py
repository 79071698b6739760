"""A client's link whose time is up: what was typed goes on, or is given back."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from clients.link_pages import link_gone
from clients.links import LinkExpired
from clients.models import Client
from exercises import door, drafts
from exercises.answer_form import carried, texts_of
from exercises.models import Assignment
from exercises.selectors import behind
from exercises.views import practise_deeds as deeds
from exercises.views import practise_pages as pages
from exercises.views.visit import Visit

# Whoever says one of these is heard also when the link's time is up.
LEAVING: dict[str, Callable[[Visit], HttpResponse]] = {"not_now": deeds.not_now, "too_much": deeds.too_much}


def visit_of(request: HttpRequest, token: str, error: LinkExpired) -> Visit | None:
    """Return the visit by a link that is closed; None where there is nothing behind it."""
    assignment = behind(error.link) if error.link is not None else None
    return Visit(request, error.link, assignment, token) if error.link is not None and assignment is not None else None


def closed(visit: Visit) -> HttpResponse | None:
    """Answer at a closed link; None where it has just been opened for longer, with words that wait to go on."""
    if not _may_be_kept_open(visit):
        return _for_good(visit)
    is_leaving = visit.deed in LEAVING
    if is_leaving and _may_leave(visit):
        return LEAVING[visit.deed](visit)
    has_more = is_leaving or any(visit.typed.values())
    held = carried(visit.request.POST, visit.version, then=visit.deed if is_leaving else "save") if has_more else []
    if visit.request.POST.get("deed") != "extend":
        if visit.is_script:
            return deeds.said(visit, "run_out", HTTPStatus.GONE)
        return pages.run_out(visit.request, held, is_leaving=is_leaving)
    try:
        visit.link = drafts.extend_link(link=visit.link)
    except drafts.TooOld:
        return _for_good(visit)
    return None if held else redirect(visit.request.path)


def _may_leave(visit: Visit) -> bool:
    """Say whether "not this week" and "too much" are heard at once: neither shows anything but what was chosen."""
    return door.asks_for(visit.link.client) == "none" or door.is_open(visit.request, visit.link)


def _may_be_kept_open(visit: Visit) -> bool:
    link, client = visit.link, visit.assignment.client
    is_recent = link.expires_at >= timezone.now() - drafts.EXTENDED_WITHIN
    is_theirs = client.state == Client.State.ACTIVE and visit.assignment.state != Assignment.State.WITHDRAWN
    return link.revoked_at is None and is_recent and is_theirs


def _for_good(visit: Visit) -> HttpResponse:
    """Give back what was typed; say that an exercise was taken back, or only that the link has run out."""
    if visit.deed == "too_much":
        return pages.unheard(visit, texts_of(visit.typed, visit.version))
    if visit.request.method == "POST" and texts_of(visit.typed, visit.version):
        return pages.give_back(visit, status=HTTPStatus.GONE)
    if visit.assignment.state == Assignment.State.WITHDRAWN:
        return pages.show(visit)
    return link_gone(visit.request, LinkExpired(visit.link))
