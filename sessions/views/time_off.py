"""Pages of a counsellor's own time: what is blocked, and leave with what becomes of the sessions in it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from practice import clock
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions import leaving, time_off
from sessions.leave_choices import ChoicesForm
from sessions.leave_words import after_leave, looking_at
from sessions.models import TimeOff
from sessions.time_off_forms import BlockForm, LeaveForm, asked_for
from sessions.toasts import say_with_undo, undo_url

READ_AND_POST = ["GET", "HEAD", "POST"]
CHANGED = "This was changed or removed in another window. Here it is as it stands now."
TWICE = "This stands in your diary already."
REMOVED = "Taken out of your diary. Sessions that were cancelled or moved for it stay as they are."


@may(Permission.CLIENT_READ)
@require_safe
def all_of_it(request: StaffRequest) -> HttpResponse:
    """List leave and blocked time that lies ahead, with `?past=1` that of the past year; bank holidays beside it."""
    is_past = "past" in request.GET
    rows = leaving.past(request.user) if is_past else leaving.ahead(request.user)
    context = {"rows": rows, "is_past": is_past, "holidays": leaving.holidays_ahead()}
    return render(request, "sessions/time_off_list.html", context)


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def block(request: StaffRequest) -> HttpResponse:
    """Keep some time free of sessions; `?day=` and `?time=` say when."""
    return _block(request, BlockForm(request.POST or None, initial=asked_for(request.GET)))


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def leave(request: StaffRequest) -> HttpResponse:
    """Take some days off: first which, then what becomes of the sessions in them."""
    return _leave(request, LeaveForm(request.POST or None))


@may(Permission.SESSION_BOOK)
@require_http_methods(READ_AND_POST)
def one(request: StaffRequest, time_off_id: UUID) -> HttpResponse:
    """Change or remove blocked time or leave."""
    row = get_or_404(TimeOff.visible_to(request.user), pk=time_off_id)
    if request.method == "POST" and "remove" in request.POST:
        time_off.remove_time_off(actor=request.user, row=row)
        messages.success(request, REMOVED)
        return redirect("sessions:time_off_list")
    if row.kind == TimeOff.Kind.LEAVE:
        return _leave(request, LeaveForm(request.POST or None, row=row, initial=LeaveForm.of(row)))
    return _block(request, BlockForm(request.POST or None, row=row, initial=BlockForm.of(row)))


def _block(request: StaffRequest, form: BlockForm) -> HttpResponse:
    """Answer for blocked time, new or changed: sessions in it are said before it is saved."""
    found = []
    if request.method == "POST" and form.is_valid():
        found = leaving.in_the_way(request.user, **form.span, had=form.row)
        if not found or request.POST.get("all_the_same") == leaving.fingerprint(found):
            saved = _saved_block(request, form)
            if saved is not None:
                return saved
    context = {"form": form, "found": leaving.named(found), "all_the_same": leaving.fingerprint(found)}
    page = "sessions/time_off.html" if form.row else "sessions/block.html"
    return render(request, page, {**context, **_page_of(form.row)})


def _saved_block(request: StaffRequest, form: BlockForm) -> HttpResponse | None:
    """Do the deed and go back to its day; None where it stands in the diary already."""
    try:
        if form.row is None:
            row = time_off.block_time(actor=request.user, label=form.cleaned_data["label"], **form.span)
        else:
            row = time_off.change_block(actor=request.user, **form.change(), **form.span)
    except time_off.SameTimeOff:
        form.add_error("on", TWICE)
        return None
    except time_off.TimeOffChanged:
        return _as_it_stands(request, form.row)
    say_with_undo(request, "Time blocked." if form.row is None else "Blocked time changed.", row)
    return redirect(f"{reverse('sessions:week')}?day={clock.local(row.starts_at):%Y-%m-%d}")


def _leave(request: StaffRequest, form: LeaveForm) -> HttpResponse:
    """Answer for leave, new or changed: its days, then a look at the sessions in them, then the deed."""
    choices = None
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        choices = _choices(request, form)
        if choices.is_settled:
            saved = _saved_leave(request, form, choices)
            if saved is not None:
                return saved
            if not form.errors and not choices.errors:
                # The diary has changed at this very moment: what there is to choose now.
                choices = _choices(request, form)
    choices = None if form.errors else choices
    page = "sessions/time_off.html" if form.row else "sessions/leave.html"
    return render(request, page, {"form": form, "choices": choices, **_page_of(form.row)})


def _choices(request: StaffRequest, form: LeaveForm) -> ChoicesForm:
    starts_at, ends_at = time_off.whole_days(**form.days)
    rows = leaving.looked_at(request.user, starts_at, ends_at, had=form.row)
    said = request.POST if "take" in request.POST else None
    return ChoicesForm(said, rows=rows, words=looking_at(starts_at, ends_at, len(rows)))


def _saved_leave(request: StaffRequest, form: LeaveForm, choices: ChoicesForm) -> HttpResponse | None:
    """Do the deed and show what came of it; None where something is to be chosen anew."""
    chosen: dict[str, Any] = {"actor": request.user, "choices": choices.choices(), **form.days}
    try:
        if form.row is None:
            left = time_off.take_leave(label=form.cleaned_data["label"], **chosen)
        else:
            left = time_off.change_leave(**form.change(), **chosen)
    except time_off.SameTimeOff:
        form.add_error("first_on", TWICE)
    except time_off.CannotMove as refusal:
        choices.refuse(refusal.session.pk)
    except time_off.LeaveChanged:
        return None
    except time_off.TimeOffChanged:
        return _as_it_stands(request, form.row)
    else:
        say_with_undo(request, after_leave(left), left.row)
        return redirect("sessions:time_off", left.row.pk)
    return None


def _as_it_stands(request: StaffRequest, row: TimeOff | None) -> HttpResponse:
    messages.error(request, CHANGED)
    found = row is not None and TimeOff.visible_to(request.user).filter(pk=row.pk).exists()
    return redirect("sessions:time_off", row.pk) if row and found else redirect("sessions:time_off_list")


def _page_of(row: TimeOff | None) -> dict[str, object]:
    """Return what a page shows of a row besides its form."""
    context: dict[str, object] = {"zone_label": clock.zone_label(), "off": None, "rows": []}
    if row is not None:
        context |= {
            "off": leaving.off(row),
            "rows": leaving.sessions_in(row),
            "undo_url": undo_url(row),
        }
    return context
