"""A running demo practice and a real Chromium; one of each for all browser tests of a worker."""

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from config.demo.cast import PASSWORD
from tests.running import Home, copy_of, make_home

CHROMIUM = os.environ.get("TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with the demo practice in it that nobody starts: a test takes a copy of it."""
    home = make_home(tmp_path_factory.mktemp("furnished"))
    home.manage("prepare")
    home.manage("demo")
    return home


@pytest.fixture(scope="session")
def home(furnished: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Run web, worker, beat and mailbox in one process, with the demo practice in it."""
    home = copy_of(furnished, tmp_path_factory.mktemp("home"))
    with home.started():
        yield home


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("needs Chromium: make test")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, home: Home) -> Iterator[BrowserContext]:
    """A fresh browser profile at desktop width; errors on a page's console fail the test."""
    context = browser.new_context(base_url=home.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(10_000)
    errors: list[str] = []
    context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert [error for error in errors if not re.search("status of 4[012][0-9]", error)] == []


def sign_in(context: BrowserContext, email: str) -> Page:
    """Sign in as a member of the demo and return the page, which stands on Today."""
    page = context.new_page()
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/")
    return page


@pytest.fixture
def counsellor(context: BrowserContext) -> Page:
    return sign_in(context, "counsellor@beside.test")


@pytest.fixture
def phone(browser: Browser, home: Home) -> Iterator[BrowserContext]:
    """A client's phone: 390 px wide, touch, no account."""
    context = browser.new_context(
        base_url=home.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()
