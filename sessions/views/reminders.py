"""When clients are reminded: by the practice, by a counsellor, for one client, for one session."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clients.models import Client
from practice import clock
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.models import ClientSession
from sessions.reminder_form import RemindersForm, Scope, listed
from sessions.reminding import set_rules
from sessions.selectors import name_of

READ_AND_POST = ["GET", "HEAD", "POST"]


@may(Permission.PRACTICE_SETTINGS)
@require_http_methods(READ_AND_POST)
def practice(request: StaffRequest) -> HttpResponse:
    """Show and change when the practice reminds clients."""
    lead = "For every session, unless its counsellor has other rules."
    words = {"heading": "Reminders", "lead": lead, "back": "Diary settings"}
    return _page(request, Scope(), reverse("sessions:settings"), words)


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def mine(request: StaffRequest) -> HttpResponse:
    """Show and change when the viewer's clients are reminded."""
    lead = "For your sessions, unless a client or a session has other rules."
    words = {"heading": "My reminders", "lead": lead, "back": "Diary"}
    return _page(request, Scope(counsellor=request.user), reverse("sessions:week"), words)


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def of_client(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Show and change when one client is reminded."""
    client = get_or_404(Client.visible_to(request.user).select_related("counsellor"), pk=client_id)
    lead = "For every session with this client."
    words = {"heading": f"Reminders for {name_of(client)}", "lead": lead, "back": "Sessions with this client"}
    return _page(request, Scope(client=client), reverse("sessions:with_client", args=[client.pk]), words, client)


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def of_session(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Show and change when a client is reminded of one session."""
    rows = ClientSession.visible_to(request.user).select_related("client__counsellor", "counsellor")
    session = get_or_404(rows, pk=session_id)
    when = clock.shown(session.starts_at, "l j F, H:i")
    lead = f"With {name_of(session.client)}, {when}. For this session alone."
    words = {"heading": "Reminders of this session", "lead": lead, "back": "Session"}
    return _page(request, Scope(session=session), reverse("sessions:detail", args=[session.pk]), words, session.client)


def _page(
    request: StaffRequest, scope: Scope, to: str, words: dict[str, str], client: Client | None = None
) -> HttpResponse:
    """Show the form, or save what was typed and go back."""
    form = RemindersForm(request.POST or None, scope=scope)
    if request.method == "POST" and form.is_valid():
        set_rules(
            actor=request.user, rules=form.rules(),
            session=scope.session, client=scope.client, counsellor=scope.counsellor,
        )  # fmt: skip
        messages.success(request, f"Reminders: {listed(scope.now())}.")
        return redirect(to)
    context = {"form": form, "back_url": to, "client": client, **words}
    return render(request, "sessions/reminders.html", context)
