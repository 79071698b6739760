"""The diary: a day, a week, a month or an agenda."""

from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from practice import clock
from practice.guards import StaffRequest, may
from practice.roles import Permission
from sessions.calendar import Looks, View, page_of
from sessions.forms import LooksForm, WeekForm

# What a member wants to see in the diary, kept in the web session until they sign out.
LOOKS = "diary_looks"


@may(Permission.CLIENT_READ)
@require_safe
def week(request: StaffRequest) -> HttpResponse:
    """Show the diary around `?day=` or today; `?view=` says how much of it, a week if nothing."""
    form = WeekForm(request.GET) if "day" in request.GET else WeekForm(initial={"day": clock.today()})
    day = form.cleaned_data["day"] if form.is_valid() else clock.today()
    asked = request.GET.get("view", "")
    view = View(asked) if asked in View else View.WEEK
    looks = Looks(**request.session.get(LOOKS, {}))
    context = {
        "form": form, "views": View.choices, "page": page_of(request.user, view, day, looks), "looks": looks,
        "today": clock.today(), "shapes": {},
    }  # fmt: skip
    return render(request, "sessions/week.html", context)


@may(Permission.CLIENT_READ)
@require_POST
def looks(request: StaffRequest) -> HttpResponse:
    """Put names or cancelled sessions away, or bring them back; return to the page that it was said on."""
    form = LooksForm(request.POST)
    if not form.is_valid():
        return redirect("sessions:week")
    said = form.cleaned_data
    request.session[LOOKS] = {name: said[name] for name in ("hides_names", "hides_cancelled")}
    return redirect(_address(said["view"], said["day"]))


def _address(view: str, day: date) -> str:
    return f"{reverse('sessions:week')}?{urlencode({'view': view, 'day': day.isoformat()})}"
