"""What a real browser makes of our headers: what they forbid does not happen."""

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.e2e.conftest import sign_in
from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TRY = """() => {
  const done = [];
  const script = document.createElement("script");
  try {
    script.textContent = "document.title = 'inline ran'";
    document.head.append(script);
  } catch (error) { done.push(error.name); }
  try { document.querySelector("main").innerHTML = "<b>markup</b>"; } catch (error) { done.push(error.name); }
  try { document.querySelector("main").textContent = "words"; done.push("text"); } catch (error) { done.push("none"); }
  return [...done, document.title.includes("ran")];
}"""
LATER = """(address) => new Promise((resolve) => {
  const script = document.createElement("script");
  script.onload = () => resolve("ran");
  script.onerror = () => resolve("refused");
  const make = () => { script.src = address; document.head.append(script); };
  try { make(); } catch (error) { resolve(error.name); }
})"""


def test_no_text_becomes_markup_or_a_script(browser: Browser, home: Home) -> None:
    page = browser.new_page(base_url=home.url)
    page.goto("/accounts/login/")
    assert page.evaluate(TRY) == ["TypeError", "TypeError", "text", False]
    source = page.locator("script[src*='beside']").first.get_attribute("src")
    assert page.evaluate(LATER, source) == "TypeError"
    page.close()


def test_a_script_of_our_own_host_needs_the_nonce(browser: Browser, home: Home) -> None:
    """A file that somebody added, named as a script by injected markup, does not run."""
    page = browser.new_page(base_url=home.url)

    def inject(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]  # a playwright Route
        body = answer.text().replace("</head>", '<script src="/static/beside.js?injected"></script></head>')
        route.fulfill(response=answer, body=body)  # type: ignore[attr-defined]  # the same

    page.route("**/accounts/login/", inject)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/accounts/login/")
    assert len([text for text in said if "Content Security Policy" in text and "injected" in text]) == 1
    page.close()


def test_signing_out_leaves_nothing_in_the_browser(context: BrowserContext) -> None:
    page = sign_in(context, "counsellor@beside.test")
    page.evaluate("sessionStorage.setItem('a', 'b'); localStorage.setItem('a', 'b')")
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/accounts/login/**")
    assert page.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]
    assert "sessionid" not in {cookie["name"] for cookie in context.cookies()}
    sign_in(context, "counsellor@beside.test")
