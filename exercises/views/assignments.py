"""Assign an exercise, look at what came of it, review it, take it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client
from clients.selectors import opened
from exercises import sentences, services
from exercises.answers import NotWithClient, open_answer
from exercises.forms import AssignForm, ReviewForm
from exercises.models import Assignment, ExerciseVersion
from exercises.selectors import (
    assignments,
    badge_of,
    current_versions,
    mails_of,
    may_send_again,
    next_session,
    reply_of,
    usual_due_day,
)
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.models import ClientSession
from sessions.selectors import name_of
from vault.errors import VaultError


@may(Permission.EXERCISE_ASSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Assign an exercise to a client; `?exercise=` names which, else the page lets one choose."""
    client = get_or_404(Client.visible_to(request.user), pk=client_id)
    context: dict[str, Any] = {"client": client, "name": name_of(client), "refusal": sentences.why_no_mail(client)}
    if "exercise" not in request.GET:
        return render(request, "exercises/choose.html", {**context, "versions": current_versions()})
    version = get_or_404(current_versions(), exercise__slug=request.GET["exercise"])
    coming = next_session(request.user, client)
    form = _assign_form(request, client, coming)
    if form.is_valid():
        response = _assign(request, client, version, form)
        if response is not None:
            return response
    context |= {"version": version, "form": form, "coming": coming}
    return render(request, "exercises/assign.html", context, status=422 if form.is_bound else 200)


def _assign_form(request: StaffRequest, client: Client, coming: ClientSession | None) -> AssignForm:
    if request.method == "POST":
        return AssignForm(request.POST, client=client)
    form = AssignForm(client=client)
    form.initial["due_on"] = usual_due_day(coming, form.first_day)
    return form


def _assign(request: StaffRequest, client: Client, version: ExerciseVersion, form: AssignForm) -> HttpResponse | None:
    """Do it. None: it was refused, and the form says why."""
    refusal = sentences.why_no_mail(client)
    if refusal:
        form.add_error(None, refusal)
        return None
    try:
        assignment = services.assign_exercise(actor=request.user, client=client, version=version, **form.arguments())
    except services.MayNotBeMailed:
        form.add_error(None, sentences.why_no_mail(client))
        return None
    except (services.AlreadyWithClient, services.FormUsed) as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, sentences.after_assigning(assignment.pk))
    return redirect("exercises:assignment", assignment.pk)


@may(Permission.ANSWER_REVIEW)
@require_safe
def assignment(request: StaffRequest, assignment_id: UUID) -> HttpResponse:
    """Show what was assigned, what became of its mail, and what came back."""
    return _page(request, _mine(request, assignment_id))


@may(Permission.ANSWER_REVIEW)
@require_POST
def review(request: StaffRequest, assignment_id: UUID) -> HttpResponse:
    """Mark what came back as reviewed."""
    row, form = _mine(request, assignment_id), ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    try:
        services.review_answer(actor=request.user, assignment=row, learned=form.cleaned_data["learned"])
    except services.NothingToReview:
        messages.error(request, "Nothing has come back so far, so there is nothing to review.")
    except VaultError:
        return _page(request, row, form, status=409)
    else:
        messages.success(request, "Marked as reviewed.")
    return redirect("exercises:assignment", row.pk)


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def withdraw(request: StaffRequest, assignment_id: UUID) -> HttpResponse:
    """Take an exercise back."""
    row = _mine(request, assignment_id)
    try:
        result = services.withdraw_assignment(actor=request.user, assignment=row)
    except NotWithClient:
        messages.error(request, "The client has answered meanwhile, so there is nothing to withdraw.")
    else:
        messages.success(request, sentences.after_withdrawing(result))
    return redirect("exercises:assignment", row.pk)


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def send_again(request: StaffRequest, assignment_id: UUID) -> HttpResponse:
    """Send its mail once more: the first was lost, or the address has changed."""
    row = _mine(request, assignment_id)
    try:
        services.send_again(actor=request.user, assignment=row)
    except NotWithClient:
        messages.error(request, "This exercise is no longer with the client, so nothing is sent.")
    except (services.MayNotBeMailed, VaultError):
        messages.error(request, sentences.why_no_mail(row.client))
    except services.MailWaits:
        messages.info(request, "A mail of this exercise is waiting to leave already.")
    else:
        messages.success(request, sentences.after_sending_again(row.pk))
    return redirect("exercises:assignment", row.pk)


def _mine(request: StaffRequest, assignment_id: UUID) -> Assignment:
    return get_or_404(assignments(request.user), pk=assignment_id)


def _page(request: StaffRequest, row: Assignment, form: ReviewForm | None = None, *, status: int = 200) -> HttpResponse:
    """Show the page. An answer with words in it leaves the trace of being read."""
    learned, reply, mails = opened(row, "learned"), reply_of(row), mails_of(row)
    if reply is not None and reply.told:
        open_answer(actor=request.user, assignment=row)
    context = {
        "assignment": row,
        "version": row.version,
        "client": row.client,
        "name": name_of(row.client),
        "badge": badge_of(row),
        "words": {field: opened(row, field) for field in ("personal_line", "why", "plan_when", "plan_where")},
        "reply": reply,
        "learned": learned,
        "form": form or ReviewForm(initial={"learned": learned.text}),
        "mails": sentences.mail_lines(mails),
        "may_send_again": may_send_again(row, mails) and not sentences.why_no_mail(row.client),
    }
    return render(request, "exercises/assignment.html", context, status=status)
