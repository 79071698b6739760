"""What tests of pages do: sign in and read."""

from typing import Any

from django.test import Client as Browser
from django.urls import reverse

from sessions.models import ClientSession


def signed_in(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page(response: Any) -> str:
    return str(response.content.decode())


def write_url(session: ClientSession) -> str:
    return reverse("notes:write", args=[session.pk])
