"""The library, one exercise of it, and whether an own one is offered and shared."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from clients.models import Client
from exercises import authoring
from exercises.catalogue import library_of, own_exercises, own_of, versions_for, with_older
from exercises.forms import ChooseClientForm
from exercises.kind_words import asked_in_words
from exercises.shelves import shelves_of
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.selectors import bookable_clients, name_of

_DEEDS = {
    "put_away": (authoring.put_away, "It is put away. Whoever has it keeps it."),
    "offer": (authoring.offer_again, "It is offered again."),
    "share": (authoring.share, "Every counsellor of the practice finds it in the library now."),
    "unshare": (authoring.unshare, "It is yours alone again. What others have given stays with their clients."),
}


@may(Permission.EXERCISE_ASSIGN)
@require_safe
def library(request: StaffRequest) -> HttpResponse:
    """Show every exercise on its shelf; `?way=` shows one shelf alone."""
    shelves = shelves_of(request.user, library_of(request.user))
    chosen = request.GET.get("way", "")
    shown = [shelf for shelf in shelves if shelf.key == chosen] or shelves
    context = {
        "shelves": shelves,
        "shown": shown,
        "chosen": chosen if shown is not shelves else "",
        "put_away": own_of(request.user, put_away=True),
    }
    return render(request, "exercises/library.html", context)


@may(Permission.EXERCISE_ASSIGN)
@require_safe
def detail(request: StaffRequest, slug: str) -> HttpResponse:
    """Show one exercise as a client reads it, and how to go about it; `?client=` leads on to assigning it."""
    version = get_or_404(versions_for(request.user), exercise__slug=slug)
    clients = [(str(client.pk), name_of(client)) for client in bookable_clients(request.user)]
    form = ChooseClientForm(request.GET if "client" in request.GET else None, names=clients)
    if form.is_valid():
        client = get_or_404(Client.visible_to(request.user), pk=UUID(form.cleaned_data["client"]))
        return redirect(f"{reverse('exercises:assign', args=[client.pk])}?exercise={slug}")
    context = {
        "version": version,
        "asked": asked_in_words(version),
        "form": form,
        "has_clients": bool(clients),
        "is_own": version.exercise.made_by_id == request.user.pk,
        "older": with_older(request.user, version) if version.number > 1 else 0,
    }
    return render(request, "exercises/detail.html", context)


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def offer(request: StaffRequest, slug: str) -> HttpResponse:
    """Put an own exercise away, offer it again, share it, or keep it to oneself: as the button says."""
    exercise = get_or_404(own_exercises(request.user), slug=slug)
    if request.POST.get("deed") not in _DEEDS:
        return redirect("exercises:detail", slug)
    deed, said = _DEEDS[request.POST["deed"]]
    try:
        deed(actor=request.user, exercise=exercise)
    except authoring.StillHeld:
        messages.error(request, "A programme that is shared in the practice holds it, so it stays shared for now.")
    else:
        messages.success(request, said)
    return redirect("exercises:detail", slug)
