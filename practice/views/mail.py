"""Mail that was and will be sent, and what waits for a decision."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from outbox.models import Message
from outbox.services import NotWaiting
from practice import selectors, services
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404

ROWS_A_PAGE = 50


@may(Permission.MAIL_MANAGE)
@require_safe
def mail(request: StaffRequest) -> HttpResponse:
    """Show what will be sent or, by `?show=past`, what has become of the rest; first what waits for a decision."""
    is_past = request.GET.get("show") == "past"
    mails = selectors.mails_past() if is_past else selectors.mails_to_come()
    page = Paginator(mails, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "is_past": is_past,
        "page": page,
        "rows": [selectors.mail_row(message) for message in page],
        "undecided": [selectors.mail_row(message) for message in selectors.undecided_mails()[:ROWS_A_PAGE]],
        "trouble": selectors.mail_trouble(),
    }
    return render(request, "practice/mail.html", context)


@may(Permission.MAIL_MANAGE)
@require_POST
def mail_resume(request: StaffRequest) -> HttpResponse:
    """Let mail leave again."""
    services.resume_mail(actor=request.user)
    messages.success(request, "Mail leaves again.")
    return redirect("practice:mail")


@may(Permission.MAIL_MANAGE)
@require_POST
def mail_release(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """Send a mail that waited for a decision."""
    return _decide(
        request, message_id, services.release_mail,
        done="The mail leaves with the next round, in a minute at most.",
        too_late="This mail can no longer be sent: it was dealt with already, or its time has passed.",
    )  # fmt: skip


@may(Permission.MAIL_MANAGE)
@require_POST
def mail_drop(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """Give up a mail that waited for a decision."""
    return _decide(
        request, message_id, services.drop_mail,
        done="The mail has been dropped.", too_late="This mail has been dealt with already.",
    )  # fmt: skip


def _decide(
    request: StaffRequest, message_id: UUID, deed: Callable[..., None], *, done: str, too_late: str
) -> HttpResponse:
    message = get_or_404(Message.objects.all(), pk=message_id)
    try:
        deed(actor=request.user, message=message)
        messages.success(request, done)
    except NotWaiting:
        messages.info(request, too_late)
    return redirect("practice:mail")
