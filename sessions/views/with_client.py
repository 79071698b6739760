"""What was agreed with one client about their sessions."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clients.handing_over import HandedOver
from clients.models import Client
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions import agreements, arrangements
from sessions.reminder_form import Scope, listed
from sessions.selectors import name_of
from sessions.settings_forms import AgreementForm


@may(Permission.SESSION_BOOK)
@require_http_methods(["GET", "HEAD", "POST"])
def with_client(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Show and change the agreed number of sessions; the button "clear" takes it away."""
    client = get_or_404(Client.visible_to(request.user), pk=client_id)
    form = AgreementForm(request.POST or None, initial=AgreementForm.initial_for(agreements.agreement_of(client)))
    try:
        if "clear" in request.POST:
            arrangements.clear_agreement(actor=request.user, client=client)
            messages.success(request, "No number of sessions is agreed now.")
            return redirect("clients:record", client.pk)
        if request.method == "POST" and form.is_valid():
            arrangements.agree(actor=request.user, client=client, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("clients:record", client.pk)
    except HandedOver as gone:
        raise Http404 from gone
    return render(request, "sessions/with_client.html", {"form": form, **_about(client)})


def _about(client: Client) -> dict[str, object]:
    return {
        "client": client,
        "name": name_of(client),
        "standing": agreements.standing_of(client),
        "reminders": listed(Scope(client=client).now()),
    }
