"""Programmes and repeated exercises of one client: start, look at, hold, take up again, go on, end."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client
from clients.selectors import opened
from exercises import courses, sentences, services
from exercises.catalogue import programmes_of
from exercises.course_page import page_of
from exercises.forecast import first_coming
from exercises.giving_form import CAUTION
from exercises.models import GIVEN_WORDS, Course, Programme
from exercises.selectors import current_versions
from exercises.start_form import StartForm
from exercises.views.assign import about, after, offer_again
from practice import clock
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.selectors import name_of
from vault.errors import VaultError

DIGITS = 6
NOT_NOW = "Nothing was changed: it has gone on meanwhile, or nothing more would come by tomorrow."


@may(Permission.EXERCISE_ASSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Start a programme for a client; `?programme=` names which."""
    client = get_or_404(Client.visible_to(request.user), pk=client_id)
    programme = get_or_404(programmes_of(request.user), slug=request.GET.get("programme", ""))
    form = _start_form(request, programme)
    context = about(request, client)
    made = _start(request, client, form) if form.is_ready else None
    if made is not None:
        return after(request, made, context["back"])
    first = first_coming(client, form.planned, clock.today(), None)
    wants_together = any(version.wants_together for _, version in form.steps)
    context |= {"programme": programme, "form": form, "first": first, "caution": CAUTION if wants_together else ""}
    return render(request, "exercises/start.html", context, status=422 if form.is_bound else 200)


def _start_form(request: StaffRequest, programme: Programme) -> StartForm:
    steps = list(programme.steps.all())
    words = {
        version.exercise_id: version
        for version in current_versions().filter(exercise__in=[step.exercise_id for step in steps])
    }
    data = request.POST if request.method == "POST" else None
    return StartForm(data, programme=programme, steps=[(step, words[step.exercise_id]) for step in steps])


def _start(request: StaffRequest, client: Client, form: StartForm) -> Course | None:
    """Do it. None: it was refused, and the form says why."""
    refusal = sentences.why_no_mail(client)
    if refusal:
        form.add_error(None, refusal)
        return None
    try:
        return courses.start_course(actor=request.user, client=client, **form.arguments())
    except services.MayNotBeMailed:
        form.add_error(None, sentences.why_no_mail(client))
    except courses.AlreadyRuns:
        form.add_error(None, sentences.ALREADY_STARTED)
    except services.FormUsed:
        offer_again(request, form)
    return None


@may(Permission.EXERCISE_ASSIGN)
@require_safe
def course(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """Show how a course stands, what came of each step, and what comes next."""
    row = _mine(request, course_id)
    page = page_of(row.pk)
    context: dict[str, Any] = {
        "page": page,
        "course": page.course,
        "client": page.course.client,
        "name": name_of(page.course.client),
        "words": {name: opened(page.course, name) for name in GIVEN_WORDS},
    }
    return render(request, "exercises/course.html", context)


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def course_hold(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """Put a course on hold."""
    return _do(request, course_id, courses.hold_course, "On hold. Nothing of it comes until you take it up again.")


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def course_resume(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """Take a course up again."""
    return _do(request, course_id, courses.resume_course, "Taken up again.")


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def course_go_on(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """Go on with the next step without waiting."""
    if _mine(request, course_id).state == Course.State.HELD:
        messages.info(request, "It is on hold. Please take it up again first.")
        return redirect("exercises:course", course_id)
    seen = request.POST.get("seen", "")
    deed = partial(
        courses.go_on, seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < DIGITS else None
    )
    return _do(request, course_id, deed, "It goes on without waiting.")


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def course_end(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """End a course."""
    return _do(request, course_id, courses.end_course, "Ended. What they have of it stays with them.")


def _do(request: StaffRequest, course_id: UUID, deed: Callable[..., bool | None], said: str) -> HttpResponse:
    row = _mine(request, course_id)
    try:
        is_done = deed(actor=request.user, course=row) is not False
    except courses.CourseClosed:
        messages.info(request, "It has ended already, so nothing was changed.")
    except VaultError:
        messages.error(request, "Part of this record could not be opened, so nothing was changed.")
    else:
        messages.success(request, said) if is_done else messages.info(request, NOT_NOW)
    return redirect("exercises:course", row.pk)


def _mine(request: StaffRequest, course_id: UUID) -> Course:
    return get_or_404(Course.visible_to(request.user), pk=course_id)
