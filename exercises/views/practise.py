"""The client's page of one exercise: read, practise, answer. No log-in, no cookie; the link is the permission."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clients.link_pages import for_client, link_gone
from clients.links import LinkExpired, LinkUnknown, resolve
from clients.models import ClientLink
from clients.selectors import opened
from exercises import answers
from exercises.answers import NotWithClient
from exercises.forms import AnswerForm, typed_words
from exercises.mail import last_moment
from exercises.models import Answer, Assignment, Sharing
from exercises.selectors import behind, reply_of
from practice.guards import unreferred
from practice.slow import slows_wrong_tokens

State = Assignment.State


# A browser that names the page to nobody sends `Origin: null`, which Django's CSRF check refuses. There is nothing for
# it to protect here: no cookie counts, and whoever could forge a post would have to know the token.
@unreferred
@login_not_required
@slows_wrong_tokens
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def practise(request: HttpRequest, token: str) -> HttpResponse:
    """Show a client what is theirs, and take their answer or their "not this week". A GET changes nothing."""
    try:
        link = resolve(token, ClientLink.Purpose.EXERCISE)
    except LinkUnknown as error:
        return link_gone(request, error)
    except LinkExpired as error:
        return _closed(request, error)
    assignment = behind(link)
    if assignment is None:
        return link_gone(request, LinkUnknown())
    if request.method != "POST":
        return _show(request, assignment, link)
    if request.POST.get("deed") == "not_now":
        return _put_off(request, assignment)
    return _answer(request, assignment, link)


def _closed(request: HttpRequest, error: LinkExpired) -> HttpResponse:
    """Give back what was typed; say that an exercise was taken back, or only that the link has run out."""
    assignment = behind(error.link) if error.link is not None else None
    if assignment is None:
        return link_gone(request, error)
    if request.method == "POST" and typed_words(request.POST, assignment.version):
        return _give_back(request, assignment, status=410)
    if assignment.state == State.WITHDRAWN:
        return _render(request, "exercises/practise_withdrawn.html", assignment, status=410)
    return link_gone(request, error)


def _show(
    request: HttpRequest, assignment: Assignment, link: ClientLink, form: AnswerForm | None = None
) -> HttpResponse:
    more: dict[str, Any] = {"link_until": last_moment(link.expires_at)}
    if assignment.state == State.WITHDRAWN:
        return _render(request, "exercises/practise_withdrawn.html", assignment, status=410)
    if not assignment.is_open:
        more |= {"reply": reply_of(assignment), "is_just_sent": "sent" in request.GET}
        return _render(request, "exercises/practise_sent.html", assignment, **more)
    words = {name: opened(assignment, name) for name in ("personal_line", "why", "plan_when", "plan_where")}
    more |= {"words": words, "form": form or _form(assignment), "version": assignment.version}
    return _render(request, "exercises/practise.html", assignment, status=422 if form else 200, **more)


def _answer(request: HttpRequest, assignment: Assignment, link: ClientLink) -> HttpResponse:
    form = _form(assignment, request.POST)
    if assignment.is_open and not form.is_valid():
        return _show(request, assignment, link, form)
    if assignment.is_open:
        try:
            answers.submit_answer(assignment=assignment, sharing=form.cleaned_data["sharing"], values=form.values)
        except NotWithClient:
            return _give_back(request, assignment, status=409)
        return redirect(f"{request.path}?sent")
    if typed_words(request.POST, assignment.version) and not _is_what_was_sent(assignment, form):
        return _give_back(request, assignment, status=409)
    return redirect(request.path)


def _is_what_was_sent(assignment: Assignment, form: AnswerForm) -> bool:
    """Say whether a late post is the same form once more: then nothing of it is lost."""
    answer: Answer | None = getattr(assignment, "answer", None)
    if answer is None or not form.is_valid() or form.cleaned_data["sharing"] != answer.sharing:
        return False
    return answer.sharing == Sharing.DONE_ONLY or answer.values == form.values


def _put_off(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    try:
        answers.decline_for_now(assignment=assignment)
    except NotWithClient:
        return redirect(request.path)
    return redirect(f"{request.path}?sent")


def _give_back(request: HttpRequest, assignment: Assignment, *, status: int) -> HttpResponse:
    words = typed_words(request.POST, assignment.version)
    return _render(request, "exercises/practise_kept.html", assignment, status=status, typed=words)


def _form(assignment: Assignment, data: Any = None) -> AnswerForm:
    return AnswerForm(data, version=assignment.version, counsellor_name=_counsellor_name(assignment))


def _counsellor_name(assignment: Assignment) -> str:
    client = assignment.client
    return "" if client.is_discreet else client.counsellor.first_name


def _render(
    request: HttpRequest, template: str, assignment: Assignment, *, status: int = 200, **more: Any
) -> HttpResponse:
    common = {"assignment": assignment, "counsellor_name": _counsellor_name(assignment), **for_client()}
    return render(request, template, {**common, **more}, status=status)
