"""The client's page of their own words over time."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser

from clients.models import Client
from exercises.models import Answer
from tests.exercises.factories import damage, deeds, make_assignment, make_version
from tests.exercises.pages import heading, read
from tests.exercises.placing import opened, place_url
from tests.factories import make_client

pytestmark = pytest.mark.django_db

FIELDS = [
    {"name": "voices", "kind": "pair", "label": "Two voices", "left": "The critic", "right": "A kind voice"},
    {"name": "moved", "kind": "long_text", "label": "What moved you?", "in_patterns": True},
    {"name": "calm", "kind": "before_after", "label": "How calm?", "low": "not at all", "high": "very"},
]
VALUES = {"voices": {"left": "Too <slow>", "right": "You were tired"}, "moved": "The quiet.",
          "calm": {"before": 3, "after": 6}, "helpful": 7}  # fmt: skip


def answered(client: Client, month: int, values: dict[str, Any] = VALUES) -> None:
    row = make_assignment(client, state="done", answer=values, version=make_version("two-chairs", fields=FIELDS))
    sent_at = datetime(2026, month, 5, 18, tzinfo=ZoneInfo("Europe/London"))
    Answer.unscoped.filter(assignment=row).update(sent_at=sent_at)


def test_it_stands_behind_the_same_door() -> None:
    client = make_client()
    answered(client, 9)
    browser, url = Browser(enforce_csrf_checks=True), place_url(client) + "patterns/"
    page = browser.get(url)
    assert (heading(page), "You were tired" in read(page)) == ("For you", False)
    page = browser.post(url, {"deed": "open"}, follow=True)
    assert heading(page) == "Patterns in self-talk"
    assert heading(browser.get(place_url(client))) == "Your e-mails"
    browser, url = opened(client)
    assert heading(browser.get(url + "patterns/")) == "Patterns in self-talk"


def test_words_stand_by_month_from_the_first_on_and_charts_below() -> None:
    client = make_client()
    answered(client, 10)
    answered(client, 9, {"moved": "A first line."})
    browser, url = opened(client)
    page = read(browser.get(url + "patterns/"))
    places = [page.index(word) for word in (
        "September 2026</h2>", "A first line.", "October 2026</h2>", "<dt>The critic</dt>", "Too <slow>",
        "<dt>A kind voice</dt>", "You were tired", "The quiet.", "Calm, before and after",
        "Calm was 3 before and 6 after", "How helpful it was",
    )]  # fmt: skip
    assert places == sorted(places)
    assert deeds() == []


def test_what_does_not_open_is_counted_and_nothing_else_lost() -> None:
    client = make_client()
    answered(client, 9)
    damage("exercises_answer", '"values"')
    answered(client, 10, {"moved": "Still here."})
    browser, url = opened(client)
    page = read(browser.get(url + "patterns/"))
    assert ("One answer can't be shown at the moment." in page, "Still here." in page) == (True, True)


def test_before_anything_was_shared_it_says_so() -> None:
    browser, url = opened(make_client())
    assert "Nothing has gathered here so far." in read(browser.get(url + "patterns/"))


@pytest.mark.parametrize("token", ["x", "a" * 43])
def test_an_unknown_token_leads_nowhere(token: str) -> None:
    make_client()
    page = Browser().get(f"/m/{token}/patterns/")
    assert (page.status_code, heading(page)) == (404, "There is nothing here")


def test_another_clients_words_are_not_among_them() -> None:
    answered(make_client(), 9)
    browser, url = opened(make_client())
    assert "You were tired" not in read(browser.get(url + "patterns/"))
