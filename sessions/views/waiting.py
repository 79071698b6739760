"""The waiting list, and who on it would take a gap."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.handing_over import HandedOver
from clients.models import Client
from clients.selectors import opened
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions import waiting
from sessions.models import WaitingEntry
from sessions.selectors import name_of
from sessions.slots import fits
from sessions.waiting_forms import GapForm, WaitingForm
from sessions.waiting_list import waiting_entry, waiting_list, who_fits

READ_AND_POST = ["GET", "HEAD", "POST"]
GONE = "This client is on the waiting list no more."
BACK = "sessions:waiting"


@may(Permission.CLIENT_READ)
@require_safe
def listed(request: StaffRequest) -> HttpResponse:
    """Show who waits for a time, the urgent first, then who has waited longest."""
    return render(request, "sessions/waiting.html", {"rows": waiting_list(request.user)})


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def add(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Put a client on the list; who is on it already has a page there."""
    client = get_or_404(Client.visible_to(request.user).filter(state=Client.State.ACTIVE), pk=client_id)
    if (entry := waiting_entry(request.user, client)) is not None:
        return redirect("sessions:waiting_entry", entry.pk)
    form = WaitingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            waiting.wait(actor=request.user, client=client, **form.cleaned_data)
        except HandedOver as gone:
            raise Http404 from gone
        except waiting.AlreadyWaiting:
            messages.info(request, "This client is on the waiting list already.")
            return redirect(BACK)
        messages.success(request, "On the waiting list.")
        return redirect(BACK)
    return render(request, "sessions/waiting_add.html", {"form": form, "client": client, "name": name_of(client)})


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def entry(request: StaffRequest, entry_id: UUID) -> HttpResponse:
    """Change what would suit somebody who waits."""
    row = _mine(request, entry_id)
    if row.left_at is not None:
        return _gone(request)
    if opened(row, "note").is_damaged:
        return render(request, "clients/damaged.html", {"client": row.client})
    form = WaitingForm(request.POST or None, entry=row, initial=WaitingForm.of(row))
    if request.method == "POST" and form.is_valid():
        try:
            waiting.change_waiting(actor=request.user, entry=row, **form.cleaned_data)
        except HandedOver as gone:
            raise Http404 from gone
        except waiting.NotWaiting:
            return _gone(request)
        messages.success(request, "Saved.")
        return redirect(BACK)
    context = {"form": form, "entry": row, "client": row.client, "name": name_of(row.client)}
    return render(request, "sessions/waiting_entry.html", context)


@may(Permission.SESSION_BOOK)
@require_POST
def leave(request: StaffRequest, entry_id: UUID) -> HttpResponse:
    """Take a client off the list."""
    try:
        waiting.stop_waiting(actor=request.user, entry=_mine(request, entry_id))
    except HandedOver as gone:
        raise Http404 from gone
    except waiting.NotWaiting:
        return _gone(request)
    messages.success(request, "Taken off the waiting list.")
    return redirect(BACK)


@may(Permission.SESSION_BOOK)
@require_safe
def gap(request: StaffRequest) -> HttpResponse:
    """Show who on the list would take the gap of `?day=&time=&minutes=`."""
    form = GapForm(request.GET or None)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        starts_at, room = form.cleaned_data["starts_at"], form.cleaned_data["room"]
        context["starts_at"] = starts_at
        context["is_free"] = fits(request.user, starts_at, room)
        context["matches"] = who_fits(request.user, starts_at, room)
    return render(request, "sessions/gap.html", context)


def _mine(request: StaffRequest, entry_id: UUID) -> WaitingEntry:
    rows = WaitingEntry.visible_to(request.user).select_related("client", "session_type")
    return get_or_404(rows, pk=entry_id)


def _gone(request: StaffRequest) -> HttpResponseRedirect:
    messages.info(request, GONE)
    return redirect(BACK)
