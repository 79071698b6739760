"""The diary, a week at a time."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from practice import clock
from practice.guards import StaffRequest, may
from practice.roles import Permission
from sessions.forms import WeekForm
from sessions.selectors import week_of


@may(Permission.CLIENT_READ)
@require_safe
def week(request: StaffRequest) -> HttpResponse:
    """Show the seven days of a week: this one, or that of `?day=`."""
    form = WeekForm(request.GET) if "day" in request.GET else WeekForm()
    day = form.cleaned_data["day"] if form.is_valid() else clock.today()
    return render(request, "sessions/week.html", {"form": form, "week": week_of(request.user, day)})
