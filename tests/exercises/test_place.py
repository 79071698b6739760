"""A client's own place before its door: mail stops and starts there, and mail programs post there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.letters import mail_choices_url
from clients.models import Client, ClientLink
from practice.models import AuditEntry
from tests.factories import make_client, make_practice

pytestmark = pytest.mark.django_db


def url_for(client: Client) -> str:
    return "/m/" + mail_choices_url(client).rpartition("/m/")[2]


def is_stopped(client: Client) -> bool:
    return Client.unscoped.get(pk=client.pk).mail_stopped_at is not None


def heading(page: object) -> str:
    html: str = page.content.decode()  # type: ignore[attr-defined]  # a test response
    return html.partition("<h1>")[2].partition("</h1>")[0]


def test_the_page_offers_to_stop_and_names_nobody() -> None:
    client = make_client(name="Marigold Testwell", preferred_name="Goldie")
    page = Browser().get(url_for(client))
    html = page.content.decode()
    assert (page.status_code, heading(page)) == (200, "Your e-mails")
    assert "Stop e-mails" in html
    assert "<title>Your e-mails</title>" in html
    found = [word for word in ("Marigold", "Goldie", client.reference, client.email, "Willow") if word in html]
    assert found == []
    assert "116 123" in html
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_stopping_and_starting_again() -> None:
    client = make_client()
    url, browser = url_for(client), Browser()
    stopped = browser.post(url, {"deed": "stop"})
    assert (heading(stopped), is_stopped(client)) == ("E-mails are stopped", True)
    assert "call or text 01632 960 100" in stopped.content.decode()
    assert "E-mails are stopped. Nothing is being sent to you." in browser.get(url).content.decode()
    started = browser.post(url, {"deed": "start"})
    assert (heading(started), is_stopped(client)) == ("E-mails are on again", False)
    assert [(row.deed, row.actor) for row in AuditEntry.objects.order_by("id")] == [
        ("mail.stop", None), ("mail.start", None),
    ]  # fmt: skip


def test_one_click_stops_without_cookie_or_csrf_token_as_often_as_it_comes() -> None:
    client = make_client()
    url = url_for(client)
    for _ in range(2):
        answer = Browser(enforce_csrf_checks=True).post(
            url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assert (answer.status_code, answer.content) == (200, b"Stopped.")
    assert is_stopped(client)
    assert AuditEntry.objects.count() == 1


def test_one_click_may_come_as_multipart() -> None:
    client = make_client()
    assert Browser(enforce_csrf_checks=True).post(url_for(client), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert is_stopped(client)


def test_one_click_never_starts_mail_again() -> None:
    client = make_client(mail_stopped_at=timezone.now())
    Browser().post(url_for(client), {"List-Unsubscribe": "One-Click", "deed": "start"})
    assert is_stopped(client)


@pytest.mark.parametrize("query", ["", "?deed=stop", "?List-Unsubscribe=One-Click"])
def test_a_scanner_that_opens_the_link_changes_nothing(query: str) -> None:
    client = make_client()
    url = url_for(client) + query
    assert [Browser().get(url).status_code, Browser().head(url).status_code] == [200, 200]
    assert not is_stopped(client)
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize("body", [{}, {"deed": ""}, {"deed": "destroy"}, {"List-Unsubscribe": "no"}])
def test_a_post_that_says_nothing_known_changes_nothing(body: dict[str, str]) -> None:
    client = make_client()
    assert Browser().post(url_for(client), body).status_code == 200
    assert not is_stopped(client)


@pytest.mark.parametrize(
    "fields", [{"may_email": "no"}, {"may_email": "not_asked"}, {"state": "ended", "ended_at": timezone.now()}]
)
def test_where_no_mail_is_sent_anyway_there_is_nothing_to_switch(fields: dict[str, Any]) -> None:
    client = make_client(**fields)
    page = Browser().get(url_for(client))
    assert "No e-mails are being sent to you at the moment." in page.content.decode()
    assert 'name="deed" value="open"' in page.content.decode()
    assert [deed for deed in ("stop", "start") if f'value="{deed}"' in page.content.decode()] == []


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 5000, "%00", "%C3%A9" * 43])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_token_leads_nowhere_and_still_gives_help(token: str, method: str) -> None:
    make_practice()
    page = getattr(Browser(), method)(f"/m/{token}/")
    assert (page.status_code, heading(page)) == (404, "There is nothing here")
    assert "116 123" in page.content.decode()


def test_a_link_that_ran_out_says_whom_to_ask() -> None:
    client = make_client()
    url = url_for(client)
    now = timezone.now()
    ClientLink.unscoped.update(created_at=now - timedelta(days=400), expires_at=now - timedelta(seconds=1))
    page = Browser().post(url, {"deed": "stop"})
    assert (page.status_code, heading(page)) == (410, "This link has run out")
    assert "please ask for a new one: call or text 01632 960 100" in page.content.decode()
    assert not is_stopped(client)


def test_an_exercise_link_does_not_open_the_mail_choices() -> None:
    client = make_client()
    url = url_for(client)
    ClientLink.unscoped.update(purpose=ClientLink.Purpose.EXERCISE)
    assert Browser().get(url).status_code == 404


def test_before_there_is_a_practice_a_link_is_simply_unknown() -> None:
    assert Browser().get("/m/x/").status_code == 404


def test_the_page_is_kept_by_no_cache_and_listed_nowhere() -> None:
    headers = Browser().get(url_for(make_client())).headers
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")
