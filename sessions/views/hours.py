"""A counsellor's working hours."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from practice import clock
from practice.guards import StaffRequest, may
from practice.roles import Permission
from sessions import arrangements
from sessions.hours_form import HoursForm
from sessions.models import WorkingHours


@may(Permission.SESSION_BOOK)
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: StaffRequest) -> HttpResponse:
    """Show and change the viewer's own week; the button "copy" only fills Monday's hours in for the other days."""
    kept = WorkingHours.objects.filter(counsellor=request.user)
    is_copy = "copy" in request.POST
    first = HoursForm.like_monday(request.POST.dict()) if is_copy else HoursForm.initial_for(kept)
    form = HoursForm(None if is_copy else request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        changed = arrangements.change_hours(actor=request.user, spans=form.spans())
        messages.success(request, "Working hours saved." if changed else "Nothing has changed.")
        return redirect("sessions:hours")
    context = {"form": form, "is_copy": is_copy, "zone_label": clock.zone_label()}
    return render(request, "sessions/hours.html", context)
