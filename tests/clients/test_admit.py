"""The page on which a client is admitted."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from clients.models import Client
from practice.models import Practice
from tests.clients.factories import browser_of
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db
URL = "/clients/new/"


def typed(**fields: Any) -> dict[str, Any]:
    return {"nonce": str(uuid4()), "name": "Marigold Testwell", "may_email": "not_asked", "page_code": "none", **fields}


def test_the_form_starts_empty_with_a_fresh_nonce() -> None:
    browser = browser_of(make_user())
    pages = [browser.get(URL).content.decode() for _ in range(2)]
    nonces = [re.findall(r'name="nonce" value="([0-9a-f-]{36})"', page) for page in pages]
    assert [len(found) for found in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    assert "<title>Admit client · Beside</title>" in pages[0]


def test_an_admitted_client_is_on_ones_own_caseload() -> None:
    me = make_user()
    form = typed(email="m@example.org", may_email="yes", phone="01632960100", is_discreet="on", preferred_hour="9")
    answer = browser_of(me).post(URL, form)
    client = Client.visible_to(me).get()
    assert answer.headers["Location"] == reverse("clients:record", args=[client.id])
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert said == [f"Client admitted. Their reference is {client.reference}."]
    assert (client.name, client.phone, client.is_discreet, client.preferred_hour) == (
        "Marigold Testwell", "01632 960100", True, 9,
    )  # fmt: skip


def test_the_same_form_sent_twice_admits_once() -> None:
    me, form = make_user(), typed()
    browser = browser_of(me)
    answers = [browser.post(URL, form) for _ in range(2)]
    client = Client.unscoped.get()
    assert [answer.headers["Location"] for answer in answers] == [reverse("clients:record", args=[client.id])] * 2


@pytest.mark.parametrize("whose", ["another counsellor's client", "the practice"])
def test_a_nonce_that_belongs_to_something_else_is_renewed_and_the_text_kept(whose: str) -> None:
    theirs = make_client(name="Juniper Testwell")
    taken = theirs.id if whose != "the practice" else Practice.current().id
    browser = browser_of(make_user())
    page = browser.post(URL, typed(nonce=str(taken), gp="Dr Ash"))
    html = page.content.decode()
    assert (page.status_code, Client.unscoped.count(), Practice.current().next_client_number) == (422, 1, 1)
    assert ("Please send it once more." in html, "Dr Ash" in html, "Juniper" in html) == (True, True, False)
    again = browser.post(URL, typed(nonce=str(page.context["form"]["nonce"].value()), gp="Dr Ash"))
    assert (again.status_code, Client.unscoped.count()) == (302, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"email": "marigold"},
        {"phone": "abc"},
        {"date_of_birth": "not a day"},
        {"date_of_birth": "2999-01-01"},
        {"presenting": "x" * 50_001},
        {"may_email": "yes"},
        {"may_email": ""},
        {"preferred_hour": "noon"},
        {"nonce": "not a uuid"},
        {"nonce": ""},
    ],
)
def test_a_refused_form_admits_nobody_and_keeps_what_was_typed(wrong: dict[str, str]) -> None:
    form = typed(gp="Dr Fern, Test Surgery", **{})
    page = browser_of(make_user()).post(URL, {**form, **wrong})
    assert page.status_code == 422
    assert Client.unscoped.count() == 0
    html = page.content.decode()
    assert 'class="error-summary"' in html
    assert "Dr Fern, Test Surgery" in html


def test_an_empty_post_is_refused_without_a_fault() -> None:
    assert browser_of(make_user()).post(URL, {}).status_code == 422


def test_an_admin_may_not_admit() -> None:
    browser = browser_of(make_user("admin"))
    assert [browser.get(URL).status_code, browser.post(URL, typed()).status_code] == [403, 403]
    assert Client.unscoped.count() == 0
