"""A client on the page of their appointment, from the mail on their phone to the counsellor's Today."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.conftest import sign_in
from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Books a session with a client of the demo, some days ahead, and prints the link that a mail would carry.
BOOK = """
from datetime import timedelta
from django.utils import timezone
from clients.links import mint
from clients.models import Client
from sessions.models import DiaryRules
from sessions.services import book_session
from sessions.slots import free_slots
rules = DiaryRules.current()
rules.offers_slots = {offers}
rules.save()
(client,) = [each for each in Client.unscoped.all() if each.called == "{called}"]
length, day = timedelta(minutes=50), timezone.localdate() + timedelta(days={days})
(starts_at,) = free_slots(client.counsellor, length=length, first=day, most=1)
session = book_session(
    actor=client.counsellor, client=client, starts_at=starts_at, length=length, mode="in_person", place="Room 2"
)
until = session.ends_at + timedelta(days=1)
print("LINK", "/s/" + mint(client=client, purpose="session", subject_id=session.pk, expires_at=until) + "/")
"""


def booked(home: Home, called: str, *, days: int = 5, offers: bool = False) -> str:
    said = home.manage("shell", "--no-imports", "-c", BOOK.format(called=called, days=days, offers=offers)).stdout
    (link,) = re.findall(r"LINK (\S+)", said)
    return str(link)


def clean(page: Page) -> None:
    """See that nothing bars anybody, by day and by night, and that nothing is wider than the telephone."""
    schemes: tuple[Any, ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
    page.emulate_media(color_scheme="light")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def waiting(page: Page, name: str) -> Locator:
    page.goto("/")
    return page.get_by_role("region", name="From your clients").get_by_role("listitem").filter(has_text=name)


def test_confirm_and_ask_for_another_time(context: BrowserContext, phone: BrowserContext, home: Home) -> None:
    page = phone.new_page()
    link = booked(home, "Teasel", offers=True)
    page.goto(link)
    assert page.title() == "Your appointment"
    clean(page)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status")).to_contain_text("You have confirmed it")
    page.go_back()
    page.reload()
    expect(page.get_by_role("button", name="Confirm")).to_have_count(0)

    page.get_by_role("link", name="Ask for another time").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Please tick a time")
    clean(page)
    page.get_by_role("checkbox").nth(1).check()
    page.get_by_label("Anything to add").fill("Mornings are easier.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="You asked for another time")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("the appointment above stands")
    clean(page)

    desk = sign_in(context, "counsellor@beside.test")
    row = waiting(desk, "Mornings are easier.")
    expect(row).to_contain_text("Teasel")
    row.get_by_role("button", name=re.compile("^Move to ")).click()
    expect(desk.locator(".messages")).to_contain_text("Session moved to")
    expect(waiting(desk, "Mornings are easier.")).to_have_count(0)
    page.goto(link)
    expect(page.get_by_role("button", name="Confirm")).to_be_visible()


def test_a_page_that_was_open_while_the_time_changed_confirms_nothing(
    context: BrowserContext, phone: BrowserContext, home: Home
) -> None:
    link = booked(home, "Otti", days=6)
    page, other = phone.new_page(), phone.new_page()
    page.goto(link)
    other.goto(link)
    other.get_by_role("link", name="Ask for another time").click()
    other.get_by_label("Times that would suit you").fill("Later that day, please.")
    other.get_by_role("button", name="Send").click()
    desk = sign_in(context, "counsellor@beside.test")
    waiting(desk, "Later that day, please.").get_by_role("link", name=re.compile("Move to")).click()
    desk.get_by_label("Time", exact=True).fill("05:35")
    desk.get_by_role("button", name="Move session").click()
    desk.get_by_role("button", name="Move all the same").click()  # outside the working hours
    expect(desk.locator(".messages")).to_contain_text("Session moved")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status")).to_contain_text("This changed while the page was open")
    expect(page.locator("main")).to_contain_text("05:35")
    expect(waiting(desk, "Later that day, please.")).to_have_count(0)


def test_cancelling_takes_two_steps_and_no_javascript(browser: Browser, home: Home, context: BrowserContext) -> None:
    link = booked(home, "Jasper", days=7)
    plain = browser.new_context(
        base_url=home.url, java_script_enabled=False, locale="en-GB", viewport={"width": 390, "height": 844}
    )
    page = plain.new_page()
    page.goto(link)
    page.get_by_role("link", name="Cancel…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancel this appointment?")
    page.get_by_role("link", name="Keep it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your appointment")
    page.get_by_role("link", name="Cancel…").click()
    page.get_by_role("button", name="Cancel appointment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This appointment is cancelled")
    page.go_back()
    page.reload()
    expect(page.get_by_role("button")).to_have_count(0)
    plain.close()

    desk = sign_in(context, "counsellor@beside.test")
    row = waiting(desk, "Has cancelled").filter(has_text="Jasper")
    row.get_by_role("button", name="Seen").click()
    expect(waiting(desk, "Has cancelled").filter(has_text="Jasper")).to_have_count(0)


def test_pressed_twice_is_asked_once(phone: BrowserContext, home: Home, context: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(booked(home, "Posy", days=8))
    page.get_by_role("link", name="Ask us to get in touch").click()
    clean(page)
    page.get_by_label("What it is about").fill("The stairs, with my knee.")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_role("heading", name="You asked us to get in touch")).to_be_visible()
    desk = sign_in(context, "counsellor@beside.test")
    expect(waiting(desk, "The stairs, with my knee.")).to_have_count(1)
    assert [rule["id"] for rule in Axe().run(desk).response["violations"]] == []
