"""What stands behind a client's link that is not whole, or has something added."""

import pytest
from django.test import Client as Browser

from clients.letters import mail_choices_url
from practice.models import Practice
from tests.factories import make_client, make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def token() -> str:
    return mail_choices_url(make_client()).rpartition("/m/")[2].strip("/")


def heading(html: str) -> str:
    return html.partition("<h1>")[2].partition("</h1>")[0]


@pytest.mark.parametrize(
    "after", ["", "{token}/>", "{token}/anything/", "{token}//", "/{token}/", "{token}/%0A", "%00/"]
)
@pytest.mark.parametrize("kind", ["x", "m"])
def test_a_mangled_link_gets_the_page_that_a_wrong_one_gets(kind: str, after: str, token: str) -> None:
    wrong = Browser().get(f"/{kind}/{'x' * 43}/")
    page = Browser().get(f"/{kind}/{after.format(token=token)}")
    assert (page.status_code, heading(page.content.decode())) == (404, "There is nothing here")
    assert page.headers["Referrer-Policy"] == wrong.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert ("Today" in page.content.decode(), "116 123" in page.content.decode()) == (False, True)
    assert dict(page.cookies) == {}


def test_a_link_without_its_last_stroke_still_opens(token: str) -> None:
    page = Browser().get(f"/m/{token}", follow=True)
    assert (page.status_code, heading(page.content.decode())) == (200, "Your e-mails")


def test_a_form_sent_to_a_mangled_link_is_answered_in_the_same_way(token: str) -> None:
    browser = Browser(enforce_csrf_checks=True)
    assert browser.post(f"/m/{token}/>", {"deed": "stop"}).status_code == 404


@pytest.mark.parametrize("path", ["/nowhere/", "/xylophone/", "/mail/x/"])
def test_any_other_address_gets_the_page_of_whoever_works_here(path: str) -> None:
    make_practice()
    page = Browser().get(path)
    assert (page.status_code, heading(page.content.decode())) == (404, "Not found")


def test_before_there_is_a_practice_a_link_leads_nowhere() -> None:
    assert Practice.objects.count() == 0
    page = Browser().get("/x/")
    assert (page.status_code, heading(page.content.decode())) == (404, "Not found")
