"""The client's link to an exercise, a browser that has opened it, and an answer to every question in it."""

from datetime import timedelta
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from clients.models import ClientLink
from exercises.models import Assignment
from tests.exercises.factories import make_token

FULL = {
    "q_line": "You again",
    "q_page": "That was hard.\nRest now.",
    "q_helpful": "0",
    "q_sound": "Warm",
    "q_in_the_way": ["No time", "Something else"],
    "sharing": "shared",
}
VALUES = {
    "line": "You again",
    "page": "That was hard.\nRest now.",
    "helpful": 0,
    "sound": "Warm",
    "in_the_way": ["No time", "Something else"],
}
SCRIPT: dict[str, Any] = {"HTTP_ACCEPT": "application/json"}


def url(assignment: Assignment, days: int = 7) -> str:
    return f"/x/{make_token(assignment, days)}/"


def opened(browser: Browser, assignment: Assignment, code: str = "") -> str:
    """Open a new link to an assignment in a browser, and return it."""
    link = url(assignment)
    browser.post(link, {"deed": "open", "code": code})
    return link


def saved(browser: Browser, link: str, version: object = 0, **fields: Any) -> Any:
    """Save some fields as the page's script does."""
    return browser.post(link, {"deed": "save", "version": version, **fields}, **SCRIPT)


def run_out(days: int = 1) -> None:
    """Let every link have run out so many days ago."""
    then = timezone.now() - timedelta(days=days)
    ClientLink.unscoped.update(created_at=then - timedelta(days=14), expires_at=then)
