"""A counsellor gives practice: from the session, with a preview, a question, a programme; with and without a script."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from config.demo.cast import PASSWORD
from tests.running import Home, copy_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def home(furnished: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Run a practice of its own: what is given here is in nobody else's way."""
    home = copy_of(furnished, tmp_path_factory.mktemp("giving"))
    with home.started():
        yield home


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def desk(request: pytest.FixtureRequest, browser: Browser, home: Home) -> Iterator[Page]:
    """Return a counsellor's page; whatever a console complains of fails the test."""
    context = browser.new_context(base_url=home.url, locale="en-GB", java_script_enabled=request.param)
    context.set_default_timeout(10_000)
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("E-mail").fill("counsellor@beside.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/")
    yield page
    context.close()
    assert [line for line in said if "status of 422" not in line] == []


def clean(page: Page, *, has_script: bool) -> None:
    """See that nothing bars anybody, on a desk and a phone, by day and by night, and that nothing is too wide."""
    looks: list[tuple[int, Any]] = [(1280, "light"), (390, "dark")] if has_script else []
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})


def write(page: Page) -> None:
    page.get_by_label("A line from you").fill("For the quiet half hour we spoke of.")
    page.get_by_label("Why this, why now").fill("You said that mornings are the hard part.")
    page.get_by_label("When it might fit").fill("after breakfast")


def open_record(page: Page, called: str) -> None:
    page.goto("/clients/")
    page.locator("main").get_by_role("link", name=called).first.click()


def test_an_exercise_is_looked_at_asked_about_and_sent(desk: Page, request: pytest.FixtureRequest) -> None:
    has_script = "no script" not in request.node.name
    open_record(desk, "Jasper" if has_script else "Fern")
    desk.get_by_role("link", name="Assign exercise").first.click()
    clean(desk, has_script=has_script)
    desk.get_by_role("link", name="A place that is glad of you").click()
    clean(desk, has_script=has_script)
    write(desk)
    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name="See what they will get").click()
    preview = opened.value
    inside = preview.frame_locator("iframe").nth(1)
    expect(inside.get_by_text("For the quiet half hour we spoke of.")).to_be_visible()
    expect(preview.frame_locator("iframe").first.get_by_role("link", name="Open the page")).to_be_visible()
    clean(preview, has_script=has_script)
    preview.get_by_role("button", name="Send me a test").click()
    expect(preview.get_by_text("A test is on its way to counsellor@beside.test.")).to_be_visible()
    preview.close()
    desk.get_by_role("button", name="Assign exercise").click()
    expect(desk.get_by_role("heading", name="Before you send it")).to_be_visible()
    expect(desk.get_by_label("A line from you")).to_have_value("For the quiet half hour we spoke of.")
    clean(desk, has_script=has_script)
    desk.get_by_label("Yes, send it like this").check()
    desk.get_by_role("button", name="Assign exercise").click()
    expect(desk.get_by_text("Exercise assigned.")).to_be_visible()
    clean(desk, has_script=has_script)


def test_a_daily_exercise_and_a_programme_run_and_are_steered(desk: Page, request: pytest.FixtureRequest) -> None:
    has_script = "no script" not in request.node.name
    open_record(desk, "Jasper" if has_script else "Fern")
    desk.get_by_role("link", name="Assign exercise").first.click()
    desk.get_by_role("link", name="A kind pause").click()
    write(desk)
    desk.get_by_label("On certain days").check()
    for day in ("Mon", "Wed", "Fri"):
        desk.get_by_label(day, exact=True).check()
    desk.get_by_role("button", name="Assign exercise").click()
    expect(desk.get_by_text("On Mondays, Wednesdays and Fridays")).to_be_visible()
    clean(desk, has_script=has_script)
    open_record(desk, "Jasper" if has_script else "Fern")
    desk.get_by_role("link", name="Assign exercise").first.click()
    desk.get_by_role("link", name="Two gentle weeks").click()
    clean(desk, has_script=has_script)
    write(desk)
    desk.get_by_label("We have practised this together").check()
    desk.get_by_role("button", name="Start programme").click()
    expect(desk.get_by_role("heading", name="Two gentle weeks")).to_be_visible()
    desk.get_by_role("button", name="Put on hold").click()
    expect(desk.get_by_text("Nothing comes while it is on hold.")).to_be_visible()
    clean(desk, has_script=has_script)
    desk.get_by_role("button", name="Take up again").click()
    desk.get_by_role("button", name="End programme").click()
    expect(desk.get_by_text("Ended. What they have of it stays with them.")).to_be_visible()
