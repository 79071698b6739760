"""Saving while the connection is away: the form stays where it is, and nothing typed is lost."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import sign_in
from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = "She spoke of the garden for the first time."
LATER = "And of the gate that was always open."


@pytest.fixture
def desk(browser: Browser, home: Home) -> Iterator[BrowserContext]:
    """A fresh profile; without a connection a browser's console has errors, and only scripts may have none."""
    context = browser.new_context(base_url=home.url, locale="en-GB")
    context.set_default_timeout(10_000)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert errors == []


def open_a_draft(page: Page) -> tuple[str, str]:
    """Open a draft, so that the notes to begin are left to other tests; return its address and its words."""
    page.get_by_role("region", name="Notes to write").get_by_role("listitem").filter(
        has_text="draft begun"
    ).get_by_role("link").last.click()
    expect(page.get_by_label("What happened")).not_to_have_value("")
    return page.url, page.get_by_label("What happened").input_value()


def test_saving_waits_for_the_connection(desk: BrowserContext) -> None:
    page = sign_in(desk, "counsellor@beside.test")
    note, _ = open_a_draft(page)
    field, state, save = page.get_by_label("What happened"), page.locator(".kept-state"), page.get_by_text("Save draft")

    desk.set_offline(True)
    field.fill(WORDS)
    save.click()
    expect(state).to_have_text(re.compile("^No connection. Your words are still here"))
    save.click()
    expect(save).to_be_enabled()
    assert (page.url, field.input_value()) == (note, WORDS)
    desk.set_offline(False)
    expect(state).to_have_text(re.compile("Press save once more"))

    # The browser believes that it is connected, and the server cannot be reached: words that are new go first.
    page.route("**/*", lambda route: route.abort())
    field.fill(f"{WORDS} {LATER}")
    save.click()
    expect(state).to_have_text(re.compile("^No connection. Your words are still here"))
    page.unroute("**/*")
    save.click()
    expect(page.locator(".messages")).to_contain_text("Draft saved")
    expect(field).to_have_value(f"{WORDS} {LATER}")
    page.goto("/")
    waiting = page.get_by_role("region", name="Not saved yet")
    expect(waiting.locator(f"a[href='{urlsplit(note).path}']")).to_have_count(0)


def test_words_that_wait_behind_the_sign_in_do_not_go_out_once_more(desk: BrowserContext) -> None:
    """The server's word for it is in tests/practice/test_idle.py; here it is given at once."""
    page = sign_in(desk, "counsellor@beside.test")
    note, words = open_a_draft(page)
    page.route("**/practice/words/", lambda route: route.fulfill(status=401, headers={"Words-Kept": "yes"}))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

    page.get_by_label("What happened").fill(WORDS)
    expect(page.locator(".kept-state")).to_have_text("You are signed out")
    page.get_by_text("Save draft").click()
    expect(page.get_by_label("What happened")).to_have_value(words)
    assert (page.url, note in sent) == (note, False)
