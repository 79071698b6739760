"""Taking a deed on the diary back."""

from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from practice import clock
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions import sentences, undoing
from sessions.diary import DiaryClash
from sessions.models import ClientSession, DiaryChange, TimeOff


@may(Permission.SESSION_BOOK)
@require_POST
def undo(request: StaffRequest, change_id: UUID) -> HttpResponse:
    """Undo one's own deed and go back to where its button stood, or to the diary where that page is gone."""
    change = get_or_404(DiaryChange.visible_to(request.user), pk=change_id)
    planned, day = sentences.planned_of(_sessions_of(request, change)), _day_unmade(request, change)
    try:
        undoing.undo(actor=request.user, change=change)
    except undoing.CannotUndo as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(request))
    except DiaryClash:
        messages.error(request, "There is another session at the old time by now, so this stays as it is.")
        return redirect(_back(request))
    messages.success(request, sentences.after_undoing(planned))
    back, week = _back(request), reverse("sessions:week")
    is_gone = any(row["was"] is None and row["id"] in back for row in change.before)
    return redirect((f"{week}?day={day.isoformat()}" if day else week) if is_gone else back)


def _sessions_of(request: StaffRequest, change: DiaryChange) -> list[ClientSession]:
    """Return the sessions that a deed was about, as it left them, by their start."""
    ids = [row["id"] for row in change.before if row["table"] == ClientSession.__name__]
    rows = ClientSession.visible_to(request.user).filter(pk__in=ids).select_related("client")
    return list(rows.defer("place").order_by("starts_at", "pk"))


def _day_unmade(request: StaffRequest, change: DiaryChange) -> date | None:
    """Return the first day on which something stands that the undo will take away; None where there is none."""
    made = [row["id"] for row in change.before if row["was"] is None]
    starts = [
        *ClientSession.visible_to(request.user).filter(pk__in=made).values_list("starts_at", flat=True),
        *TimeOff.visible_to(request.user).filter(pk__in=made).values_list("starts_at", flat=True),
    ]
    return clock.local(min(starts)).date() if starts else None


def _back(request: StaffRequest) -> str:
    """Return the page that the button stood on, with the day that it showed."""
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc != request.get_host() or not referer.path:
        return reverse("sessions:week")
    is_diary = referer.path == reverse("sessions:week")
    return f"{referer.path}?{referer.query}" if is_diary and referer.query else referer.path
