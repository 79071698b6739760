"""Erasing a client: the request, the decision, the hold, and what is shown of it afterwards."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import erasure, holdings, journal
from clients.erasure_forms import AskForm, DeclineForm, EraseForm, HoldForm
from clients.models import Client, Tombstone
from clients.selectors import opened
from practice import clock
from practice.guards import StaffRequest, may, reconfirmed
from practice.models import Practice
from practice.roles import Permission
from practice.scoping import get_or_404
from vault.errors import VaultError

READ = ["GET", "HEAD", "POST"]
A_PAGE = 50
NOTHING_OPEN = "No request is open any more, so nothing was done."


@may(Permission.CLIENT_ERASE)
@require_http_methods(READ)
def erase_ask(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Record that somebody asked. Where a request is open already, its page says so."""
    client = get_or_404(Client.visible_to(request.user), pk=pk)
    form = AskForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"client": client, "form": form, "called": opened(client, "called")}
        return render(request, "clients/erase_ask.html", context, status=422 if form.is_bound else 200)
    try:
        erasure.ask_erasure(actor=request.user, client=client, **form.cleaned_data)
    except erasure.AskedAlready:
        messages.info(request, "A request is recorded already.")
    except erasure.ClientGone:
        return _gone(request, pk)
    else:
        messages.success(request, "The request is recorded. Nothing has been erased.")
    return redirect("clients:erase", pk)


@may(Permission.CLIENT_ERASE)
@reconfirmed
@require_http_methods(READ)
def erase(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show what stands for and against erasing a client, and erase where the reference is typed."""
    client = Client.visible_to(request.user).filter(pk=pk).first()
    if client is None:
        return _gone(request, pk)
    rule = holdings.rule_of(client)
    is_ahead = rule.is_ahead(clock.today())
    form = EraseForm(client, request.POST if request.method == "POST" else None, is_rule_ahead=is_ahead)
    if form.is_valid():
        done = _try_to_erase(request, client, form)
        if done is not None:
            return done
    context = {**_facts(client), "rule": rule, "is_ahead": is_ahead, "form": form}
    return render(request, "clients/erase.html", context, status=422 if form.is_bound else 200)


def _try_to_erase(request: StaffRequest, client: Client, form: EraseForm) -> HttpResponse | None:
    """Return where to go now; None where the form is to be shown again, with what stands against it."""
    is_considered = bool(form.cleaned_data.get("is_rule_considered"))
    try:
        stone = erasure.erase_client(actor=request.user, client=client, is_rule_considered=is_considered)
    except erasure.ClientGone:
        return _gone(request, client.pk)
    except (erasure.NotAsked, erasure.ClientHeld):
        messages.info(request, "The request was answered, or a hold was set, in another window. Nothing was erased.")
        return redirect("clients:erase", client.pk)
    except erasure.RuleRuns:
        form.add_error(None, "The time for which this record is kept has become longer. Please look at it once more.")
        return None
    except erasure.OthersAtWork:
        form.add_error(None, "Something else about this client was being saved. Nothing was erased; please try again.")
        return None
    messages.success(request, f"{stone.reference} has been erased. Within a minute nothing of theirs opens any more.")
    return redirect("clients:certificate", stone.pk)


def _facts(client: Client) -> dict[str, Any]:
    asked = holdings.open_request(client)
    return {
        "client": client,
        "called": opened(client, "called"),
        "hold": opened(client, "hold_reason") if client.is_held else None,
        "asked": asked,
        "request_note": opened(asked.request, "note") if asked else None,
        "before": [(one, opened(one, "declined_note")) for one in holdings.requests_before(client)],
        "counts": holdings.counts_of(client),
    }


def _gone(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Lead to the certificate of a client who is erased already; else 404, as for any client who is not theirs."""
    if Tombstone.visible_to(request.user).filter(pk=pk).exists():
        messages.info(request, "This client has been erased already. Nothing more was done.")
        return redirect("clients:certificate", pk)
    get_or_404(Client.visible_to(request.user), pk=pk)
    return redirect("clients:erase", pk)


@may(Permission.CLIENT_ERASE)
@require_http_methods(READ)
def erase_decline(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Say why the open request is not carried out now."""
    client = get_or_404(Client.visible_to(request.user), pk=pk)
    asked = holdings.open_request(client)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if asked is None:
        messages.info(request, NOTHING_OPEN)
        return redirect("clients:record", pk)
    if not form.is_valid():
        context = {"client": client, "asked": asked, "form": form}
        return render(request, "clients/erase_decline.html", context, status=422 if form.is_bound else 200)
    try:
        erasure.decline_erasure(actor=request.user, request=asked.request, **form.cleaned_data)
    except (erasure.NotAsked, erasure.ClientGone):
        messages.info(request, NOTHING_OPEN)
    else:
        messages.success(request, "The request is closed, and nothing has been erased. You can tell whoever asked.")
    return redirect("clients:erase", pk)


@may(Permission.CLIENT_ERASE)
@require_http_methods(READ)
def hold(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Keep a client from being erased, with a reason. One that does not open is not written over."""
    client = get_or_404(Client.visible_to(request.user), pk=pk)
    try:
        form = HoldForm(request.POST if request.method == "POST" else None, initial={"reason": client.hold_reason})
        if not form.is_valid():
            context = {"client": client, "form": form}
            return render(request, "clients/hold.html", context, status=422 if form.is_bound else 200)
        erasure.set_hold(actor=request.user, client=client, reason=form.cleaned_data["reason"])
    except VaultError:
        return render(request, "clients/damaged.html", {"client": client}, status=409)
    except erasure.ClientGone:
        return _gone(request, pk)
    messages.success(request, "The record is on hold: it cannot be erased until you lift the hold.")
    return redirect("clients:record", pk)


@may(Permission.CLIENT_ERASE)
@require_POST
def hold_lift(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Lift the hold."""
    client = get_or_404(Client.visible_to(request.user), pk=pk)
    try:
        erasure.lift_hold(actor=request.user, client=client)
    except erasure.ClientGone:
        return _gone(request, pk)
    messages.success(request, "The hold is lifted.")
    return redirect("clients:record", pk)


@may(Permission.ERASURE_READ)
@require_safe
def erased(request: StaffRequest) -> HttpResponse:
    """List who was erased, by reference, the latest first: one's own, or all for whoever runs the practice."""
    stones = Tombstone.visible_to(request.user).select_related("counsellor").order_by("-erased_at", "pk")
    page = Paginator(stones, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "clients/erased.html", {"page": page})


@may(Permission.ERASURE_READ)
@require_safe
def certificate(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show one erasure's certificate, made for printing."""
    stones = Tombstone.visible_to(request.user).select_related("counsellor", "erased_by")
    stone = get_or_404(stones, pk=pk)
    context = {"stone": stone, "is_in_journal": journal.is_up_to_date(stone), "practice_name": Practice.current().name}
    return render(request, "clients/certificate.html", context)
