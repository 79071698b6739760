"""Leave in a real browser: looked at, taken and taken back, with a script and without."""

from datetime import date, timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.conftest import sign_in
from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


def look_at(page: Page, first: int, last: int) -> None:
    page.goto("/sessions/leave/new/")
    page.get_by_label("First day").fill((date.today() + timedelta(days=first)).isoformat())
    page.get_by_label("Last day").fill((date.today() + timedelta(days=last)).isoformat())
    page.get_by_label("What it is").fill("Lapland")
    page.get_by_role("button", name="Take leave").click()
    page.get_by_role("heading", name="One by one").wait_for()


def faults(page: Page) -> list[str]:
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        broken = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        found += [f"{rule['id']} ({width} px, {scheme})" for rule in broken]
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        found += [f"{wide[0]} px wide"] if wide[0] > wide[1] else []
    return found


def test_what_becomes_of_the_sessions_is_for_everybody_to_read(context: BrowserContext) -> None:
    page = sign_in(context, "counsellor@beside.test")
    look_at(page, 8, 14)
    found = faults(page)
    page.get_by_role("button", name="Take leave").click()
    page.get_by_text("Please choose what happens to these sessions.").first.wait_for()
    assert found + faults(page) == []


def test_a_week_is_taken_and_taken_back_by_one_key(context: BrowserContext) -> None:
    page = sign_in(context, "counsellor@beside.test")
    look_at(page, 8, 14)
    page.get_by_label("Cancel them").check()
    page.locator(".choosing select").first.select_option("keep")
    page.get_by_role("button", name="Take leave").click()
    page.get_by_role("heading", name="Leave", exact=True).wait_for()
    statuses = page.locator("main .list .badge").all_inner_texts()
    assert (statuses[0], set(statuses[1:])) == ("Booked", {"Cancelled by counsellor"})
    page.keyboard.press("u")
    page.get_by_text("Undone.").wait_for()
    page.goto("/sessions/time-off/")
    assert "Lapland" not in page.locator("main").inner_text()


def test_leave_is_taken_without_a_script(browser: Browser, home: Home) -> None:
    context = browser.new_context(base_url=home.url, java_script_enabled=False, locale="en-GB")
    page = sign_in(context, "counsellor@beside.test")
    look_at(page, 22, 23)
    page.get_by_label("Move each to the first free time offered").check()
    page.get_by_role("button", name="Take leave").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Leave"
    page.get_by_role("button", name="Remove leave").click()
    assert "Taken out of your diary." in page.locator("main").inner_text()
    context.close()
