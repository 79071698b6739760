"""The library, and one exercise of it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clients.models import Client
from exercises.forms import ChooseClientForm
from exercises.selectors import current_versions
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.selectors import bookable_clients, name_of


@may(Permission.EXERCISE_ASSIGN)
@require_safe
def library(request: StaffRequest) -> HttpResponse:
    """Show every exercise with the way to which it belongs."""
    return render(request, "exercises/library.html", {"versions": current_versions()})


@may(Permission.EXERCISE_ASSIGN)
@require_safe
def detail(request: StaffRequest, slug: str) -> HttpResponse:
    """Show one exercise as a client reads it, and how to go about it; `?client=` leads on to assigning it."""
    version = get_or_404(current_versions(), exercise__slug=slug)
    clients = [(str(client.pk), name_of(client)) for client in bookable_clients(request.user)]
    form = ChooseClientForm(request.GET if "client" in request.GET else None, names=clients)
    if form.is_valid():
        client = get_or_404(Client.visible_to(request.user), pk=UUID(form.cleaned_data["client"]))
        return redirect(f"{reverse('exercises:assign', args=[client.pk])}?exercise={slug}")
    context = {"version": version, "form": form, "has_clients": bool(clients)}
    return render(request, "exercises/detail.html", context)
