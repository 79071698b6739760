"""A desk that was left: asked in time, signed out, covered; typed words wait for whoever typed them."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from config.demo.cast import PASSWORD
from tests.e2e.conftest import sign_in
from tests.running import Home, copy_of, free_ports, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAM, OTHER = "counsellor@beside.test", "second@beside.test"
# As short as a page takes to open on a busy machine, some times over: the question comes at half of it.
SECONDS = 7.8
SOON = 15_000
WORDS = "She spoke of the garden for the first time."


@pytest.fixture(scope="module")
def hasty(furnished: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The pages of a practice of its own, in which nobody else types, by a web server that waits for seconds only."""
    home, port = copy_of(furnished, tmp_path_factory.mktemp("hasty")), free_ports()
    hasty = Home(home.folder, {**home.env, "PORT": str(port), "IDLE_MINUTES": str(SECONDS / 60)}, port)
    with hasty.process("-m", "waitress", f"--listen=127.0.0.1:{port}", "config.wsgi:application") as running:
        hasty.wait_until_ready(running, "/health/live")
        yield hasty


@pytest.fixture
def desk(browser: Browser, hasty: Home) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=hasty.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(15_000)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert errors == []


def begin_a_note(page: Page) -> str:
    """Open the note of a session that has none, and return its address."""
    region = page.get_by_role("region", name="Notes to write")
    region.get_by_role("listitem").filter(has_not_text="draft begun").get_by_role("link").last.click()
    expect(page.get_by_label("What happened")).to_have_value("")
    return page.url


def dialog(page: Page) -> bool:
    return bool(page.evaluate("document.getElementById('still-here').open"))


def seconds_left(page: Page) -> float:
    return float(page.evaluate("fetch('/practice/here/').then((answer) => answer.json())")["seconds"])


def sign_in_again(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_words_wait_for_whoever_typed_them(desk: BrowserContext) -> None:
    page = sign_in(desk, SAM)
    note = begin_a_note(page)
    page.get_by_label("What happened").fill(WORDS)
    expect(page.locator(".kept-state")).to_have_text(re.compile(r"Kept \d\d:\d\d"))

    # Nobody moves: the page is left, and the back button shows nothing.
    page.wait_for_url("**/accounts/login/**")
    expect(page.get_by_text("signed out after a quiet while")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Password")).to_be_visible()
    assert WORDS not in page.content()

    # Another member at the same machine finds none of it.
    sign_in_again(page, OTHER)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good")
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    page.get_by_role("button", name="Sign out").first.click()

    # Whoever typed them is led back to the page and decides.
    page.goto(note)
    sign_in_again(page, SAM)
    page.wait_for_url(note)
    expect(page.get_by_text("that were not saved are here")).to_be_visible()
    expect(page.get_by_label("What happened")).to_have_value("")
    page.get_by_role("button", name="Put them back").click()
    expect(page.get_by_label("What happened")).to_have_value(WORDS)
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("Draft saved")
    page.goto("/")
    expect(page.get_by_text("Not saved yet")).to_have_count(0)


def test_typing_goes_on_and_one_key_answers_the_question(desk: BrowserContext) -> None:
    page = sign_in(desk, SAM)
    begin_a_note(page)
    field = page.get_by_label("What happened")
    ends = time.monotonic() + SECONDS + 0.5
    while time.monotonic() < ends:
        field.press_sequentially("word ")
        page.wait_for_timeout(400)
        assert not dialog(page)

    still = page.get_by_role("dialog", name="Still here?")
    expect(still).to_be_visible(timeout=SOON)
    assert seconds_left(page) <= SECONDS / 2
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(still).to_be_hidden()
    until(lambda: seconds_left(page) > SECONDS / 2, 5)  # the word is on its way to the server

    # Work in another window says the same.
    expect(still).to_be_visible(timeout=SOON)
    desk.new_page().goto("/")
    expect(still).to_be_hidden()
