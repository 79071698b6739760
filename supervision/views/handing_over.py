"""Handing clients over: by their counsellor one by one, or by whoever runs the practice for a member who leaves."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clients.handing_over import clients_of, receivers
from clients.models import Client
from clients.selectors import opened
from practice.guards import StaffRequest, may, reconfirmed
from practice.models import User
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.handing_over import booked_with
from sessions.models import ClientSession
from supervision import handing_over
from supervision.hand_over_forms import HandOverAllForm, HandOverForm

READ_AND_POST = ["GET", "HEAD", "POST"]
CANNOT = "They cannot receive clients any more. Please choose somebody else."


@may(Permission.CLIENT_HAND_OVER)
@reconfirmed
@require_http_methods(READ_AND_POST)
def hand_over(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Hand one of the viewer's own clients over, once it is plain what goes along."""
    client = get_or_404(Client.visible_to(request.user), pk=pk)
    form = HandOverForm(request.POST or None, receivers=receivers(but=request.user.pk))
    clashing: Sequence[ClientSession] = ()
    if form.is_valid():
        try:
            handing_over.hand_over(actor=request.user, client=client, **form.cleaned_data)
        except handing_over.DiariesClash as clash:
            clashing = clash.sessions
            form.add_error("to", "They have other sessions at some of these times. Please move those first.")
        except handing_over.DraftsOpen:
            form.add_error(None, "There are notes to sign before this client can be handed over.")
        except handing_over.CannotReceive:
            form.add_error("to", CANNOT)
        except handing_over.HandedOver as gone:
            raise Http404 from gone
        else:
            messages.success(request, f"{client.reference} is with your colleague now. Their record is closed to you.")
            return redirect("clients:list")
    return _page(request, client, form, clashing)


def _page(request: StaffRequest, client: Client, form: HandOverForm, clashing: Sequence[ClientSession]) -> HttpResponse:
    context = {
        "client": client,
        "called": opened(client, "called"),
        "form": form,
        "booked": booked_with(client),
        "clashing": clashing,
        "drafts": handing_over.notes_to_sign(client),
    }
    return render(request, "supervision/hand_over.html", context, status=422 if form.is_bound else 200)


@may(Permission.MEMBER_CHANGE)
@reconfirmed
@require_http_methods(READ_AND_POST)
def hand_over_all(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Hand over the clients of a member who leaves or has left: by reference, without a name."""
    member = get_or_404(User.objects.all(), pk=pk)
    clients = list(clients_of(member))
    others = receivers(but=member.pk)
    if member.is_active:
        others = others.exclude(pk=request.user.pk)
    form = HandOverAllForm(request.POST or None, receivers=others, clients=clients)
    clashes: dict[str, list[ClientSession]] = {}
    if form.is_valid():
        clashes = handing_over.clashes_for(form.chosen, form.cleaned_data["to"])
        clashing = [session for sessions in clashes.values() for session in sessions]
        if clashing and not (form.cleaned_data["cancels_clashing"] and form.has_seen(clashing)):
            form.list_clashing(clashing)
            form.add_error("cancels_clashing", "Sessions clash: see the list above. Nothing has been handed over.")
        elif _all_done(request, form):
            return redirect("practice:members")
    context = {"member": member, "clients": clients, "form": form, "clashes": clashes}
    return render(request, "supervision/hand_over_all.html", context, status=422 if form.is_bound else 200)


def _all_done(request: StaffRequest, form: HandOverAllForm) -> bool:
    """Hand the chosen clients over and say so; where that did not go through, say why at the field."""
    values = form.cleaned_data
    try:
        result = handing_over.hand_over_all(
            actor=request.user, clients=form.chosen, to=values["to"], is_told=values["is_told"],
            cancels_clashing=values["cancels_clashing"],
        )  # fmt: skip
    except handing_over.CannotReceive:
        form.add_error("to", CANNOT)
    except handing_over.DiariesClash:
        form.add_error("to", "Their diary has changed meanwhile. Please send this once more.")
    else:
        cancelled = f" {result.cancelled} sessions that clashed are cancelled." if result.cancelled else ""
        messages.success(request, f"These clients are with their new counsellor now.{cancelled}")
        return True
    return False
