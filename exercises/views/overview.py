"""How practice goes: the caseload week by week, one client over time, and several answers read together."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clients.models import Client
from exercises import overview as weeks
from exercises.progress import progress_of
from exercises.reviewing import read_together, review_all, waiting_of
from exercises.services import NothingToReview
from exercises.together_form import TogetherForm
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.selectors import name_of


@may(Permission.ANSWER_REVIEW)
@require_safe
def overview(request: StaffRequest) -> HttpResponse:
    """Show six weeks of the caseload, up to `?week=`."""
    caseload = weeks.caseload(request.user, weeks.week_of(request.GET.get("week", "")))
    context = {"caseload": caseload, "legend": weeks.legend_of(caseload.rows)}
    return render(request, "exercises/overview.html", context)


@may(Permission.ANSWER_REVIEW)
@require_safe
def progress(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Show how practice has gone for one client. Answers whose words are shown leave the trace of being read."""
    client = get_or_404(Client.visible_to(request.user), pk=client_id)
    context = {"client": client, "name": name_of(client), "progress": progress_of(request.user, client)}
    return render(request, "exercises/progress.html", context)


@may(Permission.ANSWER_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def together(request: StaffRequest, client_id: UUID, slug: str) -> HttpResponse:
    """Show all answers of one exercise that wait to be read, and mark those that were shown as reviewed."""
    client = get_or_404(Client.visible_to(request.user), pk=client_id)
    if request.method != "POST":
        return _together_page(request, client, slug, TogetherForm())
    form = TogetherForm(request.POST)
    if not form.is_valid():
        return _together_page(request, client, slug, form)
    try:
        reviewed = review_all(actor=request.user, client=client, **form.cleaned_data)
    except NothingToReview:
        messages.error(request, "None of these waits to be reviewed any more.")
        return _together_page(request, client, slug, form)
    messages.success(request, f"{len(reviewed)} marked as reviewed.")
    return redirect("clients:record", client.pk)


def _together_page(request: StaffRequest, client: Client, slug: str, form: TogetherForm) -> HttpResponse:
    waiting = list(waiting_of(request.user, client, slug))
    if not waiting and not form.is_bound:
        return redirect("clients:record", client.pk)
    if not form.is_bound:
        form.initial["shown"] = " ".join(str(each.pk) for each in waiting)
    context: dict[str, Any] = {
        "client": client, "name": name_of(client), "form": form, "rows": read_together(request.user, waiting),
        "title": waiting[0].version.title if waiting else "Answers",
    }  # fmt: skip
    return render(request, "exercises/together.html", context, status=422 if form.is_bound else 200)
