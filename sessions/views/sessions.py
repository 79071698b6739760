"""Pages of one session, and the forms that book and change it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.handing_over import HandedOver
from clients.models import Client
from clients.selectors import opened
from practice import clock
from practice.guards import StaffRequest, may
from practice.panels import panels_for
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions import sentences, series, services
from sessions.agreements import number_of
from sessions.calendar import View
from sessions.details_form import DetailsForm
from sessions.forms import BookForm, MoveForm
from sessions.models import ClientSession
from sessions.offering import for_booking, for_moving, is_look_at_times, typed
from sessions.recurrence import Rule, in_words
from sessions.selectors import last_with, name_of
from sessions.series_forms import RepeatForm
from sessions.status_forms import CancelForm, OutcomeForm
from sessions.toasts import say_with_undo, undo_url
from sessions.views.series import book_repeatedly

READ_AND_POST = ["GET", "HEAD", "POST"]
CLOSED = "This session is over or was cancelled, so it stays as it is."
AHEAD = "This session has not begun yet."
# A blank in its place would be saved over it.
DAMAGED = "Where it is held could not be opened, so nothing here can be changed."
REFUSALS: dict[type[Exception], str] = {
    services.SessionClosed: "The work with this client has ended, so this session stays cancelled.",
    services.SessionAhead: AHEAD,
    services.DiaryClash: "There is another session at that time by now, so this one stays cancelled.",
}


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def book(request: StaffRequest) -> HttpResponse:
    """Book a session; `?client=`, `?day=`, `?time=` and `?type=` choose beforehand."""
    is_look = is_look_at_times(request.POST)
    first = typed(request.POST) if is_look else _chosen_beforehand(request)
    form = RepeatForm(None if is_look else request.POST or None, viewer=request.user, initial=first)
    if request.method == "POST" and "edit" not in request.POST and form.is_valid():
        answer = book_repeatedly(request, form) if form.is_series else _book_one(request, form)
        if answer is not None:
            return answer
    why = sentences.why_no_reminder(form.chosen) if form.chosen else ""
    offers = for_booking(request.user, form, is_sent=request.method == "POST")
    context = {"form": form, "why": why, "zone_label": clock.zone_label(), **offers}
    return render(request, "sessions/book.html", context)


def _book_one(request: StaffRequest, form: RepeatForm) -> HttpResponse | None:
    """Book one session by a valid form. None: there is something to look at first."""
    if form.is_warned(request.user.pk, buffer=form.buffer):
        return None
    try:
        booked = form.attempt(lambda: services.book_session(actor=request.user, **form.arguments()))
    except HandedOver as gone:
        raise Http404 from gone
    if booked is None:
        return None
    say_with_undo(request, sentences.after_booking(booked), booked)
    return redirect("sessions:detail", booked.pk)


@may(Permission.CLIENT_READ)
@require_safe
def detail(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Show one session, its mail, and what rooms above have to say about it."""
    session = _mine(request, session_id)
    context = {
        **_named(session),
        "place": opened(session, "place"),
        "minutes": int(session.length.total_seconds()) // 60,
        "numbered": number_of(session),
        "rule": in_words(Rule.of(session.series), session.series.clock_time) if session.series else "",
        "mail": sentences.mail_lines(session),
        "no_reminder": sentences.why_no_reminder(session.client) if session.is_open else "",
        "panels": panels_for("session", request.user, session),
        "statuses": ClientSession.Status.choices,
        "undo_url": undo_url(session, request.user),
        "may_be_booked_again": _may_be_booked_again(session),
    }
    return render(request, "sessions/detail.html", context)


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def move(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Give a session another time: from its form, or as the calendar sends it."""
    session = _mine(request, session_id)
    was = session.starts_at
    form = _move_form(request, session)
    if not session.is_open:
        return _refused(request, session, CLOSED)
    if request.method == "POST" and form.is_valid() and not _is_warned(form, session):
        try:
            moved = form.attempt(lambda: services.move_session(actor=request.user, session=session, **form.arguments()))
        except services.SessionClosed:
            return _refused(request, session, CLOSED)
        except services.SessionChanged as changed:
            return _changed(request, changed.session)
        except HandedOver as gone:
            raise Http404 from gone
        if moved is not None:
            say_with_undo(request, sentences.after_moving(moved, was=was), moved)
            return _back_to(form.cleaned_data["back"], moved)
    why = sentences.why_no_reminder(session.client)
    context = {"form": form, "why": why, **_named(session), **for_moving(request.user, session, form)}
    return render(request, "sessions/move.html", context)


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def cancel(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Cancel a session and say by whom."""
    session = _mine(request, session_id)
    form = CancelForm(request.POST or None, session=session, scope=request.GET.get("scope", ""))
    if not session.is_ahead:
        return _refused(request, session, CLOSED)
    if request.method == "POST" and form.is_valid():
        try:
            return _cancel(request, session, form)
        except (services.SessionClosed, services.SessionChanged):
            return _refused(request, session, CLOSED)
        except HandedOver as gone:
            raise Http404 from gone
    context = {"form": form, "reminder": sentences.before_cancelling(session), **_named(session)}
    return render(request, "sessions/cancel.html", context)


def _cancel(request: StaffRequest, session: ClientSession, form: CancelForm) -> HttpResponse:
    """Cancel one session, or a series from it on."""
    by, part = form.cleaned_data["by"], form.part_of_series
    if part is not None:
        gone = series.cancel_series(actor=request.user, session=session, by=by, **part)
        assert session.series is not None  # noqa: S101 - there is a part of it
        session.series.refresh_from_db(fields=["version"])
        say_with_undo(request, sentences.after_cancelling_series(session.series, gone), session.series)
        return redirect("sessions:series", session.series.pk)
    mail = services.cancel_session(actor=request.user, session=session, by=by)
    session.refresh_from_db(fields=["version", "status"])
    say_with_undo(request, sentences.after_cancelling(session, mail), session)
    return redirect("sessions:detail", session.pk)


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def details(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Change how and where a session is held, its kind, the pause after it and its fee."""
    session = _mine(request, session_id)
    if session.is_cancelled or opened(session, "place").is_damaged:
        return _refused(request, session, CLOSED if session.is_cancelled else DAMAGED)
    form = DetailsForm(request.POST or None, initial=DetailsForm.of(session), kept=session.session_type_id)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_details(actor=request.user, session=session, **form.arguments())
        except services.SessionClosed:
            return _refused(request, session, CLOSED)
        except services.SessionChanged:
            session = _mine(request, session_id)
            form = DetailsForm({**request.POST.dict(), "version": session.version}, kept=session.session_type_id)
            form.add_error(None, "This session was changed elsewhere meanwhile. Here is what you chose; save it again.")
        except HandedOver as gone:
            raise Http404 from gone
        else:
            messages.success(request, "Details saved.")
            return redirect("sessions:detail", session.pk)
    return render(request, "sessions/details.html", {"form": form, **_named(session)})


@may(Permission.SESSION_BOOK)
@require_POST
def outcome(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Mark how it stands with a session; go back to where the button stood."""
    session, form = _mine(request, session_id), OutcomeForm(request.POST)
    if not form.is_valid():
        return _refused(request, session, "Please choose how it went.")
    said = form.cleaned_data["outcome"]
    is_anew = _may_be_booked_again(session)
    try:
        session = services.mark_outcome(actor=request.user, session=session, outcome=said)
    except (services.SessionClosed, services.SessionAhead, services.DiaryClash) as refusal:
        return _refused(request, session, REFUSALS[type(refusal)])
    except HandedOver as gone:
        raise Http404 from gone
    marked = f"Marked as {session.get_status_display().lower()}."
    say_with_undo(request, sentences.after_booking_again(session) if is_anew else marked, session)
    return _back_to(form.cleaned_data["back"], session)


def _move_form(request: StaffRequest, session: ClientSession) -> MoveForm:
    is_look = is_look_at_times(request.POST)
    asked = typed(request.POST) if is_look else _asked(request)
    return MoveForm(None if is_look else request.POST or None, initial={**MoveForm.of(session), **asked})


def _may_be_booked_again(session: ClientSession) -> bool:
    """Say whether a cancelled session is still ahead, with a client who is still theirs to see."""
    client = session.client
    is_theirs = client.state == Client.State.ACTIVE and client.counsellor_id == session.counsellor_id
    return session.is_cancelled and not session.has_begun and is_theirs


def _is_warned(form: MoveForm, session: ClientSession) -> bool:
    """Say whether there is something to say first; a session that stays where it is needs no word."""
    if (form.cleaned_data["starts_at"], form.cleaned_data["length"]) == (session.starts_at, session.length):
        return False
    return form.is_warned(session.counsellor_id, buffer=session.buffer, but=[session.pk])


def _back_to(back: str, session: ClientSession) -> HttpResponseRedirect:
    """Go to where the form stood: Today, the diary with the session in view, or the session's own page."""
    if back == "today":
        return redirect("practice:today")
    if back in View:
        day = clock.local(session.starts_at).date()
        return redirect(f"{reverse('sessions:week')}?view={back}&day={day.isoformat()}#s-{session.pk}")
    return redirect("sessions:detail", session.pk)


def _changed(request: StaffRequest, session: ClientSession) -> HttpResponse:
    """Show the form anew where the session was changed elsewhere meanwhile, with its time as it stands."""
    form = MoveForm(initial=MoveForm.of(session))
    messages.error(request, "This session was changed elsewhere meanwhile. It stands now as shown; nothing was moved.")
    why = sentences.why_no_reminder(session.client)
    context = {"form": form, "why": why, **_named(session), **for_moving(request.user, session, form)}
    return render(request, "sessions/move.html", context, status=409)


def _mine(request: StaffRequest, session_id: UUID) -> ClientSession:
    return get_or_404(ClientSession.visible_to(request.user).select_related("client", "series"), pk=session_id)


def _named(session: ClientSession) -> dict[str, object]:
    return {"session": session, "name": name_of(session.client), "zone_label": clock.zone_label()}


def _refused(request: StaffRequest, session: ClientSession, why: str) -> HttpResponseRedirect:
    messages.error(request, why)
    return redirect("sessions:detail", session.pk)


def _chosen_beforehand(request: StaffRequest) -> dict[str, object]:
    """Return what a booking begins with: the day and time of the address, and what was usual with the client."""
    return {**_usual(request), **_asked(request)}


def _asked(request: StaffRequest) -> dict[str, object]:
    """Return the day, the time and the kind of session of the address."""
    fields = {"starts_on": "day", "clock_time": "time", "session_type": "type"}
    return {field: request.GET[name] for field, name in fields.items() if request.GET.get(name)}


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
