"""A note opens with the practice since last time: what was learned is kept, and no word of the note is lost."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(("called", "has_script"), [("Fern", True), ("Otti", False)])
def test_what_we_learned_is_kept_and_so_is_the_note(
    browser: Browser, home: Home, called: str, has_script: bool
) -> None:
    context = browser.new_context(
        base_url=home.url, viewport={"width": 390, "height": 844}, locale="en-GB", java_script_enabled=has_script
    )
    page = sign_in(context, "counsellor@beside.test")
    open_note_of_next_session(page, called)
    practice = page.get_by_role("region", name="Practice since last time")

    assert stands_above_the_note(page)
    page.get_by_label("What happened, and what to keep in mind").fill("We began with the kettle.")
    page.get_by_label("What did we learn?").fill("Evenings are kinder.")
    page.get_by_role("button", name="Keep what we learned").click()

    expect(page.locator(".messages")).to_contain_text("What you learned is kept")
    expect(practice).to_contain_text("Evenings are kinder.")
    expect(page.get_by_label("What happened, and what to keep in mind")).to_have_value("We began with the kettle.")
    expect(page.get_by_label("What did we learn?")).to_have_count(0)
    context.close()


def open_note_of_next_session(page: Page, called: str) -> None:
    page.goto("/clients/")
    page.locator("main").get_by_role("link", name=called).first.click()
    session = page.get_by_role("region", name="Sessions").locator(".list a[href^='/sessions/']").first
    page.goto((session.get_attribute("href") or "").replace("/sessions/", "/notes/session/"))


def stands_above_the_note(page: Page) -> bool:
    practice = page.get_by_role("region", name="Practice since last time").bounding_box()
    words = page.get_by_label("What happened, and what to keep in mind").bounding_box()
    return practice is not None and words is not None and practice["y"] + practice["height"] <= words["y"]
