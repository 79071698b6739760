"""Give a client an exercise: choose it, write what goes with it, once or again and again."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clients.models import Client
from exercises import courses, sentences, services
from exercises.assign_form import NO_SESSION, AssignForm
from exercises.back import Back, back_to
from exercises.catalogue import library_of, programmes_of
from exercises.giving_form import CAUTION, GivingForm
from exercises.models import Assignment, Course, ExerciseVersion
from exercises.selectors import next_session
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.selectors import name_of

SENT_BEFORE = "This form was sent before. Please look once more and send it again."


@may(Permission.EXERCISE_ASSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Assign an exercise to a client; `?exercise=` names which, else the page lets one choose."""
    client = get_or_404(Client.visible_to(request.user), pk=client_id)
    context = about(request, client)
    if "exercise" not in request.GET:
        return _choose(request, context)
    version = get_or_404(library_of(request.user), exercise__slug=request.GET["exercise"])
    coming = next_session(request.user, client)
    data = request.POST if request.method == "POST" else None
    form = AssignForm(data, client=client, version=version, coming=coming)
    made = _give(request, form) if form.is_ready else None
    if made is not None:
        return after(request, made, context["back"])
    context |= {"version": version, "form": form, "coming": coming, "caution": CAUTION}
    return render(request, "exercises/assign.html", context, status=422 if form.is_bound else 200)


def about(request: StaffRequest, client: Client) -> dict[str, Any]:
    """Return what each page of giving shows of a client: the name, why nothing would be sent, and the way back."""
    name = name_of(client)
    back = back_to(request.user, client, request.GET.get("back", ""), name)
    return {"client": client, "name": name, "back": back, "refusal": sentences.why_no_mail(client)}


def _choose(request: StaffRequest, context: dict[str, Any]) -> HttpResponse:
    ways: dict[str, list[ExerciseVersion]] = {}
    for version in library_of(request.user):
        ways.setdefault(version.exercise.get_way_display(), []).append(version)
    more = {"ways": list(ways.items()), "programmes": programmes_of(request.user)}
    return render(request, "exercises/choose.html", context | more)


def _give(request: StaffRequest, form: AssignForm) -> Assignment | Course | None:
    """Do it. None: it was refused, and the form says why."""
    refusal = sentences.why_no_mail(form.client)
    if refusal:
        form.add_error(None, refusal)
        return None
    try:
        return _given(request, form)
    except services.MayNotBeMailed:
        form.add_error(None, sentences.why_no_mail(form.client))
    except courses.AlreadyRuns:
        form.add_error(None, sentences.ALREADY_REPEATED)
    except services.FormUsed:
        offer_again(request, form)
    except (services.AlreadyWithClient, services.DueDayPast) as error:
        form.add_error(None, str(error))
    except courses.NoSession:
        form.add_error("until", NO_SESSION)
    return None


def _given(request: StaffRequest, form: AssignForm) -> Assignment | Course:
    if form.is_repeated:
        return courses.start_course(actor=request.user, client=form.client, **form.repeated())
    return services.assign_exercise(actor=request.user, client=form.client, version=form.version, **form.once())


def offer_again(request: StaffRequest, form: GivingForm) -> None:
    """Show a form whose number belongs to something else once more: its words stay, under a number of its own."""
    data = request.POST.copy()
    data["nonce"] = str(uuid4())
    form.data = data
    form.add_error(None, SENT_BEFORE)


def after(request: StaffRequest, made: Assignment | Course, back: Back) -> HttpResponse:
    """Say what was done, and lead back to where it began, or else to what was made."""
    is_course = isinstance(made, Course)
    messages.success(request, sentences.after_starting(made.pk) if is_course else sentences.after_assigning(made.pk))
    if back.mark:
        return redirect(back.url)
    return redirect("exercises:course" if is_course else "exercises:assignment", made.pk)
