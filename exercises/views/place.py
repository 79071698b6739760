"""A client's own place, by the link at the foot of every mail: mail stops before its door, the rest is behind it."""

from collections.abc import Callable

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

import clients.services
from clients.link_pages import for_client, link_gone
from clients.links import LinkExpired, LinkUnknown, resolve
from clients.models import Client, ClientLink
from exercises import answers, door, place_page
from exercises import place as deeds
from exercises.answers import NotWithClient
from exercises.patterns import charts_of, history
from exercises.place_form import QUICK, HourForm, PauseForm
from exercises.services import MailWaits, MayNotBeMailed
from practice import clock
from practice.guards import unreferred
from practice.slow import slows_wrong_tokens

# What came of a deed, for the page that follows; or the form that needs another look.
Outcome = str | dict[str, forms.Form]
MAIL_DEEDS: dict[str, Callable[..., bool]] = {
    "stop": clients.services.stop_mail,
    "start": clients.services.start_mail,
}


@unreferred
@login_not_required
@slows_wrong_tokens
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, token: str) -> HttpResponse:
    """Let a client stop mail and start it again without opening the page; also the one-click target of RFC 8058.

    The token is the permission, so there is nothing for a CSRF token to protect: mail programs post here by
    themselves, without a cookie. What is behind the door needs the door's cookie, which goes to no other site's post.
    """
    try:
        link = resolve(token, ClientLink.Purpose.MAIL)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            clients.services.stop_mail(client=link.client)
            return HttpResponse("Stopped.", content_type="text/plain")
        deed = request.POST.get("deed", "")
        if deed in MAIL_DEEDS:
            MAIL_DEEDS[deed](client=link.client)
        return _inside(request, link, token, deed) if door.is_open(request, link) else _outside(request, link, deed)
    except (LinkUnknown, LinkExpired) as error:
        return link_gone(request, error)


@unreferred
@login_not_required
@slows_wrong_tokens
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def patterns(request: HttpRequest, token: str) -> HttpResponse:
    """Show a client what they have shared so far, to re-read. No audit row: they read their own words."""
    try:
        link = resolve(token, ClientLink.Purpose.MAIL)
    except (LinkUnknown, LinkExpired) as error:
        return link_gone(request, error)
    shut = door.stands_before(request, link)
    if shut is not None:
        return shut
    if request.method == "POST":
        response: HttpResponse = redirect(request.path)
    else:
        found = history(place_page.shared_of(link.client))
        context = {"found": found, "charts": charts_of(found), "token": token, **for_client()}
        response = render(request, "exercises/patterns.html", context)
    door.open_door(request, response, link)
    return response


# --- before the door -------------------------------------------------------------------------------
def _outside(request: HttpRequest, link: ClientLink, deed: str) -> HttpResponse:
    said, status = door.Knock.IN, 403 if deed in DEEDS else 200
    if deed == "open":
        said = door.knock(link, request.POST.get("code", ""))
        status = 429 if said == door.Knock.WAIT else 422
        if said == door.Knock.IN:
            response: HttpResponse = redirect(request.path)
            door.open_door(request, response, link)
            return response
    more = {"has_closed": deed in DEEDS, **door.question(link, said)}
    context = {"client": link.client, "deed": deed, "is_agreed": _is_agreed(link.client), **more, **for_client()}
    return render(request, "exercises/place_shut.html", context, status=status)


def _is_agreed(client: Client) -> bool:
    return client.may_email == Client.MayEmail.YES and client.state == Client.State.ACTIVE


# --- behind it -------------------------------------------------------------------------------------
def _inside(request: HttpRequest, link: ClientLink, token: str, deed: str) -> HttpResponse:
    outcome: Outcome = deed if deed in MAIL_DEEDS else ""
    if deed in DEEDS:
        outcome = DEEDS[deed](link.client, request.POST)
    if isinstance(outcome, str) and request.method == "POST":
        response: HttpResponse = redirect(f"{request.path}?done={outcome}" if outcome else request.path)
    else:
        response = _show(request, link, token, outcome if isinstance(outcome, dict) else {})
    door.open_door(request, response, link)
    return response


def _show(request: HttpRequest, link: ClientLink, token: str, refused: dict[str, forms.Form]) -> HttpResponse:
    client, shows_all = link.client, "all" in request.GET
    written = place_page.written_of(client, None if shows_all else place_page.FIRST_SHOWN + 1)
    context = {
        "client": client,
        "running": place_page.running_of(client),
        "written": written if shows_all else written[: place_page.FIRST_SHOWN],
        "has_more": not shows_all and len(written) > place_page.FIRST_SHOWN,
        "is_agreed": _is_agreed(client),
        "is_paused": deeds.is_paused(client),
        "pause_form": PauseForm(),
        "hour_form": HourForm(initial={"hour": client.preferred_hour}),
        "done": done if (done := request.GET.get("done", "")) in DONE else "",
        "token": token,
        "counsellor_name": "" if client.is_discreet else client.counsellor.first_name,
    }
    return render(
        request, "exercises/place.html", {**context, **refused, **for_client()}, status=422 if refused else 200
    )


def _not_now(client: Client, post: QueryDict) -> Outcome:
    assignment = place_page.assignment_of(client, post.get("of", ""))
    if assignment is None:
        return "gone"
    try:
        answers.decline_for_now(assignment=assignment)
    except NotWithClient:
        return "gone"
    return "not_now"


def _send(client: Client, post: QueryDict) -> Outcome:
    assignment = place_page.assignment_of(client, post.get("of", ""))
    if assignment is None:
        return "gone"
    try:
        deeds.send_link(assignment=assignment)
    except NotWithClient:
        return "gone"
    except MailWaits:
        return "sent_lately"
    except (deeds.MailRests, MayNotBeMailed):
        return "rests"
    return "send"


def _stop_course(client: Client, post: QueryDict) -> Outcome:
    course = place_page.course_of(client, post.get("of", ""))
    if course is None:
        return "gone"
    deeds.stop_course(client=client, course=course)
    return "stop_course"


def _pause(client: Client, post: QueryDict) -> Outcome:
    length = QUICK.get(str(post.get("for")))
    if length is not None:
        deeds.pause(client=client, until=clock.today() + length)
        return "pause"
    form = PauseForm(post)
    if not form.is_valid():
        return {"pause_form": form}
    deeds.pause(client=client, until=form.cleaned_data["until"])
    return "pause"


def _resume(client: Client, post: QueryDict) -> Outcome:
    deeds.resume(client=client)
    return "resume"


def _hour(client: Client, post: QueryDict) -> Outcome:
    form = HourForm(post, initial={"hour": client.preferred_hour})
    if not form.is_valid():
        return {"hour_form": form}
    deeds.choose_hour(client=client, hour=form.cleaned_data["hour"])
    return "hour"


DEEDS: dict[str, Callable[[Client, QueryDict], Outcome]] = {
    "not_now": _not_now,
    "send": _send,
    "stop_course": _stop_course,
    "pause": _pause,
    "resume": _resume,
    "hour": _hour,
}
# What templates/exercises/_place_done.html has a word for.
DONE = {*MAIL_DEEDS, *DEEDS, "sent_lately", "rests", "gone"}
