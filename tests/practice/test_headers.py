"""What goes along with every answer, tried at every address, as a stranger and as each role."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from csp.constants import NONCE
from django.conf import settings as live
from django.test import Client as Browser
from django.test import RequestFactory
from pytest_django import Settings

from config.headers import CONTENT_SECURITY_POLICY
from practice.errors import bad_request
from practice.middleware import FEATURES_OFF, PERMISSIONS
from practice.roles import Role
from tests.check import production
from tests.factories import PASSWORD, make_practice, make_user
from tests.walking import routes

pytestmark = [pytest.mark.django_db, pytest.mark.web]
SCRIPTS = "script-src 'nonce-…'"
# What makes markup or code out of a text.
MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc")
SIGN_OUT = "/accounts/logout/"
POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
# allauth's pages say what they mean by no-store in more words.
KEPT_NOWHERE = {"no-store", "max-age=0, no-cache, no-store, must-revalidate, private"}


def addresses() -> list[str]:
    """Return a path for every address of the URLconf, and some that lead nowhere."""
    values = {"uuid": str(uuid4()), "int": "7", "slug": "kind-voice"}
    paths = {re.sub(r"<(?:(\w+):)?\w+>", lambda kind: values.get(kind[1], "x" * 43), route) for _, route in routes()}
    paths = {re.sub(r"\(\?P<\w+>[^)]*\)|[\^$]", "x", path) for path in paths}
    return [*sorted(paths - {SIGN_OUT} | {"/nowhere/", "/clients", "/x/%00/"}), SIGN_OUT]


def wrong(answer: Any) -> Iterator[str]:
    """Yield what an answer's headers lack."""
    for name, value in ALWAYS.items():
        found = answer.headers.get(name)
        if found != value and not (name == "Cache-Control" and found in KEPT_NOWHERE):
            yield f"{name}: {found}"
    if answer.headers.get("Referrer-Policy") not in ("same-origin", "no-referrer"):
        yield f"Referrer-Policy: {answer.headers.get('Referrer-Policy')}"
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ") if " " in part)
    policy.pop("script-src", None)
    if policy != POLICY:
        yield f"policy: {policy}"


@pytest.mark.parametrize("role", ["", *Role.values])
def test_every_answer_of_every_address_is_confidential(role: str) -> None:
    make_practice()
    browser = Browser(raise_request_exception=False)
    if role:
        browser.force_login(make_user(role))
    found = [
        f"{method} {path}: {fault}"
        for path in addresses()
        for method in ("get", "post", "put")
        for fault in wrong(getattr(browser, method)(path))
    ]
    assert found == []


def scripts_of(answer: Any) -> str:
    """Return what the policy says of scripts."""
    policy: str = answer.headers["Content-Security-Policy"]
    return next(str(part) for part in policy.split("; ") if part.startswith("script-src"))


def test_a_script_runs_by_the_nonce_of_its_page_alone() -> None:
    pages = [Browser().get("/accounts/login/") for _ in range(2)]
    said = [scripts_of(page) for page in pages]
    assert [re.sub(r"nonce-[\w+/]{22}==", "nonce-…", each) for each in said] == [SCRIPTS] * 2
    assert said[0] != said[1]
    for page, policy in zip(pages, said, strict=True):
        tags = re.findall(r"<script[^>]*>", page.content.decode())
        nonces = re.findall(r'nonce="([^"]+)"', " ".join(tags))
        assert len(tags) == len(nonces) > 0
        assert {f"script-src 'nonce-{nonce}'" for nonce in nonces} == {policy}


def test_a_page_without_scripts_allows_none() -> None:
    answer = Browser().get("/", HTTP_HOST="elsewhere.test")
    assert (scripts_of(answer), answer.content.count(b"<script")) == ("script-src", 0)


def test_every_script_of_a_template_goes_through_the_one_with_the_nonce() -> None:
    pages = [path for path in (live.BASE_DIR / "templates").rglob("*.html") if "<script" in path.read_text()]
    assert [path.name for path in pages] == ["_script.html"]
    files = [path for path in (live.BASE_DIR / "static").glob("*.js") if MARKUP.search(path.read_text())]
    assert [path.name for path in files] == []


