"""Pages of a series: what it runs into before it is booked, its own page, changing and ending it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clients.handing_over import HandedOver
from clients.selectors import opened
from practice import clock
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions import sentences, series
from sessions.diary import SessionChanged, SessionClosed
from sessions.models import ClientSession, Series
from sessions.outlook import Occurrence
from sessions.recurrence import Rule, in_words
from sessions.selectors import name_of
from sessions.series_forms import RepeatForm, SeriesForm
from sessions.toasts import say_with_undo, undo_url

READ_AND_POST = ["GET", "HEAD", "POST"]
NOTHING = "Every day of this would be skipped, so nothing would be booked."
GONE = "This series has changed or ended meanwhile. It stands now as shown."


def book_repeatedly(request: StaffRequest, form: RepeatForm) -> HttpResponse | None:
    """Book a series by a valid form, or ask what becomes of the days that run into something. None: see the form."""
    if form.is_warned_softly(request.user.pk, buffer=form.buffer):
        return None
    try:
        booked = form.attempt(lambda: series.book_series(actor=request.user, **form.series_arguments()))
    except series.SeriesHits as hits:
        return _ask(request, form, hits.occurrences, "Book series")
    except series.NothingToBook:
        form.add_error("repeats", NOTHING)
        return None
    except HandedOver as gone:
        raise Http404 from gone
    if booked is None:
        return None
    say_with_undo(request, sentences.after_booking_series(booked), booked)
    return redirect("sessions:series", booked.pk)


@may(Permission.CLIENT_READ)
@require_safe
def detail(request: StaffRequest, series_id: UUID) -> HttpResponse:
    """Show a series: its rule, and its sessions by day."""
    row = get_or_404(Series.visible_to(request.user).select_related("client"), pk=series_id)
    sessions = ClientSession.visible_to(request.user).filter(series=row).defer("place").order_by("starts_at")
    ahead = [each for each in sessions if each.is_ahead and not each.has_begun]
    context = {
        "series": row,
        "name": name_of(row.client),
        "rule": in_words(Rule.of(row), row.clock_time),
        "ahead": ahead,
        "past": [each for each in sessions if each not in ahead][::-1],
        "zone_label": clock.zone_label(),
        "undo_url": undo_url(row, request.user),
    }
    return render(request, "sessions/series.html", context)


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def change(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Change a series from one of its sessions on, or all of it that is ahead."""
    rows = ClientSession.visible_to(request.user).select_related("client", "series__session_type")
    session = get_or_404(rows.filter(series__isnull=False), pk=session_id)
    assert session.series is not None  # noqa: S101 - the query says so
    reason = _why_not(session, session.series)
    if reason:
        messages.error(request, reason)
        return redirect("sessions:series", session.series.pk)
    first = SeriesForm.of(session, session.series)
    form = SeriesForm(request.POST or None, initial=first, kept=session.series.session_type_id)
    if request.method == "POST" and "edit" not in request.POST and form.is_valid():
        answer = _change(request, session, form)
        if answer is not None:
            return answer
    context = {"form": form, "session": session, "name": name_of(session.client), "zone_label": clock.zone_label()}
    return render(request, "sessions/series_change.html", context)


def _why_not(session: ClientSession, row: Series) -> str:
    """Return why a series cannot be changed from this session on; empty where it can."""
    if not session.is_open or session.has_begun:
        return "This session has begun, is over or was cancelled. Choose one that is ahead."
    # A blank in its place would be saved over it.
    is_damaged = opened(row, "place").is_damaged
    return "Where it is held could not be opened, so the series cannot be changed." if is_damaged else ""


def _change(request: StaffRequest, session: ClientSession, form: SeriesForm) -> HttpResponse | None:
    assert session.series is not None  # noqa: S101 - the caller's
    arguments = form.series_arguments(session.series)
    if form.is_warned_softly(session.counsellor_id, buffer=arguments["terms"].at.buffer, but=[session.pk]):
        return None
    try:
        new = form.attempt(lambda: series.change_series(actor=request.user, session=session, **arguments))
    except series.SeriesHits as hits:
        return _ask(request, form, hits.occurrences, "Change series")
    except series.NothingToBook:
        form.add_error("starts_on", NOTHING)
        return None
    except (SessionChanged, SessionClosed):
        messages.error(request, GONE)
        return redirect("sessions:series", session.series.pk)
    except HandedOver as gone:
        raise Http404 from gone
    if new is None:
        return None
    say_with_undo(request, sentences.after_changing_series(new), new)
    return redirect("sessions:series", new.pk)


def _ask(
    request: StaffRequest, form: RepeatForm | SeriesForm, occurrences: list[Occurrence], deed: str
) -> HttpResponse:
    """Show the days of a series, and ask of each that runs into something what becomes of it."""
    context = {
        "form": form,
        "deed": deed,
        "occurrences": occurrences,
        "hits": sum(each.is_hit for each in occurrences),
        "zone_label": clock.zone_label(),
    }
    return render(request, "sessions/series_hits.html", context)
