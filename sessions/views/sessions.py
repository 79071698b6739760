"""Pages of one session, and the forms that book and change it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.handing_over import HandedOver
from clients.models import Client
from clients.selectors import opened
from practice import clock
from practice.guards import StaffRequest, may
from practice.panels import panels_for
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions import sentences, services
from sessions.forms import BookForm, CancelForm, OutcomeForm, TimeForm
from sessions.models import ClientSession
from sessions.selectors import last_with, name_of

READ_AND_POST = ["GET", "HEAD", "POST"]
CLOSED = "This session is over or was cancelled, so it stays as it is."
AHEAD = "This session has not begun yet."
OUTCOMES = {
    "attended": "Marked as attended.",
    "did_not_attend": "Marked as did not attend.",
    "booked": "Marked as booked again.",
}


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def book(request: StaffRequest) -> HttpResponse:
    """Book a session; `?client=` chooses one of the viewer's clients beforehand."""
    form = BookForm(request.POST or None, viewer=request.user, initial=_usual(request))
    if request.method == "POST" and form.is_valid():
        try:
            booked = form.attempt(lambda: services.book_session(actor=request.user, **form.arguments()))
        except HandedOver as gone:
            raise Http404 from gone
        if booked is not None:
            messages.success(request, sentences.after_booking(booked))
            return redirect("sessions:detail", booked.pk)
    why = sentences.why_no_reminder(form.chosen) if form.chosen else ""
    return render(request, "sessions/book.html", {"form": form, "why": why, "zone_label": clock.zone_label()})


@may(Permission.CLIENT_READ)
@require_safe
def detail(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Show one session, its mail, and what rooms above have to say about it."""
    session = _mine(request, session_id)
    context = {
        **_named(session),
        "place": opened(session, "place"),
        "minutes": int(session.length.total_seconds()) // 60,
        "mail": sentences.mail_lines(session),
        "no_reminder": sentences.why_no_reminder(session.client) if session.is_open else "",
        "panels": panels_for("session", request.user, session),
    }
    return render(request, "sessions/detail.html", context)


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def move(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Give a session another time."""
    session = _mine(request, session_id)
    form = TimeForm(request.POST or None, initial=TimeForm.of(session))
    if not session.is_open:
        return _refused(request, session, CLOSED)
    if request.method == "POST" and form.is_valid():
        try:
            moved = form.attempt(lambda: services.move_session(actor=request.user, session=session, **form.arguments()))
        except services.SessionClosed:
            return _refused(request, session, CLOSED)
        except HandedOver as gone:
            raise Http404 from gone
        if moved is not None:
            messages.success(request, sentences.after_moving(moved))
            return redirect("sessions:detail", session.pk)
    why = sentences.why_no_reminder(session.client)
    return render(request, "sessions/move.html", {"form": form, "why": why, **_named(session)})


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def cancel(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Cancel a session and say by whom."""
    session, form = _mine(request, session_id), CancelForm(request.POST or None)
    if session.status != ClientSession.Status.BOOKED:
        return _refused(request, session, CLOSED)
    if request.method == "POST" and form.is_valid():
        try:
            mail = services.cancel_session(actor=request.user, session=session, by=form.cleaned_data["by"])
        except services.SessionClosed:
            return _refused(request, session, CLOSED)
        messages.success(request, sentences.after_cancelling(session, mail))
        return redirect("sessions:detail", session.pk)
    context = {"form": form, "reminder": sentences.before_cancelling(session), **_named(session)}
    return render(request, "sessions/cancel.html", context)


@may(Permission.SESSION_BOOK)
@require_POST
def outcome(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Mark how a session went; go back to where the button stood."""
    session, form = _mine(request, session_id), OutcomeForm(request.POST)
    if not form.is_valid():
        return _refused(request, session, "Please choose how it went.")
    said = form.cleaned_data["outcome"]
    try:
        services.mark_outcome(actor=request.user, session=session, outcome=said)
    except services.SessionClosed:
        return _refused(request, session, CLOSED)
    except services.SessionAhead:
        return _refused(request, session, AHEAD)
    messages.success(request, OUTCOMES[said])
    if form.cleaned_data["back"] == "today":
        return redirect("practice:today")
    return redirect("sessions:detail", session.pk)


def _mine(request: StaffRequest, session_id: UUID) -> ClientSession:
    return get_or_404(ClientSession.visible_to(request.user).select_related("client"), pk=session_id)


def _named(session: ClientSession) -> dict[str, object]:
    return {"session": session, "name": name_of(session.client), "zone_label": clock.zone_label()}


def _refused(request: StaffRequest, session: ClientSession, why: str) -> HttpResponseRedirect:
    messages.error(request, why)
    return redirect("sessions:detail", session.pk)


def _usual(request: StaffRequest) -> dict[str, object]:
    """Return what a booking for `?client=` begins with: how, where and how long it was the last time."""
    if "client" not in request.GET:
        return {}
    try:
        asked = UUID(request.GET["client"])
    except ValueError as error:
        raise Http404 from error
    client = get_or_404(Client.visible_to(request.user).filter(state=Client.State.ACTIVE), pk=asked)
    before = last_with(client, request.user, most=1)
    return {"client": str(client.pk), **(BookForm.usual(before[0]) if before else {})}
