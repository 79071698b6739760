"""What a counsellor does about a client's reply: agree to another time, or put it away as seen."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clients.handing_over import HandedOver
from practice import clock
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions import replies
from sessions.diary import DiaryClash, PastSession, SessionClosed
from sessions.hits import hits_of
from sessions.models import ClientReply
from sessions.toasts import say_with_undo

CLOSED = "This has been answered already, so nothing was changed."


@may(Permission.SESSION_BOOK)
@require_POST
def reply_agree(request: StaffRequest, reply_id: UUID) -> HttpResponse:
    """Move a session to a time that its client asked for. What it would run into is said first, on the move page."""
    reply = _mine(request, reply_id)
    starts_at = _wish(request, reply)
    why_not = _in_the_way(reply, starts_at)
    if why_not and reply.state == ClientReply.State.OPEN:
        messages.warning(request, f"Not moved yet. {why_not} Please choose the time here, if you want it all the same.")
        return redirect("sessions:move", reply.session_id)
    try:
        session = replies.agree_reply(actor=request.user, reply=reply, starts_at=starts_at)
    except DiaryClash:
        return _refused(request, reply, f"Not moved: you have another session on {_said(starts_at)} by now.")
    except PastSession:
        return _refused(request, reply, f"Not moved: {_said(starts_at)} has passed.")
    except (replies.ReplyClosed, SessionClosed):
        return _refused(request, reply, CLOSED)
    except HandedOver as gone:
        raise Http404 from gone
    say_with_undo(request, f"Session moved to {_said(starts_at)}.", session)
    return _back(request, reply)


@may(Permission.SESSION_BOOK)
@require_POST
def reply_see(request: StaffRequest, reply_id: UUID) -> HttpResponse:
    """Put a reply away as seen."""
    reply = _mine(request, reply_id)
    replies.see_reply(actor=request.user, reply=reply)
    messages.success(request, "Put away as seen.")
    return _back(request, reply)


def _mine(request: StaffRequest, reply_id: UUID) -> ClientReply:
    return get_or_404(ClientReply.visible_to(request.user).select_related("client", "session"), pk=reply_id)


def _wish(request: StaffRequest, reply: ClientReply) -> datetime:
    """Return the wish that the button names. Raise Http404 for a time that nobody asked for."""
    chosen = request.POST.get("starts_at", "")
    if chosen not in reply.wishes:
        raise Http404
    return datetime.fromisoformat(chosen)


def _in_the_way(reply: ClientReply, starts_at: datetime) -> str:
    session = reply.session
    found = hits_of(
        session.counsellor_id, starts_at, starts_at + session.length, buffer=session.buffer, but=[session.pk]
    )
    return " ".join(hit.text for hit in found)


def _said(moment: datetime) -> str:
    return clock.shown(moment, "l j F, H:i")


def _refused(request: StaffRequest, reply: ClientReply, why: str) -> HttpResponseRedirect:
    messages.error(request, why)
    return _back(request, reply)


def _back(request: StaffRequest, reply: ClientReply) -> HttpResponseRedirect:
    if request.POST.get("back") == "today":
        return redirect("practice:today")
    return redirect("sessions:detail", reply.session_id)
