"""The audit trail."""

from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from practice import clock, selectors
from practice.forms import TrailForm
from practice.guards import StaffRequest, ask_again, may
from practice.roles import Permission
from practice.trail_export import export_trail

ROWS_A_PAGE = 50


@may(Permission.AUDIT_READ)
@require_safe
def audit(request: StaffRequest) -> HttpResponse:
    """Show who did what, newest first: references and ids, no client's name."""
    return _page(request, TrailForm(request.GET))


@may(Permission.AUDIT_EXPORT)
@require_POST
def audit_export(request: StaffRequest) -> HttpResponseBase:
    """Hand out what was chosen as a file for a spreadsheet. Who is asked who they are comes back to the same choice."""
    form = TrailForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    if not did_recently_reauthenticate(request):
        return ask_again(f"{reverse('practice:audit')}?{urlencode(form.chosen())}")
    lines = export_trail(actor=request.user, **form.filters())
    name = f"audit-trail-{clock.today():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        lines, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _page(request: StaffRequest, form: TrailForm, *, status: int = 200) -> HttpResponse:
    entries = selectors.audit_entries(**form.filters()) if form.is_valid() else selectors.audit_entries().none()
    page = Paginator(entries, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "rows": selectors.trail_rows(page),
        "chosen": form.chosen(),
        "stand": selectors.trail_stand(),
    }
    return render(request, "practice/audit.html", context, status=status)
