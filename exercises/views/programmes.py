"""Programmes: the list, one of them, writing and changing one's own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client
from exercises import authoring_programmes as deeds
from exercises.catalogue import own_programmes, programmes_for, programmes_of, steps_to_choose
from exercises.forms import ChooseClientForm
from exercises.mode_words import in_words
from exercises.models import Programme
from exercises.programme_form import Plan, after_plan_deed, blank_plan, plan_in, plan_of, unasked
from exercises.services import FormUsed
from exercises.shelves import opening_of
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.selectors import bookable_clients, name_of

_DEEDS = {
    "put_away": (deeds.put_programme_away, "It is put away. Where it runs, it runs on."),
    "offer": (deeds.offer_programme_again, "It is offered again."),
    "share": (deeds.share_programme, "Every counsellor of the practice finds it now."),
    "unshare": (deeds.unshare_programme, "It is yours alone again. Where others run it, it runs on."),
}
_CHANGED = "This programme was changed elsewhere meanwhile. What you save now takes the place of the other."
_NOT_SHARED = "An exercise in it is yours alone. Share that first, or choose another."


@may(Permission.EXERCISE_ASSIGN)
@require_safe
def programmes(request: StaffRequest) -> HttpResponse:
    """Show the programmes that can be started, and what one has put away."""
    away = own_programmes(request.user).filter(put_away_at__isnull=False)
    shown = [(each, opening_of(each.purpose)) for each in programmes_of(request.user)]
    context = {"programmes": shown, "put_away": away}
    return render(request, "exercises/programmes.html", context)


@may(Permission.EXERCISE_ASSIGN)
@require_safe
def programme(request: StaffRequest, slug: str) -> HttpResponse:
    """Show the steps of one programme in words; `?client=` leads on to starting it."""
    found = get_or_404(programmes_for(request.user), slug=slug)
    clients = [(str(client.pk), name_of(client)) for client in bookable_clients(request.user)]
    form = ChooseClientForm(request.GET if "client" in request.GET else None, names=clients)
    if form.is_valid():
        client = get_or_404(Client.visible_to(request.user), pk=UUID(form.cleaned_data["client"]))
        return redirect(f"{reverse('exercises:start', args=[client.pk])}?programme={slug}")
    is_own = found.made_by_id == request.user.pk
    steps = in_words(found)
    context = {"programme": found, "steps": steps, "form": form, "has_clients": bool(clients), "is_own": is_own}
    return render(request, "exercises/programme.html", context)


@may(Permission.EXERCISE_ASSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: StaffRequest) -> HttpResponse:
    """Write a new programme; `?from=` begins with a copy of the steps of another."""
    choices = steps_to_choose(request.user)
    source = None
    if "from" in request.GET:
        source = get_or_404(programmes_for(request.user), slug=request.GET["from"])
    if request.method == "POST":
        return _take(request, None, choices, source)
    plan = plan_of(source, choices, is_copy=True) if source else blank_plan(choices)
    return _show(request, plan, source=source)


@may(Permission.EXERCISE_ASSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, slug: str) -> HttpResponse:
    """Change a programme of one's own: what runs keeps the steps that it began with."""
    own = get_or_404(own_programmes(request.user), slug=slug)
    choices = steps_to_choose(request.user, own)
    if request.method == "POST":
        return _take(request, own, choices)
    return _show(request, plan_of(own, choices, is_copy=False), programme=own)


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def offer(request: StaffRequest, slug: str) -> HttpResponse:
    """Put an own programme away, offer it again, share it, or keep it to oneself: as the button says."""
    own = get_or_404(own_programmes(request.user), slug=slug)
    if request.POST.get("deed") not in _DEEDS:
        return redirect("exercises:programme", slug)
    deed, said = _DEEDS[request.POST["deed"]]
    try:
        deed(actor=request.user, programme=own)
    except deeds.NeedsSharing:
        messages.warning(request, _NOT_SHARED)
    else:
        messages.success(request, said)
    return redirect("exercises:programme", slug)


def _take(request: StaffRequest, own: Programme | None, choices: Any, source: Programme | None = None) -> HttpResponse:
    """Save it, or show it again after the button of a row."""
    deed = request.POST.get("deed", "publish")
    context: dict[str, Any] = {"programme": own, "source": source}
    if deed != "publish":
        return _show(request, after_plan_deed(request.POST, choices, deed), **context)
    plan = plan_in(request.POST, choices)
    if not plan.is_valid():
        return _show(request, plan, 422, **context)
    try:
        saved = _publish(request, plan, own)
    except deeds.ProgrammeChanged as error:
        return _show(request, _go_on_from(request, choices, error), 409, **context, elsewhere=error.stands)
    except (FormUsed, deeds.NeedsSharing) as error:
        plan.notes.append(_NOT_SHARED if isinstance(error, deeds.NeedsSharing) else str(error))
        return _show(request, plan, 409, **context)
    messages.success(request, "The programme is saved. What runs already keeps its own steps.")
    return redirect("exercises:programme", saved.slug)


def _publish(request: StaffRequest, plan: Plan, own: Programme | None) -> Programme:
    said = plan.words.cleaned_data
    return deeds.publish_programme(actor=request.user, programme=own, steps=plan.choices(), **said)


def _go_on_from(request: StaffRequest, choices: Any, error: deeds.ProgrammeChanged) -> Plan:
    post = request.POST.copy()
    post["begun_from"] = str(error.stands.version)
    plan = unasked(plan_in(post, choices))
    plan.notes.append(_CHANGED)
    return plan


def _show(request: StaffRequest, plan: Plan, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "exercises/programme_write.html", {"plan": plan, **context}, status=status)
