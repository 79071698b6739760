"""Who works here, who is invited, and the page on which an invited person joins."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from practice import selectors, services
from practice.forms import InviteForm, JoinForm
from practice.guards import StaffRequest, may, unreferred
from practice.invitations import InvitationClosed, InvitationUnknown, resolve
from practice.models import Invitation, Practice
from practice.roles import Permission

READ_AND_POST = ["GET", "HEAD", "POST"]


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
