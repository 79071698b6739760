"""The client's page of one session: confirm it, ask for another time, cancel, ask to be contacted.

No log-in and no cookie; the link is the permission.
"""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clients.letters import greeting_name
from clients.link_pages import for_client, link_gone
from clients.links import LinkExpired, LinkUnknown, resolve
from clients.models import Client, ClientLink
from clients.selectors import opened
from practice import clock
from practice.guards import unreferred
from practice.slow import slows_wrong_tokens
from sessions import replies
from sessions.by_link import behind, doors, has_moved, spread, waiting, where, wishes_of
from sessions.client_forms import MoveForm, TalkForm
from sessions.models import ClientReply, ClientSession, DiaryRules
from sessions.slots import free_slots
from vault.errors import VaultError

Kind = ClientReply.Kind
FORMS = (Kind.MOVE, Kind.TALK)
AROUND, OFFERED_DAYS, MOST = timedelta(days=3), 14, 200


# A browser that names the page to nobody sends `Origin: null`, which Django's CSRF check refuses. There is nothing for
# it to protect here: no cookie counts, and whoever could forge a post would have to know the token.
@unreferred
@login_not_required
@slows_wrong_tokens
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def client_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show a client their session and take what they say about it. A GET changes nothing."""
    try:
        link = resolve(token, ClientLink.Purpose.SESSION)
    except LinkUnknown as error:
        return link_gone(request, error)
    except LinkExpired as error:
        return _closed(request, error)
    session = behind(link)
    if session is None:
        return link_gone(request, LinkUnknown())
    if request.method == "POST":
        return _take(request, session)
    return _show(request, session)


def _closed(request: HttpRequest, error: LinkExpired) -> HttpResponse:
    """Give back what was typed; else say only that the link has run out."""
    session = behind(error.link) if error.link is not None else None
    if session is None or not _typed(request):
        return link_gone(request, error)
    return _kept(request, session, status=HTTPStatus.GONE)


# --- what is shown ---------------------------------------------------------------------------------------
def _show(request: HttpRequest, session: ClientSession) -> HttpResponse:
    """Show the session, or the step of it that was asked for and is open."""
    rules, now = DiaryRules.current(), timezone.now()
    may, step = doors(session, rules, now), request.GET.get("step", "")
    if step == "cancel" and may.cancel:
        return _render(request, "sessions/client_cancel.html", session)
    if step in FORMS and getattr(may, step):
        return _form_page(request, session, step, _form(session, step, rules))
    asked = waiting(session)
    more: dict[str, Any] = {
        "may": may,
        "where": where(session, now),
        "asked": asked,
        "wishes": wishes_of(asked[Kind.MOVE]) if Kind.MOVE in asked else [],
        "has_moved": has_moved(session),
        "said": request.GET.get("said", ""),
    }
    return _render(request, "sessions/client_page.html", session, **more)


def _form_page(request: HttpRequest, session: ClientSession, kind: str, form: TalkForm) -> HttpResponse:
    status = 422 if form.errors else 200
    return _render(request, f"sessions/client_{kind}.html", session, status=status, form=form)


def _form(session: ClientSession, kind: str, rules: DiaryRules, data: Any = None) -> TalkForm:
    """Return the form that asks, beginning with what was asked before and waits for an answer."""
    reply = waiting(session).get(kind)
    initial = {} if reply is None else {"words": opened(reply, "words").text, "wishes": reply.wishes}
    if kind == Kind.TALK:
        return TalkForm(data, initial=initial)
    return MoveForm(data, slots=_offered(session) if rules.offers_slots else [], initial=initial)


def _offered(session: ClientSession) -> list[datetime]:
    """Return free times around the one that does not suit."""
    first = max(clock.today(), clock.local(session.starts_at).date() - AROUND)
    slots = free_slots(
        session.counsellor, length=session.length, buffer=session.buffer, first=first, days=OFFERED_DAYS, most=MOST,
        but=[session.pk],
    )  # fmt: skip
    return spread(slot for slot in slots if slot != session.starts_at)


# --- what is taken ---------------------------------------------------------------------------------------
def _take(request: HttpRequest, session: ClientSession) -> HttpResponse:
    """Do what was asked for and show the session again; give back what cannot be taken."""
    deed = request.POST.get("deed", "")
    try:
        refused = _do(request, session, deed)
    except (replies.OutOfDate, replies.NotOffered) as error:
        if _typed(request):
            return _kept(request, session, status=HTTPStatus.CONFLICT)
        return redirect(f"{request.path}?said=moved" if isinstance(error, replies.OutOfDate) else request.path)
    return refused or redirect(f"{request.path}?said={deed}")


def _do(request: HttpRequest, session: ClientSession, deed: str) -> HttpResponse | None:
    """Do one deed. Return a form that needs another look. Raise OutOfDate, NotOffered."""
    revision = _revision(request)
    if deed == "confirm":
        replies.confirm(session=session, revision=revision)
    elif deed == "cancel":
        replies.cancel(session=session, revision=revision)
    elif deed in FORMS:
        return _ask(request, session, deed, revision)
    else:
        raise replies.NotOffered
    return None


def _ask(request: HttpRequest, session: ClientSession, kind: str, revision: int) -> HttpResponse | None:
    rules = DiaryRules.current()
    if not getattr(doors(session, rules, timezone.now()), kind):
        raise replies.NotOffered
    if revision != session.revision:  # the times that its form offered stood around another
        raise replies.OutOfDate
    form = _form(session, kind, rules, request.POST)
    if not form.is_valid():
        return _form_page(request, session, kind, form)
    ask = replies.ask_to_move if kind == Kind.MOVE else replies.ask_for_contact
    ask(session=session, revision=revision, **form.cleaned_data)
    return None


def _revision(request: HttpRequest) -> int:
    """Return the revision that the form's page showed; 0, which no session has, where it is missing or no number."""
    told = request.POST.get("revision", "")
    return int(told) if told.isdecimal() and len(told) < 10 else 0


def _typed(request: HttpRequest) -> str:
    return request.POST.get("words", "").strip() if request.method == "POST" else ""


def _kept(request: HttpRequest, session: ClientSession, *, status: int) -> HttpResponse:
    is_open = status == HTTPStatus.CONFLICT
    return _render(request, "sessions/client_kept.html", session, status=status, typed=_typed(request), is_open=is_open)


def _render(
    request: HttpRequest, template: str, session: ClientSession, *, status: int = 200, **more: Any
) -> HttpResponse:
    client = session.client
    common = {
        "session": session,
        "minutes": int(session.length.total_seconds()) // 60,
        "zone_label": clock.zone_label(),
        "greeting_name": _greeting_name(client),
        "counsellor_name": "" if client.is_discreet else client.counsellor.first_name,
        **for_client(),
    }
    return render(request, template, {**common, **more}, status=status)


def _greeting_name(client: Client) -> str:
    try:
        return "" if client.is_discreet else greeting_name(client)
    except VaultError:
        return ""
