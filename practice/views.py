"""Today, the practice's own pages, and the page on which an invited person joins."""

from collections.abc import Callable
from typing import Any, Never, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outbox.models import Message
from outbox.services import NotWaiting
from practice import clock, selectors, services
from practice.forms import InviteForm, JoinForm, PracticeForm, TrailForm
from practice.guards import StaffRequest, may, unreferred
from practice.invitations import InvitationClosed, InvitationUnknown, resolve
from practice.models import Invitation, Practice
from practice.panels import panels_for
from practice.roles import Permission
from practice.scoping import get_or_404

READ_AND_POST = ["GET", "HEAD", "POST"]
ROWS_A_PAGE = 50
# On Today, panels registered before this are the day's work; the others stand beside it (practice/panels.py).
BESIDE_FROM = 90


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show what the day holds and what waits for this member."""
    viewer = cast(StaffRequest, request).user
    panels = panels_for("today", viewer)
    now = clock.local(timezone.now())
    context = {
        "day": [panel for panel in panels if panel.order < BESIDE_FROM],
        "beside": [panel for panel in panels if panel.order >= BESIDE_FROM],
        "needs": sum(panel.needs for panel in panels),
        "trouble": selectors.mail_trouble(),
        "now": now,
        "greeting": "Good morning" if now.hour < 12 else "Good afternoon" if now.hour < 18 else "Good evening",
    }
    return render(request, "practice/today.html", context)


@may(Permission.PRACTICE_SETTINGS)
@require_http_methods(READ_AND_POST)
def settings(request: StaffRequest) -> HttpResponse:
    """Show and change the practice's settings."""
    practice = Practice.current()
    form = PracticeForm(request.POST or None, initial=PracticeForm.initial_for(practice))
    if request.method == "POST" and form.is_valid():
        services.change_practice(actor=request.user, practice=practice, **form.settings())
        messages.success(request, "Settings saved.")
        return redirect("practice:settings")
    return render(request, "practice/settings.html", {"form": form})


@may(Permission.MEMBER_READ)
@require_safe
def members(request: StaffRequest) -> HttpResponse:
    """List who works here and who has been invited."""
    context = {"members": list(selectors.members()), "invitations": list(selectors.open_invitations())}
    return render(request, "practice/members.html", context)


@may(Permission.MEMBER_INVITE)
@require_http_methods(READ_AND_POST)
def member_invite(request: StaffRequest) -> HttpResponse:
    """Invite somebody by mail."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.invite_member(actor=request.user, **form.cleaned_data)
        except services.AlreadyMember:
            form.add_error("email", "Somebody with this address works here already.")
        else:
            messages.success(request, "The invitation is on its way.")
            return redirect("practice:members")
    return render(request, "practice/member_invite.html", {"form": form})


@login_not_required
@unreferred
@sensitive_post_parameters("password", "password_again")
@require_http_methods(READ_AND_POST)
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Let an invited person choose name and password. The token is the permission."""
    try:
        invitation = resolve(token)
        form = JoinForm(invitation, request.POST or None)
        if request.method == "POST" and form.is_valid():
            name, password = form.cleaned_data["name"], form.cleaned_data["password"]
            services.accept_invitation(invitation=invitation, name=name, password=password)
            messages.success(request, "Welcome. Please sign in with the password that you have just chosen.")
            return redirect("account_login")
    except InvitationUnknown:
        return render(request, "practice/join_unknown.html", status=404)
    except InvitationClosed:
        return render(request, "practice/join_closed.html", status=410)
    return render(request, "practice/join.html", _joining(form, invitation))


def _joining(form: JoinForm, invitation: Invitation) -> dict[str, Any]:
    return {"form": form, "invitation": invitation, "practice_name": Practice.current().name}


@may(Permission.AUDIT_READ)
@require_safe
def audit(request: StaffRequest) -> HttpResponse:
    """Show who did what, newest first: references and ids, no client's name."""
    form = TrailForm(request.GET)
    entries = selectors.audit_entries(**form.filters()) if form.is_valid() else selectors.audit_entries().none()
    page = Paginator(entries, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": [selectors.trail_row(entry) for entry in page]}
    return render(request, "practice/audit.html", context)


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


@login_not_required
def closed(request: HttpRequest, **rest: str) -> Never:
    """Answer for pages of allauth that make no sense where members come by invitation."""
    raise Http404
