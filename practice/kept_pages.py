"""Kept words as Today lists them: which page they were typed on, in plain words, by its route."""

from dataclasses import dataclass
from typing import Any

from django.urls import Resolver404, resolve

from practice.keeping import kept_by
from practice.models import KeptWords, User
from practice.panels import Panel

# What is not here is called a page.
_TITLES = {
    "clients:admit": "New client",
    "clients:edit": "Client’s details",
    "exercises:assign": "Exercise to assign",
    "exercises:assignment": "Review of an answer",
    "exercises:edit": "Exercise to change",
    "exercises:programme_edit": "Programme to change",
    "exercises:programme_write": "New programme",
    "exercises:review_all": "Review of several answers",
    "exercises:start": "Programme to start",
    "exercises:write": "New exercise",
    "notes:detail": "Question for supervision",
    "notes:write": "Session note",
    "practice:member_invite": "Invitation",
    "practice:settings": "Settings",
    "sessions:book": "Session to book",
    "sessions:client_reminders": "Reminders for a client",
    "sessions:details": "Details of a session",
    "sessions:hours": "Working hours",
    "sessions:move": "Session to move",
    "sessions:reminders": "Reminders",
    "sessions:series_change": "Series to change",
    "sessions:session_reminders": "Reminders of a session",
    "sessions:settings": "Diary’s settings",
    "sessions:settings_reminders": "The practice’s reminders",
    "sessions:type_add": "Session type to add",
    "sessions:type_change": "Session type",
    "sessions:waiting_add": "Client for the waiting list",
    "sessions:waiting_entry": "Place on the waiting list",
    "sessions:with_client": "Number of sessions agreed",
    "supervision:pack": "Supervision pack",
}


@dataclass(frozen=True)
class KeptPage:
    """One page with words that are not saved."""

    row: KeptWords
    title: str
    url: str


def kept_page(row: KeptWords) -> KeptPage:
    """Say what a kept page is called, and where it is. Nothing sealed is opened."""
    url = row.page.partition("#")[0]
    try:
        title = _TITLES.get(resolve(url.partition("?")[0]).view_name, "Page")
    except Resolver404:  # an address that a newer release has given up
        title = "Page"
    return KeptPage(row, title, url)


def today_panel(viewer: User, subject: Any) -> Panel | None:
    """Return the pages on which words wait to be saved; None when there are none. One query."""
    pages = [kept_page(row) for row in kept_by(viewer)]
    return Panel("practice/_words_waiting.html", {"pages": pages}, needs=len(pages)) if pages else None
