"""What the practice settles about its diary: rules, and the kinds of session it offers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions import arrangements
from sessions.arrangements import TypeNameTaken
from sessions.models import DiaryRules, SessionType
from sessions.reminder_form import Scope, listed
from sessions.settings_forms import DiaryRulesForm, SessionTypeForm

READ_AND_POST = ["GET", "HEAD", "POST"]


@may(Permission.PRACTICE_SETTINGS)
@require_http_methods(READ_AND_POST)
def settings(request: StaffRequest) -> HttpResponse:
    """Show and change the rules; show the kinds of session."""
    form = DiaryRulesForm(request.POST or None, initial=DiaryRulesForm.initial_for(DiaryRules.current()))
    if request.method == "POST" and form.is_valid():
        changed = arrangements.change_rules(actor=request.user, **form.rules())
        messages.success(request, "Saved." if changed else "Nothing has changed.")
        return redirect("sessions:settings")
    context = {"form": form, "types": list(SessionType.objects.all()), "reminders": listed(Scope().now())}
    return render(request, "sessions/settings.html", context)


@may(Permission.PRACTICE_SETTINGS)
@require_http_methods(READ_AND_POST)
def type_add(request: StaffRequest) -> HttpResponse:
    """Offer one more kind of session."""
    form = SessionTypeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            arrangements.add_type(actor=request.user, **form.details())
        except TypeNameTaken:
            form.refuse_name()
        else:
            messages.success(request, "Session type added.")
            return redirect("sessions:settings")
    return render(request, "sessions/type_add.html", {"form": form})


@may(Permission.PRACTICE_SETTINGS)
@require_http_methods(READ_AND_POST)
def type_change(request: StaffRequest, type_id: UUID) -> HttpResponse:
    """Change what a kind of session usually takes; offer to archive it, or to bring it back."""
    kind = get_or_404(SessionType.objects.all(), pk=type_id)
    form = SessionTypeForm(request.POST or None, initial=SessionTypeForm.initial_for(kind))
    if request.method == "POST" and form.is_valid():
        try:
            changed = arrangements.change_type(actor=request.user, kind=kind, **form.details())
        except TypeNameTaken:
            form.refuse_name()
        else:
            messages.success(request, "Session type saved." if changed else "Nothing has changed.")
            return redirect("sessions:settings")
    return render(request, "sessions/type_change.html", {"form": form, "kind": kind})


@may(Permission.PRACTICE_SETTINGS)
@require_POST
def type_archive(request: StaffRequest, type_id: UUID) -> HttpResponse:
    """Offer a kind of session no more."""
    arrangements.archive_type(actor=request.user, kind=get_or_404(SessionType.objects.all(), pk=type_id))
    messages.success(request, "Archived. Sessions that have this type keep it.")
    return redirect("sessions:settings")


@may(Permission.PRACTICE_SETTINGS)
@require_POST
def type_restore(request: StaffRequest, type_id: UUID) -> HttpResponse:
    """Offer a kind of session again."""
    try:
        arrangements.restore_type(actor=request.user, kind=get_or_404(SessionType.objects.all(), pk=type_id))
    except TypeNameTaken:
        messages.error(request, "Another session type has this name by now. Please rename that one first.")
        return redirect("sessions:type_change", type_id)
    messages.success(request, "The session type is offered again.")
    return redirect("sessions:settings")
