"""The audit trail."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from practice import selectors
from practice.forms import TrailForm
from practice.guards import StaffRequest, may
from practice.roles import Permission

ROWS_A_PAGE = 50


@may(Permission.AUDIT_READ)
@require_safe
def audit(request: StaffRequest) -> HttpResponse:
    """Show who did what, newest first: references and ids, no client's name."""
    form = TrailForm(request.GET)
    entries = selectors.audit_entries(**form.filters()) if form.is_valid() else selectors.audit_entries().none()
    page = Paginator(entries, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": [selectors.trail_row(entry) for entry in page]}
    return render(request, "practice/audit.html", context)
