"""A word on what was done, with the way to take it back."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from sessions import undoing


def say_with_undo(request: HttpRequest, text: str, row: undoing.Row) -> None:
    """Say what a deed has done; where it can be taken back, with a button (templates/_messages.html)."""
    change = undoing.change_of(row)
    messages.success(request, text, extra_tags=reverse("sessions:undo", args=[change.pk]) if change else "")
