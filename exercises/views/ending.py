"""Ending the work with a client, and taking it up again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

import clients.ending
from clients.models import Client
from clients.selectors import opened
from exercises import ending
from exercises.running import open_courses, still_with, title_of
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.ending import ahead_of

GONE = "This client is another counsellor’s by now. Nothing was done."


@may(Permission.CLIENT_ADMIT)
@require_http_methods(["GET", "HEAD", "POST"])
def end_work(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Say what ends, and end it."""
    client = get_or_404(Client.visible_to(request.user), pk=client_id)
    if client.state == Client.State.ENDED:
        messages.info(request, "The work with this client has ended already.")
        return redirect("clients:record", client.pk)
    if request.method == "POST":
        return _end(request, client)
    context = {
        "client": client, "called": opened(client, "called"), "ahead": ahead_of(client),
        "courses": [title_of(each) for each in open_courses(request.user, client)],
        "with_them": still_with(request.user, client),
    }  # fmt: skip
    return render(request, "exercises/end_work.html", context)


def _end(request: StaffRequest, client: Client) -> HttpResponse:
    try:
        done = ending.end_work(actor=request.user, client=client)
    except ending.WorkEnded:
        messages.info(request, "The work with this client has ended already.")
    except ending.HandedOver:
        messages.error(request, GONE)
        return redirect("clients:list")
    else:
        messages.success(request, _sentence(done))
    return redirect("clients:record", client.pk)


def _sentence(done: ending.Ended) -> str:
    told = " Please tell them of the sessions that were cancelled: no mail does." if done.cancelled else ""
    late = " One mail is already on its way." if done.on_their_way else ""
    return f"The work with this client has ended, and nothing more is sent to them.{told}{late}"


@may(Permission.CLIENT_ADMIT)
@require_POST
def take_up_again(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Begin the work again; nothing is booked or sent by it."""
    client = get_or_404(Client.visible_to(request.user), pk=client_id)
    try:
        clients.ending.take_up_again(actor=request.user, client=client)
    except ending.HandedOver:
        messages.error(request, GONE)
        return redirect("clients:list")
    messages.success(request, "The work has begun again. Their record is as it was.")
    return redirect("clients:record", client.pk)
