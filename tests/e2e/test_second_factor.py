"""A second factor from the set-up to its end, in a real browser with a passkey of its own."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from config.demo.cast import PASSWORD
from tests.e2e.conftest import sign_in
from tests.practice.passkeys import code_of
from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MEMBER = "second@beside.test"


@pytest.fixture
def page(context: BrowserContext, home: Home) -> Iterator[Page]:
    """A member whose browser has a passkey, with finger and all. In the end the demo is as it was."""
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    yield page
    home.manage("reset_second_factor", MEMBER)


def first_step(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(MEMBER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/accounts/login/**")


def test_app_codes_and_passkey_each_open_the_door(page: Page) -> None:
    first_step(page)
    page.get_by_role("link", name="Security").first.click()
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_text("Type it instead").click()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Code from the app").fill(code_of(secret))
    page.get_by_role("button", name="Set up the app").click()
    codes = page.locator(".codes li").all_inner_texts()
    assert (len(codes), page.get_by_role("button", name="Print").is_visible()) == (10, True)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert re.findall(r"^\d{8}$", download.value.path().read_text(), re.M) == codes
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill("This laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_text("The passkey is added.").wait_for()

    sign_out(page)
    first_step(page)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"\d/$"))
    sign_out(page)
    first_step(page)
    page.get_by_label("Code").fill(code_of(secret, later=1))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"\d/$"))
    sign_out(page)
    first_step(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile(r"\d/$"))
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile(r"\d/$"))

    page.goto("/accounts/2fa/webauthn/reauthenticate/?next=/accounts/2fa/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/accounts/2fa/")
    page.get_by_role("link", name="Remove This laptop").click()
    page.get_by_role("button", name="Remove the passkey").click()
    page.get_by_text("The passkey is removed.").wait_for()


def test_a_sign_in_elsewhere_is_seen_and_ended(page: Page, phone: BrowserContext) -> None:
    first_step(page)
    elsewhere = sign_in(phone, MEMBER)
    page.goto("/accounts/sign-ins/")
    page.get_by_role("button", name="Sign out the others").click()
    page.get_by_text("The other sign-ins have ended.").wait_for()
    elsewhere.goto("/clients/")
    assert "/accounts/login/" in elsewhere.url
