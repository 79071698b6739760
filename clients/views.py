"""The caseload, and one client's record."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clients import services
from clients.forms import AdmitForm, EditForm, SearchForm
from clients.holdings import keeping_of
from clients.models import Client
from clients.selectors import as_it_stands, caseload, contact_facts, mail_rule, opened, paused_until, record_of
from clients.sentences import after_changing
from clients.timeline import timeline_of
from practice.guards import StaffRequest, may
from practice.panels import panels_for
from practice.roles import Permission
from practice.scoping import get_or_404
from vault.errors import VaultError

READ = ["GET", "HEAD", "POST"]


@may(Permission.CLIENT_READ)
@require_http_methods(READ)
def caseload_page(request: StaffRequest) -> HttpResponse:
    """Show own clients, active or ended; a search comes by POST, so that no log or history keeps the word."""
    state = Client.State.ENDED if request.GET.get("state") == Client.State.ENDED else Client.State.ACTIVE
    search = SearchForm(request.POST if request.method == "POST" else None)
    word = search.cleaned_data["word"].strip() if search.is_valid() else ""
    rows = caseload(request.user, state="" if word else state, word=word)
    context = {"rows": rows, "state": state, "states": Client.State, "search": search, "word": word}
    return render(request, "clients/list.html", context)


@may(Permission.CLIENT_ADMIT)
@require_http_methods(READ)
def admit(request: StaffRequest) -> HttpResponse:
    """Admit a client; the same form sent twice leads to the one record."""
    form = AdmitForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        nonce = form.cleaned_data["nonce"]
        try:
            client = services.admit_client(actor=request.user, client_id=nonce, **form.details)
        except services.AlreadyAdmitted:
            return redirect("clients:record", nonce)
        except services.FormUsed:
            form = AdmitForm({**request.POST.dict(), "nonce": uuid4()})
            form.add_error(None, "This form was used before, so nothing has been saved yet. Please send it once more.")
        else:
            messages.success(request, f"Client admitted. Their reference is {client.reference}.")
            return redirect("clients:record", client.id)
    return render(request, "clients/admit.html", {"form": form}, status=422 if form.is_bound else 200)


@may(Permission.CLIENT_READ)
@require_safe
def record(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show one client: details, rules, what other rooms know, and the timeline. Reading leaves an audit row."""
    client = get_or_404(Client.visible_to(request.user).select_related("counsellor"), pk=pk)
    services.open_record(actor=request.user, client=client)
    sheet = record_of(client)
    timeline = timeline_of(client, request.user)
    context = {
        "client": client,
        "sheet": sheet,
        "facts": contact_facts(sheet),
        "is_damaged": any(value.is_damaged for value in sheet.values()),
        "mail": None if opened(client, "email").is_damaged else mail_rule(client),
        "paused_until": paused_until(client),
        "panels": panels_for("client", request.user, client),
        "keeping": keeping_of(client),
        "ahead": [entry for entry in reversed(timeline) if entry.is_ahead],
        "behind": [entry for entry in timeline if not entry.is_ahead],
    }
    return render(request, "clients/record.html", context)


@may(Permission.CLIENT_ADMIT)
@require_http_methods(READ)
def edit(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Change a client's details. Where one does not open there is no form: its blank would be saved over the text."""
    client = get_or_404(Client.visible_to(request.user), pk=pk)
    try:
        form = EditForm(request.POST if request.method == "POST" else None, initial=_initial(client))
        if not form.is_valid():
            return _edit_page(request, client, form, status=422 if form.is_bound else 200)
        change = services.change_client(
            actor=request.user, client=client, version=form.cleaned_data["version"], **form.details
        )
    except services.ClientChanged as refusal:
        now = EditForm({**request.POST.dict(), "version": refusal.client.version}, initial=form.initial)
        stands = as_it_stands(refusal.client, refusal.columns)
        elsewhere = {str(now[column].label): text for column, text in stands.items()}
        return _edit_page(request, refusal.client, now, elsewhere=elsewhere, status=409)
    except VaultError:
        return render(request, "clients/damaged.html", {"client": client}, status=409)
    messages.success(request, after_changing(change))
    return redirect("clients:record", client.id)


def _edit_page(
    request: StaffRequest, client: Client, form: EditForm, *, status: int, elsewhere: dict[str, str] | None = None
) -> HttpResponse:
    """Show the form; `elsewhere` is what stands by now, by label, where that is not what was typed."""
    context = {"form": form, "client": client, "elsewhere": elsewhere}
    return render(request, "clients/edit.html", context, status=status)


def _initial(client: Client) -> dict[str, Any]:
    """Return what the form starts from. Raise VaultError where a value does not open."""
    names = [*services.Details.__annotations__, "version"]
    initial = {name: getattr(client, name) for name in names}
    born = initial["date_of_birth"]
    return {**initial, "date_of_birth": date.fromisoformat(born) if born else None}
