"""A client is erased in a real browser: from the request to the certificate."""

import re

import pytest
from playwright.sync_api import Browser

from config.demo.cast import PASSWORD
from tests.e2e.conftest import sign_in
from tests.e2e.test_pages import faults
from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_from_the_request_to_the_certificate(browser: Browser, home: Home) -> None:
    context = browser.new_context(base_url=home.url, viewport={"width": 390, "height": 900}, locale="en-GB")
    page = sign_in(context, "counsellor@beside.test")
    page.goto("/clients/new/")
    page.get_by_label("Full name").fill("Alma Lastleaf")
    page.get_by_role("button", name="Admit client").click()
    page.wait_for_url(re.compile("/clients/[0-9a-f-]{36}/$"))
    record, reference = page.url, page.locator(".ref").first.inner_text()
    page.get_by_text("More", exact=True).first.click()
    page.get_by_role("link", name="Record a request to erase…").click()
    page.get_by_label("The client, or somebody for them").check()
    page.get_by_role("button", name="Record the request").click()
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_label("Password").first.press("Enter")
    page.wait_for_url("**/erase/")
    assert faults(page, page.url) == []
    page.get_by_label("I have considered the rule").check()
    page.get_by_label(f"Type {reference} to confirm").fill(reference)
    page.get_by_role("button", name="Erase this client").click()
    page.wait_for_url("**/practice/erased/*/")
    assert f"{reference} has been erased" in page.locator("main").inner_text()
    certificate = page.url
    assert faults(page, certificate) == []
    assert "Lastleaf" not in page.locator("body").inner_text()
    page.emulate_media(media="print")
    assert page.locator("nav:visible, .actions:visible").count() == 0
    answer = page.goto(record)
    assert answer is not None
    assert answer.status == 404
    context.close()
