"""A breath to follow and a quiet while, under our own Content-Security-Policy: they start, rest, and end in peace."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from csp.utils import build_policy
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Locator, Page, Route, expect

pytestmark = [pytest.mark.browser]

STATIC = Path(__file__).resolve().parents[2] / "static"
NONCE = "of-this-page"
POLICY = build_policy(nonce=NONCE)
KINDS = {".css": "text/css", ".js": "text/javascript"}


class Field:
    """What both partials ask of a field (exercises.library.AnswerField)."""

    label, help, breath_in, breath_out, seconds = "Breathe along", "Sit as you like.", 4, 6, 30


def page_text() -> str:
    parts = "".join(render_to_string(f"exercises/_{name}.html", {"field": Field}) for name in ("pacer", "timer"))
    styles = "".join(f'<link rel="stylesheet" href="/{name}.css">' for name in ("beside", "pacer"))
    # Twice, as on a page of which two parts bring it.
    script = f'<script defer src="/pacer.js" nonce="{NONCE}"></script>' * 2
    head = f'<!DOCTYPE html><html lang="en-GB"><title>Practice</title>{styles}{script}'
    return f'{head}<body class="client"><main><div class="card">{parts}</div></main>'


def serve(route: Route) -> None:
    name = route.request.url.rsplit("/", 1)[1]
    if name:
        route.fulfill(path=STATIC / name, content_type=KINDS[Path(name).suffix])
    else:
        route.fulfill(
            body=page_text(), content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY}
        )


def opened(browser: Browser, *, motion: str = "no-preference", script: bool = True) -> Page:
    page = browser.new_page(
        viewport={"width": 390, "height": 844},
        reduced_motion=motion,  # type: ignore[arg-type]  # one of its two words
        java_script_enabled=script,
    )
    page.route("**/*", serve)
    if script:
        page.clock.install()
    page.goto("https://practice.test/")
    return page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = opened(browser)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(error.message))
    yield page
    page.close()
    assert errors == []


def part(page: Page, name: str) -> Locator:
    return page.locator(f"[data-{name}]")


def later(page: Page, seconds: float) -> None:
    page.clock.run_for(int(seconds * 1000))


def test_the_word_follows_the_breath(page: Page) -> None:
    pacer = part(page, "pacer")
    word = pacer.locator("[data-word]")
    expect(word).to_have_text("whenever you like")
    pacer.get_by_role("button", name="Start").click()
    expect(word).to_have_text("in")
    later(page, 4.5)
    expect(word).to_have_text("out")
    later(page, 6)
    expect(word).to_have_text("in")
    expect(pacer.locator("[data-left]")).to_have_text("about half a minute left")


def test_a_breath_rests_and_goes_on_where_it_was(page: Page) -> None:
    pacer = part(page, "pacer")
    pacer.get_by_role("button", name="Start").click()
    later(page, 5)
    pacer.get_by_role("button", name="Pause").click()
    later(page, 60)
    expect(pacer.locator("[data-word]")).to_have_text("out")
    pacer.get_by_role("button", name="Carry on").click()
    later(page, 6)
    expect(pacer.locator("[data-word]")).to_have_text("in")


def test_the_circle_is_large_between_in_and_out(page: Page) -> None:
    pacer = part(page, "pacer")
    circle = pacer.locator(".pacer-circle")
    small = circle.bounding_box()
    pacer.get_by_role("button", name="Start").click()
    later(page, 4)
    pacer.get_by_role("button", name="Pause").click()
    large = circle.bounding_box()
    assert small is not None
    assert large is not None
    assert (round(small["width"] / large["width"], 1), small["x"] > large["x"]) == (0.6, True)


def test_the_end_is_kind_and_the_keyboard_stays_where_it_was(page: Page) -> None:
    pacer = part(page, "pacer")
    pacer.get_by_role("button", name="Start").press("Enter")
    expect(pacer.get_by_role("status")).to_have_text("The breathing has begun.")
    pacer.get_by_role("button", name="Begin again").focus()
    later(page, 31)
    expect(pacer.get_by_role("status")).to_have_text("that is all. Let your breath go its own way again.")
    expect(pacer.get_by_role("button")).to_have_count(1)
    expect(pacer.get_by_role("button", name="Begin again")).to_be_focused()


def test_what_is_read_aloud_does_not_change_with_each_breath(page: Page) -> None:
    pacer = part(page, "pacer")
    pacer.get_by_role("button", name="Start").click()
    later(page, 25)
    expect(pacer.get_by_role("status")).to_have_text("The breathing has begun.")
    expect(pacer.locator("[aria-hidden='true'] [data-word]")).to_have_count(1)


def test_a_quiet_while_says_by_and_by_how_long(page: Page) -> None:
    timer = part(page, "timer")
    timer.get_by_role("button", name="Start").click()
    expect(timer.locator("[data-left]")).to_have_text("about half a minute left")
    later(page, 20)
    expect(timer.locator("[data-left]")).to_have_text("a few moments left")
    later(page, 11)
    expect(timer.locator("[data-word]")).to_have_text("that was the time")
    expect(timer.locator("[data-left]")).to_have_text("No hurry to move on.")


def test_less_motion_is_a_bar_of_steps(browser: Browser) -> None:
    page = opened(browser, motion="reduce")
    pacer = part(page, "pacer")
    pacer.get_by_role("button", name="Start").click()
    later(page, 6.5)
    expect(pacer.locator(".pacer-circle")).to_be_hidden()
    expect(pacer.locator(".pacer-step")).to_have_count(10)
    expect(pacer.locator(".pacer-step.full")).to_have_count(7)
    expect(pacer.locator("[data-word]")).to_have_text("out")
    page.close()


def test_without_a_script_the_words_stand_alone(browser: Browser) -> None:
    page = opened(browser, script=False)
    expect(page.get_by_role("button")).to_have_count(0)
    expect(part(page, "pacer").locator(".soft")).to_have_text(
        "Breathe in while you count to 4, out while you count to 6. About 3 rounds."
    )
    expect(part(page, "timer").locator(".soft")).to_have_text(
        "A few quiet moments: about half a minute, or as long as feels right."
    )
    page.close()
