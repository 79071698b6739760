"""Look at what came of an exercise that a client was given, review it, send it again, take it back."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from clients.selectors import opened
from exercises import sentences, services
from exercises.answers import NotWithClient, open_answer
from exercises.forms import ReviewForm
from exercises.models import GIVEN_WORDS, Assignment
from exercises.reviewing import waiting_besides
from exercises.selectors import (
    assignments,
    badge_of,
    mails_of,
    may_send_again,
    nudges_of,
    other_days,
    reply_of,
)
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.selectors import name_of
from vault.errors import VaultError


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
        services.review_answer(actor=request.user, assignment=row, **form.arguments())
    except services.NothingToReview:
        messages.error(request, "Nothing has come back so far, so there is nothing to review.")
    except services.ReviewedElsewhere:
        again = {"learned": form.cleaned_data["learned"], "seen": services.mark_of(row.learned)}
        return _page(request, row, ReviewForm(again), status=409)
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
    return get_or_404(assignments(request.user).select_related("step__course__programme"), pk=assignment_id)


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
        "words": {field: opened(row, field) for field in GIVEN_WORDS},
        "reply": reply,
        "learned": learned,
        "is_elsewhere": status == HTTPStatus.CONFLICT,
        "besides": waiting_besides(request.user, row),
        "form": form or ReviewForm(initial={"learned": learned.text, "seen": services.mark_of(learned.text)}),
        "mails": sentences.mail_lines(mails),
        "nudges": sentences.mail_lines(nudges_of(row)),
        "may_send_again": may_send_again(row, mails) and not sentences.why_no_mail(row.client),
        "days": [(each, badge_of(each)) for each in other_days(request.user, row)],
    }
    return render(request, "exercises/assignment.html", context, status=status)
