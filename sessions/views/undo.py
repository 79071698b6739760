"""Taking a deed on the diary back."""

from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions import undoing
from sessions.diary import DiaryClash
from sessions.models import DiaryChange


@may(Permission.SESSION_BOOK)
@require_POST
def undo(request: StaffRequest, change_id: UUID) -> HttpResponse:
    """Undo one's own deed and go back to where its button stood, or to the diary where that page is gone."""
    change = get_or_404(DiaryChange.visible_to(request.user), pk=change_id)
    is_unmade = any(row["was"] is None for row in change.before)
    try:
        undoing.undo(actor=request.user, change=change)
    except undoing.CannotUndo as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(request))
    except DiaryClash:
        messages.error(request, "There is another session at the old time by now, so this stays as it is.")
        return redirect(_back(request))
    messages.success(request, "Undone. Mail that was planned for it has been taken back.")
    back = _back(request)
    return redirect("sessions:week" if is_unmade and str(change.subject_id) in back else back)


def _back(request: StaffRequest) -> str:
    """Return the page that the button stood on, with the day that it showed."""
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc != request.get_host() or not referer.path:
        return reverse("sessions:week")
    is_diary = referer.path == reverse("sessions:week")
    return f"{referer.path}?{referer.query}" if is_diary and referer.query else referer.path
