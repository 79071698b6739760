"""A client's own place: the link to it, and a browser in which it is open."""

from django.test import Client as Browser

from clients.letters import mail_choices_url
from clients.models import Client


def place_url(client: Client) -> str:
    return "/m/" + mail_choices_url(client).rpartition("/m/")[2]


def opened(client: Client, *, code: str = "") -> tuple[Browser, str]:
    """Return a stranger's browser in which the place is open, and its address."""
    browser, url = Browser(enforce_csrf_checks=True), place_url(client)
    answer = browser.post(url, {"deed": "open", "code": code})
    assert (answer.status_code, answer.headers.get("Location")) == (302, url)
    return browser, url
