"""Each page in a real browser: no accessibility rule broken, no sideways scroll, in both schemes, on desk and phone.

And no page trips over its own policy: the console says nothing.
"""

import re
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from config.demo.cast import PASSWORD
from tests.e2e.conftest import sign_in
from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What differs by night is colour alone, and the same on a desk and a phone.
LOOKS: list[tuple[int, Literal["light", "dark"], dict[str, Any]]] = [
    (1280, "light", {"resultTypes": ["violations"]}),
    (390, "light", {"resultTypes": ["violations"]}),
    (390, "dark", {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}),
]

# A page, or a page and the link on it to follow, "then" the link on that one.
COUNSELLOR = [
    "/", "/clients/", "/clients/ a[href^='/clients/'][href*='-']", "/clients/new/", "/sessions/",
    "/sessions/?view=day", "/sessions/?view=month", "/sessions/?view=agenda",
    "/clients/ main a:has-text('Fern') then a[href^='/notes/files/'][href$='/add/']",
    "/clients/ main a:has-text('Fern') then a[href^='/notes/files/'][href$='/remove/']",
    "/clients/ main a:has-text('Fern') then a[href^='/sessions/waiting/']", "/sessions/waiting/",
    "/sessions/gap/", "/sessions/gap/?day=2099-01-01&time=10:00",
    "/sessions/ a[href^='/sessions/'][href*='-']", "/sessions/book/", "/exercises/", "/exercises/noticing/",
    "/ a[href^='/exercises/assignments']", "/ a[href^='/notes/session']",
    "/exercises/caseload/", "/exercises/caseload/ a[href^='/exercises/clients/']", "/ a[href*='/answers/']",
    "/supervision/", "/supervision/packs/",
    "/supervision/packs/ main a[href*='packs/'][href*='-']", "/accounts/password/change/",
    "/clients/ main a:has-text('Fern') then a[href$='/erase/ask/']", "/ a[href$='/erase/']",
    "/sessions/hours/", "/sessions/reminders/", "/clients/ main a:has-text('Fern') then a[href*='/sessions/with/']",
    "/clients/ main a:has-text('Fern') then a[href*='/sessions/with/'] then a[href$='/reminders/']",
    "/clients/ main a:has-text('Fern') then a[href*='/hand-over/']",
    "/clients/ main a:has-text('Isolde') then a[href$='/hold/']", "/practice/erased/",
    "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/sign-ins/",
    "/sessions/feed/", "/sessions/time-off/", "/sessions/blocked/new/", "/sessions/leave/new/",
    "/sessions/time-off/ main .list > li:last-child a", "/sessions/time-off/ main .list a",
]  # fmt: skip
ADMIN = [
    "/", "/practice/", "/practice/members/", "/practice/members/invite/", "/practice/members/ a[href$='/role/']",
    "/practice/members/ a[href$='/leave/']", "/practice/members/ a[href*='/hand-over/of/']", "/practice/audit/",
    "/practice/keys/", "/practice/mail/", "/practice/erased/", "/supervision/packs/",
    "/sessions/settings/", "/sessions/settings/reminders/", "/sessions/settings/types/add/",
]  # fmt: skip
STRANGER = ["/accounts/login/", "/accounts/password/reset/", "/x/unknown/", "/m/unknown/", "/s/unknown/", "/nowhere/"]


def go(page: Page, where: str) -> None:
    address, _, links = where.partition(" ")
    page.goto(address)
    for link in filter(None, links.split(" then ")):
        href = page.locator(link).first.get_attribute("href")
        page.goto(href or "")
    if page.get_by_role("heading", name="Is it still you?").count():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_load_state()


def faults(page: Page, where: str) -> list[str]:
    """Return what is wrong with a page, as a desk and a telephone show it, by day and by night."""
    go(page, where)
    found = [f"{page.locator('h1').count()} h1"] if page.locator("h1").count() != 1 else []
    found += ["template code"] if re.search(r"<c-|{{|{%", page.content()) else []
    page.evaluate(Axe().axe_script)
    for width, scheme, options in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        broken = page.evaluate("async (options) => (await axe.run(options)).violations", options)
        found += [f"{rule['id']} ({width} px, {scheme})" for rule in broken]
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        found += [f"{wide[0]} px wide"] if wide[0] > wide[1] else []
    return [f"{where}: {fault}" for fault in found]


@pytest.mark.parametrize(("email", "pages"), [
    ("counsellor@beside.test", COUNSELLOR), ("admin@beside.test", ADMIN), ("", STRANGER),
], ids=["counsellor", "admin", "stranger"])  # fmt: skip
def test_pages_are_for_everybody(browser: Browser, home: Home, email: str, pages: list[str]) -> None:
    context = browser.new_context(base_url=home.url, locale="en-GB")
    page = sign_in(context, email) if email else context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url}: {complaint(message)}"))
    found = [fault for where in pages for fault in faults(page, where)]
    assert found + [line for line in said if not line.endswith(": ")] == []
    context.close()


def complaint(message: ConsoleMessage) -> str:
    """Return what the console says of a page: refusals, violations, features that the browser does not know."""
    is_meant = message.type not in ("error", "warning") or re.search("status of 4[0-9][0-9]", message.text)
    return "" if is_meant else message.text


def test_signed_in_pages_are_not_kept_for_the_back_button(context: BrowserContext) -> None:
    page = sign_in(context, "counsellor@beside.test")
    page.goto("/clients/")
    assert "Fern" in page.locator("main").inner_text()
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/accounts/login/**")
    page.go_back()
    assert "Fern" not in page.locator("body").inner_text()


def test_every_deed_works_without_javascript(browser: Browser, home: Home) -> None:
    context = browser.new_context(base_url=home.url, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto("/")
    page.get_by_label("E-mail").fill("counsellor@beside.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/clients/new/")
    page.get_by_label("Full name").fill("Ada Quietpage")
    page.get_by_role("button", name="Admit client").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Ada Quietpage"
    context.close()
