"""Who works here, who is invited, and the page on which an invited person joins."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from practice import members as deeds
from practice import selectors, services
from practice.forms import InviteForm, JoinForm
from practice.guards import StaffRequest, may, reconfirmed, unreferred
from practice.invitations import InvitationClosed, InvitationUnknown, resolve
from practice.member_forms import RoleForm
from practice.mfa import reset_second_factor
from practice.models import Invitation, Practice, User
from practice.roles import Permission
from practice.scoping import get_or_404
from practice.slow import slows_wrong_tokens

READ_AND_POST = ["GET", "HEAD", "POST"]
LAST_TO_RUN = "Nobody else here may run the practice. Give somebody else that role first."
ONESELF = "Another member who runs the practice can do this for you."


@may(Permission.MEMBER_READ)
@require_safe
def members(request: StaffRequest) -> HttpResponse:
    """List who works here and who has been invited."""
    clients = deeds.caseloads()
    rows = [{"member": member, "clients": clients[member.pk]} for member in selectors.members()]
    context = {"rows": rows, "invitations": list(selectors.open_invitations())}
    return render(request, "practice/members.html", context)


@may(Permission.MEMBER_CHANGE)
@reconfirmed
@require_http_methods(READ_AND_POST)
def member_role(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Give a member another role."""
    member = _active(pk)
    form = RoleForm(request.POST or None, initial={"role": member.role})
    if request.method == "POST" and form.is_valid():
        try:
            deeds.change_role(actor=request.user, member=member, role=form.cleaned_data["role"])
        except (deeds.LastToRun, deeds.Oneself, deeds.HasClients) as refusal:
            form.add_error("role", _why_not(refusal))
        else:
            messages.success(request, "Role changed. It holds from their next page on.")
            return redirect("practice:members")
    context = {"member": member, "form": form}
    return render(request, "practice/member_role.html", context, status=422 if form.is_bound else 200)


@may(Permission.MEMBER_CHANGE)
@reconfirmed
@require_http_methods(READ_AND_POST)
def member_leave(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Let a member go, once it is plain what that means."""
    member = _active(pk)
    is_oneself = member.pk == request.user.pk
    context = {"member": member, "clients": deeds.caseloads()[member.pk], "why_not": ONESELF if is_oneself else ""}
    if request.method != "POST":
        return render(request, "practice/member_leave.html", context)
    try:
        deeds.let_go(actor=request.user, member=member)
    except (deeds.LastToRun, deeds.Oneself) as refusal:
        messages.error(request, _why_not(refusal))
        return render(request, "practice/member_leave.html", context, status=409)
    messages.success(request, "The door is closed: every sign-in of theirs has ended.")
    return redirect("practice:members")


@may(Permission.MEMBER_CHANGE)
@reconfirmed
@require_http_methods(READ_AND_POST)
def member_return(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Let a former member come back."""
    member = get_or_404(User.objects.filter(is_active=False), pk=pk)
    if request.method != "POST":
        return render(request, "practice/member_return.html", {"member": member})
    deeds.bring_back(actor=request.user, member=member)
    messages.success(request, "They work here again, once they have chosen a new password.")
    return redirect("practice:members")


@may(Permission.MEMBER_CHANGE)
@reconfirmed
@require_http_methods(READ_AND_POST)
def member_second_factor(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take away the second factor of a member who lost phone, key and codes, so that they can set up another."""
    member = _active(pk)
    if request.method != "POST":
        return render(request, "practice/member_second_factor.html", {"member": member})
    reset_second_factor(actor=request.user, member=member)
    messages.success(request, "Second factor removed. They set up another at their next sign-in.")
    return redirect("practice:members")


@may(Permission.MEMBER_CHANGE)
@require_POST
@reconfirmed
def invitation_revoke(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_or_404(Invitation.objects.all(), pk=pk)
    try:
        deeds.revoke_invitation(actor=request.user, invitation=invitation)
        messages.success(request, "Invitation taken back. Its link opens nothing any more.")
    except InvitationClosed:
        messages.info(request, "This invitation was no longer open.")
    return redirect("practice:members")


def _active(pk: UUID) -> User:
    return get_or_404(User.objects.filter(is_active=True), pk=pk)


def _why_not(refusal: Exception) -> str:
    """Put a refusal into words."""
    if isinstance(refusal, deeds.HasClients):
        whose = "1 client" if refusal.clients == 1 else f"{refusal.clients} clients"
        return f"They have {whose}, whom this role could not read. Hand them over first."
    return LAST_TO_RUN if isinstance(refusal, deeds.LastToRun) else ONESELF


@may(Permission.MEMBER_INVITE)
@reconfirmed
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
@slows_wrong_tokens
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
