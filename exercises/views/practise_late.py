"""A client's link whose time is up: what was typed goes on, or is given back."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from clients.link_pages import link_gone
from clients.links import LinkExpired
from clients.models import Client
from exercises import drafts
from exercises.answer_form import carried, texts_of
from exercises.models import Assignment
from exercises.selectors import behind
from exercises.views import practise_deeds as deeds
from exercises.views import practise_pages as pages
from exercises.views.visit import Visit


def visit_of(request: HttpRequest, token: str, error: LinkExpired) -> Visit | None:
    """Return the visit by a link that is closed; None where there is nothing behind it."""
    assignment = behind(error.link) if error.link is not None else None
    return Visit(request, error.link, assignment, token) if error.link is not None and assignment is not None else None


def closed(visit: Visit) -> HttpResponse | None:
    """Answer at a closed link; None where it has just been opened for longer, with words that wait to go on."""
    if not _may_be_kept_open(visit):
        return _for_good(visit)
    held = carried(visit.request.POST, visit.version, then="save") if any(visit.typed.values()) else []
    if visit.request.POST.get("deed") != "extend":
        return deeds.said(visit, "run_out", HTTPStatus.GONE) if visit.is_script else pages.run_out(visit.request, held)
    try:
        visit.link = drafts.extend_link(link=visit.link)
    except drafts.TooOld:
        return _for_good(visit)
    return None if held else redirect(visit.request.path)


def _may_be_kept_open(visit: Visit) -> bool:
    link, client = visit.link, visit.assignment.client
    is_recent = link.expires_at >= timezone.now() - drafts.EXTENDED_WITHIN
    is_theirs = client.state == Client.State.ACTIVE and visit.assignment.state != Assignment.State.WITHDRAWN
    return link.revoked_at is None and is_recent and is_theirs


def _for_good(visit: Visit) -> HttpResponse:
    """Give back what was typed; say that an exercise was taken back, or only that the link has run out."""
    if visit.request.method == "POST" and texts_of(visit.typed, visit.version):
        return pages.give_back(visit, status=HTTPStatus.GONE)
    if visit.assignment.state == Assignment.State.WITHDRAWN:
        return pages.show(visit)
    return link_gone(visit.request, LinkExpired(visit.link))
