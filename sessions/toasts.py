"""A word on what was done, with the way to take it back."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from practice.models import User
from sessions import undoing


def say_with_undo(request: HttpRequest, text: str, row: undoing.Row) -> None:
    """Say what a deed has done; where it can be taken back, with a button (templates/_messages.html)."""
    messages.success(request, text, extra_tags=undo_url(row))


def undo_url(row: undoing.Row, viewer: User | None = None) -> str:
    """Return where the deed is undone that left a row as it is; empty where it cannot be, or was not the viewer's."""
    change = undoing.change_of(row)
    if change is None or (viewer is not None and change.actor_id != viewer.pk):
        return ""
    return reverse("sessions:undo", args=[change.pk])
