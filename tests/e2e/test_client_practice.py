"""A client and their exercise: on the phone, on a second device, without a script, and on a hard evening."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB"}
# Gives an exercise of the library to a client of the demo, and prints the link that a mail would carry.
GIVE = """
from datetime import timedelta
from django.utils import timezone
from clients.links import mint
from clients.models import Client
from exercises.models import Assignment
from exercises.selectors import current_versions
(client,) = [each for each in Client.unscoped.all() if each.called == "{called}"]
version = current_versions().get(exercise__slug="{slug}")
assignment = Assignment.unscoped.create(
    client=client, version=version, assigned_by=client.counsellor, personal_line="For the walk home.",
    why="You spoke of the harsh voice.", plan_when="after supper", plan_where="on the back step",
    due_on=timezone.localdate() + timedelta(days=5),
)
until = timezone.now() + timedelta(days=7)
for number in range({links}):
    print("LINK", "/x/" + mint(client=client, purpose="exercise", subject_id=assignment.pk, expires_at=until) + "/")
"""
RUN_OUT = """
from datetime import timedelta
from django.utils import timezone
from clients.links import resolve
link = resolve("{token}", "exercise")
link.created_at, link.expires_at = timezone.now() - timedelta(days=9), timezone.now() - timedelta(hours=1)
link.save()
"""


def given(home: Home, slug: str, *, called: str = "Teasel", links: int = 1) -> list[str]:
    said = home.manage("shell", "--no-imports", "-c", GIVE.format(called=called, slug=slug, links=links)).stdout
    return [str(link) for link in re.findall(r"LINK (\S+)", said)]


def clean(page: Page) -> None:
    """See that nothing bars anybody, by day and by night, that nothing is too wide, and that the way out is there."""
    schemes: tuple[Any, ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
    page.emulate_media(color_scheme="light")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.title() == "For you"
    expect(page.get_by_role("link", name="Leave this page")).to_be_visible()
    expect(page.get_by_role("heading", name="If you need someone now")).to_have_count(1)


def entered(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("button", name="Open")).to_have_count(0)
    return page


def small(page: Page) -> list[str]:
    """Return what can be pressed and is lower or narrower than a thumb needs."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll("main :is(button, .option label, textarea, input[type=text])")]
        .filter((each) => each.checkVisibility())
        .filter((each) => {const box = each.getBoundingClientRect(); return box.height < 44 || box.width < 44;})
        .map((each) => each.outerHTML.slice(0, 90))"""
    )
    return found


@pytest.fixture
def laptop(browser: Browser, home: Home) -> Iterator[BrowserContext]:
    """A second device of the same client."""
    context = browser.new_context(base_url=home.url, locale="en-GB")
    context.set_default_timeout(10_000)
    yield context
    context.close()


def test_begun_on_the_phone_and_sent_from_another_device(
    phone: BrowserContext, laptop: BrowserContext, home: Home
) -> None:
    (link,) = given(home, "kind-voice")
    page = phone.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("For you")
    clean(page)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("For the walk home.")).to_be_visible()
    clean(page)
    assert small(page) == []
    page.get_by_label("What the critic said").fill("You are slow.")
    page.get_by_role("group", name="How helpful was this?").get_by_text("7", exact=True).click()
    page.locator("[data-state]").get_by_text("Saved", exact=True).wait_for(timeout=8_000)
    page.close()

    second = entered(laptop, link)
    expect(second.get_by_label("What the critic said")).to_have_value("You are slow.")
    expect(second.get_by_role("group", name="How helpful was this?").get_by_label("7", exact=True)).to_be_checked()
    second.get_by_role("button", name="Send answer").click()
    expect(second.get_by_role("alert")).to_contain_text("Please choose who sees what you write.")
    expect(second.locator(".error-summary")).to_be_focused()
    second.set_viewport_size({"width": 390, "height": 844})
    clean(second)
    second.get_by_text("Share my answer").click()
    second.get_by_role("button", name="Send answer").dblclick()
    expect(second.get_by_role("heading", level=1)).to_have_text("Thank you")
    clean(second)
    second.goto(link)
    expect(second.locator("main")).to_contain_text("You are slow.")
    clean(second)


def test_question_by_question_without_a_script(browser: Browser, home: Home) -> None:
    (link,) = given(home, "soothing-rhythm")
    plain = browser.new_context(base_url=home.url, java_script_enabled=False, **PHONE)
    plain.set_default_timeout(10_000)
    page = entered(plain, link)
    page.get_by_role("button", name="Show one question at a time").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"1 of \d+"))
    page.get_by_role("group", name=re.compile("before")).get_by_label("3", exact=True).check()
    page.locator("button.go[value=next]").click()
    for _ in range(20):
        if page.get_by_role("textbox").count():
            page.get_by_role("textbox").first.fill("The rain on the roof.")
        if not page.get_by_role("button", name="Next").count():
            break
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Keep for later").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    page.get_by_text("Keep it to myself").click()
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    page.goto(link)
    expect(page.locator("main")).to_contain_text("The rain on the roof.")
    plain.close()


def test_each_screen_bars_nobody(phone: BrowserContext, home: Home) -> None:
    (link,) = given(home, "three-circles")
    page = entered(phone, link)
    page.get_by_role("button", name="Show one question at a time").click()
    for _ in range(20):
        clean(page)
        assert small(page) == []
        if page.get_by_role("button", name="Send answer").count():
            break
        page.locator("button.go[value=next]").click()
    page.get_by_role("button", name="Not this week").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("That is quite all right")
    clean(page)


def test_too_much_shows_help_at_once(phone: BrowserContext, home: Home) -> None:
    (link,) = given(home, "compassionate-letter")
    page = entered(phone, link)
    page.get_by_role("textbox").first.fill("Dear me")
    page.get_by_role("link", name="there is a button for that").click()
    page.get_by_role("button", name="This was too much").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You stopped, and that was kind")
    expect(page.get_by_role("link", name="116 123")).to_be_in_viewport()
    expect(page.locator("main")).to_contain_text("Dear me")
    clean(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("You said it was too much")


def test_a_choice_is_taken_back_and_enter_sends_nothing(phone: BrowserContext, home: Home) -> None:
    (link,) = given(home, "kind-voice")
    page = entered(phone, link)
    group = page.get_by_role("group", name="How helpful was this?")
    group.get_by_text("7", exact=True).click()
    group.get_by_role("button", name="Leave this one empty").click()
    expect(group.get_by_label("7", exact=True)).not_to_be_checked()
    group.get_by_text("4", exact=True).click()
    group.get_by_label("4", exact=True).press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(page.get_by_role("group", name="How helpful was this?").get_by_label("4", exact=True)).to_be_checked()


def test_two_devices_at_once_lose_nothing(phone: BrowserContext, laptop: BrowserContext, home: Home) -> None:
    first, second = given(home, "kind-voice", links=2)
    page, other = entered(phone, first), entered(laptop, second)
    page.get_by_label("What the critic said").fill("By phone")
    page.locator("[data-state]").get_by_text("Saved", exact=True).wait_for(timeout=8_000)
    other.get_by_label("What the critic said").fill("By laptop")
    other.locator("[data-state]").get_by_text("You also wrote on another device").wait_for(timeout=8_000)
    expect(other.locator(".elsewhere")).to_contain_text("By phone")
    expect(other.get_by_label("What the critic said")).to_have_value("By laptop")


def test_words_survive_a_shut_door_and_a_link_that_ran_out(phone: BrowserContext, home: Home) -> None:
    (link,) = given(home, "kind-voice")
    page = entered(phone, link)
    phone.clear_cookies()
    page.get_by_label("What the critic said").fill("Still here")
    page.get_by_role("button", name="Open this page again").click(timeout=10_000)
    expect(page.get_by_role("status")).to_contain_text("Nothing is lost")
    clean(page)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_label("What the critic said")).to_have_value("Still here")

    home.manage("shell", "--no-imports", "-c", RUN_OUT.format(token=link.split("/")[2]))
    page.get_by_label("What the critic said").fill("Still here, and more")
    page.get_by_role("button", name="Keep for later").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has run out")
    clean(page)
    page.get_by_role("button", name="Keep this page open").click()
    expect(page.get_by_label("What the critic said")).to_have_value("Still here, and more")


def test_without_a_connection_the_words_wait_in_the_page(phone: BrowserContext, home: Home) -> None:
    (link,) = given(home, "kind-voice")
    page = entered(phone, link)
    phone.set_offline(True)
    page.get_by_label("What the critic said").fill("In the tunnel")
    page.locator("[data-state]").get_by_text("Offline.").wait_for(timeout=8_000)
    phone.set_offline(False)
    page.locator("[data-state]").get_by_text("Saved", exact=True).wait_for(timeout=20_000)
    page.reload()
    expect(page.get_by_label("What the critic said")).to_have_value("In the tunnel")
