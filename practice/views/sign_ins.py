"""Where a member is signed in, and the way to end it."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from practice import sign_ins as sign_ins_
from practice.guards import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
def sign_ins(request: StaffRequest) -> HttpResponse:
    """List the member's sign-ins; a POST ends all but this one."""
    this = request.session.session_key
    if request.method == "POST":
        number = sign_ins_.end_the_others(actor=request.user, keep=this)
        messages.success(request, "The other sign-ins have ended." if number else "There is no other sign-in.")
        return redirect("usersessions_list")
    rows = sign_ins_.of(request.user, this=this)
    return render(request, "usersessions/usersession_list.html", {"rows": rows, "others": len(rows) > 1})


@require_POST
def sign_in_end(request: StaffRequest, pk: int) -> HttpResponse:
    """End one sign-in of the member's own."""
    found = UserSession.objects.filter(user=request.user, pk=pk).exclude(session_key=request.session.session_key)
    row = found.first()
    if row is None:
        raise Http404
    sign_ins_.end_one(actor=request.user, sign_in=row)
    messages.success(request, "That sign-in has ended.")
    return redirect("usersessions_list")