def test_no_other_host_stands_in_the_policy() -> None:
    directives: dict[str, Any] = CONTENT_SECURITY_POLICY["DIRECTIVES"]
    sources = {str(source) for values in directives.values() for source in values}
    assert sources == {"'none'", "'self'", "'script'", str(NONCE)}


def test_every_feature_is_off_but_passkeys_and_a_screen_that_stays_awake() -> None:
    assert len(FEATURES_OFF) == len(set(FEATURES_OFF))
    allowed = [part for part in PERMISSIONS.split(", ") if not part.endswith("=()")]
    assert allowed == [
        f"{feature}=(self)"
        for feature in ("publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock")
    ]


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/clients/", "testserver"), ("/clients", "testserver"), ("/clients/", "elsewhere.test"),
        ("/static/none.css", "testserver"), ("/health/live", "testserver"),
    ],
)  # fmt: skip
def test_what_a_middleware_answers_by_itself_is_confidential_too(settings: Settings, path: str, host: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Browser().get(path, HTTP_HOST=host)
    assert list(wrong(answer)) == []


def test_over_tls_browsers_are_told_to_stay_there(settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    answer = Browser().get("/accounts/login/", secure=True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_form_of_another_sign_in_is_refused_in_our_clothes() -> None:
    answer = Browser(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a"})
    assert (answer.status_code, list(wrong(answer))) == (403, [])
    assert "Please send that once more" in answer.content.decode()


@pytest.mark.parametrize(
    ("answer", "status", "heading"),
    [
        (lambda: Browser().put("/x/short/"), 405, "Not in this way"),
        (lambda: Browser().get("/nowhere/"), 404, "Not found"),
        (lambda: Browser().get("/", HTTP_HOST="elsewhere.test"), 400, "This could not be read"),
    ],
)
def test_a_refusal_is_a_page_of_ours(answer: object, status: int, heading: str) -> None:
    make_practice()
    assert callable(answer)
    page = answer()
    assert (page.status_code, page.content.decode().count(f"<h1>{heading}</h1>")) == (status, 1)
    assert page.headers.get("Content-Length", str(len(page.content))) == str(len(page.content))


def test_too_much_at_once_is_said_so(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    page = Browser().post("/accounts/login/", {"login": "a" * 100})
    assert (page.status_code, page.content.decode().count("<h1>This was too much at once</h1>")) == (413, 1)
    assert list(wrong(page)) == []


def test_what_cannot_be_read_asks_the_database_nothing(django_assert_num_queries: object) -> None:
    assert bad_request(RequestFactory().get("/"), ValueError()).status_code == 400


def test_signing_out_empties_the_browser() -> None:
    browser = Browser()
    browser.force_login(make_user())
    assert "Clear-Site-Data" not in browser.get("/").headers
    answer = browser.post(SIGN_OUT)
    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_a_cookie_is_for_this_site_alone() -> None:
    user = make_user()
    browser = Browser()
    browser.get("/accounts/login/")
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    made = {name: (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"])
            for name, cookie in browser.cookies.items()}  # fmt: skip
    assert set(made) >= {"sessionid", "csrftoken"}
    assert set(made.values()) == {(True, "Lax", "/", "")}


SAY_COOKIES = """
import django
django.setup()
from django.conf import settings as s
from practice.notices import NoticeCookie
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, NoticeCookie.cookie_name)
print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS)
print(s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN)
"""


def test_with_tls_cookies_have_names_that_no_other_host_can_set(tmp_path: Path) -> None:
    """In a process of its own: the settings are read once."""
    with tempfile.TemporaryDirectory(dir=tmp_path) as var:
        env = {**os.environ, **production(var)}
        done = subprocess.run([sys.executable, "-c", SAY_COOKIES], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "__Host-sessionid __Host-csrftoken __Host-notices",
        "True True True 31536000",
        "/ None",
    ]
