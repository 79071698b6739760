"""Writing an exercise in a real browser: rows that come, move and go, and the client's page beside the form.

All of it works without JavaScript; with it, the page beside the form follows what is typed.
"""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from config.demo.cast import PASSWORD
from tests.e2e.conftest import sign_in
from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WRITE = "/exercises/write/"
ASKED = ["How warm was it?", "What did you see?"]
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [(1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")]


@pytest.fixture
def plain(browser: Browser, home: Home) -> Iterator[Page]:
    """A counsellor's browser without JavaScript, signed in."""
    context = browser.new_context(base_url=home.url, java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("E-mail").fill("counsellor@beside.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    yield page
    context.close()


def fill_in(page: Page) -> None:
    page.get_by_label("Title").fill("Tea and a window")
    page.get_by_label("What it is for").fill("To arrive in the afternoon.")
    page.get_by_label("Where it belongs").select_option("mindful")
    page.get_by_label("Minutes").fill("5")
    page.locator("[name=step-s1-text]").fill("Put the kettle on.")
    page.locator("[name=step-s2-text]").fill("Look **out**.")
    page.locator("[name=question-q1-label]").fill("What did you see?")


def steps(page: Page) -> list[str]:
    return [each.input_value() for each in page.locator("[name^=step-][name$=-text]").all()]


def asked_after_rows(page: Page) -> list[str]:
    """Add, move and take out rows; what was typed stays. Return what the exercise asks."""
    page.goto(WRITE)
    fill_in(page)
    page.get_by_role("button", name="Down step 1").click()
    # With the script, what was typed is kept first, and the form goes on its way a moment later.
    expect(page.get_by_role("button", name="Down step 2")).to_be_focused()
    assert steps(page) == ["Look **out**.", "Put the kettle on.", ""]
    page.get_by_role("button", name="Take out step 3").click()
    expect(page.locator("[name=step-s3-text]")).to_have_count(0)
    page.get_by_role("button", name="Add a step").click()
    expect(page.locator("[name=step-s3-text]")).to_be_focused()
    page.get_by_role("button", name="Add a question").click()
    page.locator("[name=question-q2-kind]").select_option("scale")
    expect(page.locator("[name=question-q2-options]")).to_be_hidden()
    page.locator("[name=question-q2-label]").fill("How warm was it?")
    page.locator("[name=question-q2-low]").fill("cold")
    page.get_by_role("button", name="Up question 2").click()
    expect(page.locator("[name=question-order]").first).to_have_value("q2")
    page.get_by_role("button", name="Put it in my library").click()
    expect(page.get_by_role("alert")).to_contain_text("Question 1, 10 is: Please name what 10 stands for.")
    page.locator("[name=question-q2-high]").fill("warm")
    page.get_by_role("button", name="Put it in my library").click()
    expect(page.get_by_role("heading", name="Tea and a window")).to_be_visible()
    return page.locator("section[aria-labelledby=asked-title] li strong").all_inner_texts()


def test_rows_come_move_and_go_without_javascript(plain: Page) -> None:
    assert asked_after_rows(plain) == ASKED


def test_rows_come_move_and_go_with_javascript(counsellor: Page) -> None:
    assert asked_after_rows(counsellor) == ASKED


def test_the_preview_opens_without_javascript_and_the_form_stays(plain: Page) -> None:
    plain.goto(WRITE)
    fill_in(plain)
    with plain.context.expect_page() as opened:
        plain.get_by_role("button", name="Preview").click()
    expect(opened.value.get_by_role("heading", name="Tea and a window")).to_be_visible()
    expect(opened.value.get_by_label("What did you see?")).to_be_visible()
    assert plain.get_by_label("Title").input_value() == "Tea and a window"


def test_the_clients_page_follows_what_is_typed(counsellor: Page) -> None:
    counsellor.goto(WRITE)
    seen = counsellor.locator("[data-live-page]")
    expect(seen).to_contain_text("Without a title so far")
    fill_in(counsellor)
    expect(seen.locator(".seen-title")).to_have_text("Tea and a window")
    expect(seen.locator("strong")).to_have_text("out")
    expect(seen.get_by_label("What did you see?")).to_be_visible()
    counsellor.locator("[name=question-q1-kind]").select_option("circles")
    expect(seen).to_contain_text("Soothing: safe, calm, close to others")
    counsellor.get_by_label("Minutes").fill("25")
    expect(counsellor.get_by_text("More than ten minutes is a lot")).to_be_visible()
    assert counsellor.locator("h1").count() == 1


def test_a_programme_is_written_without_javascript(plain: Page) -> None:
    plain.goto("/exercises/programmes/write/")
    plain.get_by_label("Title").fill("Two weeks of tea")
    plain.locator("[name=step-s1-exercise]").select_option("noticing")
    plain.locator("[name=step-s2-exercise]").select_option("kind-voice")
    plain.locator("[name=step-s2-mode]").select_option("done_plus")
    plain.locator("[name=step-s2-days]").fill("5")
    plain.get_by_role("button", name="Up step 2").click()
    plain.get_by_role("button", name="Down step 1").click()
    plain.get_by_role("button", name="Save programme").click()
    expect(plain.get_by_role("heading", name="Two weeks of tea")).to_be_visible()
    expect(plain.locator("ol.steps")).to_contain_text("Five days after the one before is done")


PAGES = [
    "/exercises/", "/exercises/?way=soothe", "/exercises/soothing-rhythm/", WRITE,
    f"{WRITE}?from=soothing-rhythm", "/exercises/programmes/", "/exercises/programmes/five-weeks/",
    "/exercises/programmes/write/", "/exercises/programmes/write/?from=five-weeks",
]  # fmt: skip


def faults(page: Page) -> list[str]:
    page.evaluate(Axe().axe_script)
    found: list[Any] = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        broken = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
        found += [f"{rule['id']} ({width} px, {scheme})" for rule in broken]
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        found += [f"{wide[0]} px wide"] if wide[0] > wide[1] else []
    return found


@pytest.mark.parametrize("where", PAGES)
def test_no_rule_of_accessibility_is_broken(where: str, counsellor: Page) -> None:
    counsellor.goto(where)
    counsellor.wait_for_load_state("networkidle")
    assert faults(counsellor) == []


def test_the_preview_breaks_no_rule_either(context: BrowserContext) -> None:
    page = sign_in(context, "counsellor@beside.test")
    page.goto(f"{WRITE}?from=soothing-rhythm")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Preview").click()
    opened.value.wait_for_load_state("networkidle")
    assert (opened.value.locator("h1").count(), faults(opened.value)) == (1, [])
