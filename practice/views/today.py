"""Today: what the day holds and what waits."""

from typing import Never, cast

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from practice import clock, selectors
from practice.guards import StaffRequest
from practice.panels import panels_for

# On Today, panels registered before this are the day's work; the others stand beside it (practice/panels.py).
BESIDE_FROM = 90


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show what the day holds and what waits for this member."""
    viewer = cast(StaffRequest, request).user
    panels = panels_for("today", viewer)
    now = clock.local(timezone.now())
    context = {
        "day": [panel for panel in panels if panel.order < BESIDE_FROM],
        "beside": [panel for panel in panels if panel.order >= BESIDE_FROM],
        "needs": sum(panel.needs for panel in panels),
        "trouble": selectors.mail_trouble(),
        "now": now,
        "greeting": "Good morning" if now.hour < 12 else "Good afternoon" if now.hour < 18 else "Good evening",
    }
    return render(request, "practice/today.html", context)


@login_not_required
def closed(request: HttpRequest, **rest: str) -> Never:
    """Answer for pages of allauth that make no sense where members come by invitation."""
    raise Http404
