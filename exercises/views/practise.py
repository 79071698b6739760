"""The client's page of one exercise: open, practise, save, answer. No log-in; the link is the permission."""

from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clients.link_pages import link_gone
from clients.links import LinkExpired, LinkUnknown, resolve
from clients.models import ClientLink
from exercises import answers, door
from exercises.answer_form import carried, texts_of
from exercises.selectors import behind
from exercises.views import practise_deeds as deeds
from exercises.views import practise_late as late
from exercises.views import practise_pages as pages
from exercises.views.visit import Visit
from practice.guards import unreferred
from practice.slow import slows_wrong_tokens

DEEDS: dict[str, Callable[[Visit], HttpResponse]] = {
    "send": deeds.send,
    "save": deeds.save,
    "next": deeds.save,
    "back": deeds.save,
    "show_one": deeds.save,
    "show_all": deeds.save,
    "not_now": deeds.not_now,
    "too_much": deeds.too_much,
}


# A browser that names the page to nobody sends `Origin: null`, which Django's CSRF check refuses. Whoever could forge a
# post would have to know the token, and the door's cookie goes with no post from another site (SameSite).
@unreferred
@login_not_required
@slows_wrong_tokens
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def practise(request: HttpRequest, token: str) -> HttpResponse:
    """Show a client what is theirs once they have opened it, and do what they ask for. A GET changes nothing."""
    try:
        link = resolve(token, ClientLink.Purpose.EXERCISE)
        assignment = behind(link)
        if assignment is None:
            raise LinkUnknown
        return _at_the_door(Visit(request, link, assignment, token))
    except LinkUnknown as error:
        return link_gone(request, error)
    except LinkExpired as error:
        return _after_its_time(request, token, error)
    except RequestDataTooBig:
        return pages.too_large(request)


def _after_its_time(request: HttpRequest, token: str, error: LinkExpired) -> HttpResponse:
    """Offer to keep a page open whose time is up; whoever wants that goes on at its door."""
    try:
        visit = late.visit_of(request, token, error)
        if visit is None:
            return link_gone(request, error)
        return late.closed(visit) or _at_the_door(visit)
    except RequestDataTooBig:
        return pages.too_large(request)


def _at_the_door(visit: Visit) -> HttpResponse:
    """Let in whoever has opened the page, or opens it now; "not this week" can be said from outside, without a code."""
    request, link = visit.request, visit.link
    is_outside = request.POST.get("deed") == "not_now" and door.asks_for(link.client) == "none"
    if not is_outside:
        held = list(carried(request.POST, visit.version)) if request.method == "POST" else []
        texts = texts_of(visit.typed, visit.version)
        shut = door.stands_before(request, link, carried=held, texts=texts, may_decline=visit.assignment.is_open)
        if shut is not None:
            return deeds.said(visit, "door", HTTPStatus.FORBIDDEN) if visit.is_script else shut
    response = _do(visit)
    door.open_door(request, response, link)
    return response


def _do(visit: Visit) -> HttpResponse:
    """Do one deed; the button of the neutral page is followed by the deed that it held up."""
    request = visit.request
    if request.method != "POST":
        return pages.show(visit)
    if request.POST.get("deed") == "open":
        answers.open_page(assignment=visit.assignment)
        if visit.deed not in DEEDS:
            return redirect(request.path)
    return DEEDS.get(visit.deed, deeds.save)(visit)
