"""The pages about erasing: asking, deciding, holding, the certificate; what they show, and to whom."""

from datetime import date, timedelta
from typing import Any
from unittest.mock import ANY

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients import erasure
from clients.models import Client, ErasureRequest, Tombstone
from practice.models import AuditEntry
from tests.clients.factories import browser_of, damage
from tests.clients.test_erasure import ask, make_full_client, mint, rows_of
from tests.factories import confirm_identity, make_client, make_session, make_user

pytestmark = pytest.mark.django_db


def confirmed(client: Client) -> Browser:
    """Return the browser of a client's counsellor, who has just typed the password again."""
    browser = browser_of(client.counsellor)
    confirm_identity(browser)
    return browser


def page_of(browser: Browser, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return response.content.decode()


# --- asking -------------------------------------------------------------------------------------------------
def test_a_request_is_recorded_and_leads_to_the_decision() -> None:
    client = make_client()
    browser = browser_of(client.counsellor)
    fields = {"asked_by": "client", "received_on": "2026-03-09", "note": "They wrote."}
    response = browser.post(f"/clients/{client.id}/erase/ask/", fields)
    assert (response.status_code, response["Location"]) == (302, f"/clients/{client.id}/erase/")
    assert ErasureRequest.unscoped.get().note == "They wrote."
    browser.post(f"/clients/{client.id}/erase/ask/", fields)
    assert ErasureRequest.unscoped.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("asked_by", "", "Please fill this in."),
        ("asked_by", "nobody", "Please choose one of those shown."),
        ("received_on", "soon", "Please give a date such as 12/05/2026."),
        ("received_on", "", "Please fill this in."),
        ("received_on", "2999-01-01", "This day has not come yet."),
        ("received_on", "1999-01-01", "Please check the year."),
        ("note", "x" * 5001, "This is longer than fits here"),
        ("note", "a\0b", "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_recorded_is_said_at_the_field_and_nothing_typed_is_lost(
    field: str, value: str, words: str
) -> None:
    client = make_client()
    fields = {"asked_by": "client", "received_on": "2026-03-09", "note": "They wrote.", field: value}
    response = browser_of(client.counsellor).post(f"/clients/{client.id}/erase/ask/", fields)
    assert response.status_code == 422
    assert response.context["form"].errors == {field: [ANY]}
    assert words in response.content.decode()
    assert field == "note" or "They wrote." in response.content.decode()
    assert ErasureRequest.unscoped.count() == 0


# --- deciding -------------------------------------------------------------------------------------------------
def test_the_page_asks_who_it_is_once_more() -> None:
    client = make_full_client()
    path = f"/clients/{client.id}/erase/"
    for response in (
        browser_of(client.counsellor).get(path),
        browser_of(client.counsellor).post(path, {"reference": client.reference}),
    ):
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/reauthenticate/")
    assert Client.unscoped.count() == 1


def test_the_page_shows_the_rule_what_goes_and_what_it_cannot_reach() -> None:
    client = make_full_client()
    html = page_of(confirmed(client), f"/clients/{client.id}/erase/")
    assert f"<title>Erase {client.reference} · Beside</title>" in html
    shown = [
        "Wed 9 March 2022", "7 years after the last session", "What is erased", "Sessions",
        "Notes in supervision packs", "What stays", "What this cannot reach", "Thu 9 April",
        "The client, or somebody for them", "by letter",
        f"Type {client.reference} to confirm", "Erase this client",
    ]  # fmt: skip
    assert [text for text in shown if text not in html] == []
    assert ("I have considered the rule" in html, "Opened(" in html) == (False, False)


def test_the_page_takes_as_many_queries_for_many_rows_as_for_few(django_assert_num_queries: Any) -> None:
    few, many = make_full_client(), make_full_client()
    for days in range(1, 4):
        make_session(many, timezone.now() + timedelta(days=days))
        erasure.decline_erasure(
            actor=many.counsellor, request=ErasureRequest.unscoped.get(client=many, state="open"), why="other"
        )  # noqa: E501
        ask(many)
    browsers = [confirmed(client) for client in (few, many)]
    with CaptureQueriesContext(connection) as asked:
        page_of(browsers[0], f"/clients/{few.id}/erase/")
    with django_assert_num_queries(len(asked)):
        page_of(browsers[1], f"/clients/{many.id}/erase/")


def test_the_reference_typed_erases_and_leads_to_the_certificate() -> None:
    client = make_full_client()
    browser = confirmed(client)
    response = browser.post(f"/clients/{client.id}/erase/", {"reference": f" {client.reference.lower()} "}, follow=True)
    assert response.redirect_chain == [(f"/practice/erased/{client.id}/", 302)]
    html = response.content.decode()
    assert f"{client.reference} has been erased. Within a minute" in html
    assert "Certificate of erasure" in html
    assert rows_of(client) == {}


def test_another_reference_erases_nobody() -> None:
    client, other = make_full_client(), make_client()
    response = confirmed(client).post(f"/clients/{client.id}/erase/", {"reference": other.reference})
    assert response.status_code == 422
    assert "This is not the reference of this client" in response.content.decode()
    assert Client.unscoped.count() == 2


def test_while_the_time_runs_a_tick_is_asked_for_and_recorded() -> None:
    client = make_client()
    ask(client)
    browser, path = confirmed(client), f"/clients/{client.id}/erase/"
    refused = browser.post(path, {"reference": client.reference})
    assert (refused.status_code, refused.context["form"].errors) == (422, {"is_rule_considered": [ANY]})
    browser.post(path, {"reference": client.reference, "is_rule_considered": "on"})
    assert Tombstone.unscoped.get().is_rule_considered is True
    assert AuditEntry.objects.get(deed="client.erase").detail["is_rule_considered"] is True


def test_a_second_click_finds_the_certificate() -> None:
    client = make_full_client()
    browser, path = confirmed(client), f"/clients/{client.id}/erase/"
    browser.post(path, {"reference": client.reference})
    for again in (browser.post(path, {"reference": client.reference}, follow=True), browser.get(path, follow=True)):
        assert again.redirect_chain == [(f"/practice/erased/{client.id}/", 302)]
        assert "erased already" in again.content.decode()
    assert Tombstone.unscoped.count() == 1


def test_without_a_request_there_is_no_button_and_a_post_erases_nobody() -> None:
    client = make_client()
    browser, path = confirmed(client), f"/clients/{client.id}/erase/"
    html = page_of(browser, path)
    assert ("No request is open." in html, "Erase this client" in html) == (True, False)
    response = browser.post(path, {"reference": client.reference, "is_rule_considered": "on"})
    assert (response.status_code, Client.unscoped.count()) == (302, 1)


def test_on_hold_there_is_no_button_and_a_post_erases_nobody() -> None:
    client = make_full_client()
    erasure.set_hold(actor=client.counsellor, client=client, reason="A claim was announced.")
    browser, path = confirmed(client), f"/clients/{client.id}/erase/"
    html = page_of(browser, path)
    assert ("A claim was announced." in html, "Erase this client" in html) == (True, False)
    assert browser.post(path, {"reference": client.reference}).status_code == 302
    assert Client.unscoped.count() == 1


def test_not_now_closes_the_request_with_a_reason() -> None:
    client = make_full_client()
    browser = confirmed(client)
    path = f"/clients/{client.id}/erase/decline/"
    assert "by <time" in page_of(browser, path)
    assert browser.post(path, {"why": "because"}).status_code == 422
    wordless = browser.post(path, {"why": "other", "note": " "})
    assert (wordless.status_code, wordless.context["form"].errors) == (
        422,
        {"note": ["Please say which reason it is."]},
    )
    assert browser.post(path, {"why": "other", "note": "a\0b"}).status_code == 422
    response = browser.post(path, {"why": "retention", "note": "Two more years."}, follow=True)
    assert response.redirect_chain == [(f"/clients/{client.id}/erase/", 302)]
    html = response.content.decode()
    assert "The time for which records are kept still runs" in html
    assert ("No request is open." in html, "Two more years." in html) == (True, True)
    again = browser.post(path, {"why": "other"}, follow=True)
    assert "No request is open any more" in again.content.decode()


# --- holding ----------------------------------------------------------------------------------------------------
def test_a_hold_is_set_changed_and_lifted() -> None:
    client = make_client()
    browser, path = browser_of(client.counsellor), f"/clients/{client.id}/hold/"
    assert "Put on hold" in page_of(browser, path)
    assert browser.post(path, {"reason": " "}).status_code == 422
    browser.post(path, {"reason": "An inquest."})
    record = page_of(browser, f"/clients/{client.id}/")
    assert [text in record for text in ("On hold", "An inquest.", "Lift the hold…", "The reason is deleted")] == [
        True
    ] * 4
    assert "An inquest." in page_of(browser, path)
    assert browser.get(f"{path}lift/").status_code == 405
    browser.post(f"{path}lift/")
    assert "On hold" not in page_of(browser, f"/clients/{client.id}/")


def test_a_reason_that_does_not_open_is_not_written_over() -> None:
    client = make_client()
    erasure.set_hold(actor=client.counsellor, client=client, reason="An inquest.")
    damage(client, "hold_reason")
    browser = confirmed(client)
    for response in (
        browser.get(f"/clients/{client.id}/hold/"), browser.post(f"/clients/{client.id}/hold/", {"reason": "Another."}),
    ):  # fmt: skip
        assert response.status_code == 409
    assert "The reason could not be opened" in page_of(browser, f"/clients/{client.id}/")
    assert "The reason could not be opened" in page_of(browser, f"/clients/{client.id}/erase/")


# --- the record and Today -----------------------------------------------------------------------------------------
def test_the_record_says_until_when_it_is_kept() -> None:
    client = make_client(date_of_birth="1980-01-01", admitted_at=timezone.now())
    html = page_of(browser_of(client.counsellor), f"/clients/{client.id}/")
    assert f'Kept until <time datetime="{date.today().year + 7}-' in html
    assert f"/clients/{client.id}/erase/ask/" in html


def test_today_names_open_requests_by_reference_to_their_counsellor_alone() -> None:
    client = make_client()
    ask(client)
    html = page_of(browser_of(client.counsellor), "/")
    assert "Erasure asked for" in html
    assert 'Answer by <time datetime="2026-04-09">' in html
    for other in (make_user(), make_user("admin")):
        assert "Erasure asked for" not in page_of(browser_of(other), "/")


# --- afterwards ---------------------------------------------------------------------------------------------------
def test_the_old_addresses_lead_nowhere() -> None:
    client = make_full_client()
    token = mint(client)
    browser = confirmed(client)
    browser.post(f"/clients/{client.id}/erase/", {"reference": client.reference})
    rest = ["", "edit/", "hold/", "erase/ask/", "erase/decline/"]
    found = {browser.get(f"/clients/{client.id}/{path}").status_code for path in rest}
    found |= {Browser().get(f"/{letter}/{token}/").status_code for letter in "mx"}
    assert found == {404}


def test_who_sees_the_certificate() -> None:
    client = make_full_client()
    stone = erasure.erase_client(actor=client.counsellor, client=client)
    people = [client.counsellor, make_user("admin"), make_user(), make_user("solo")]
    seen = [browser_of(who).get(f"/practice/erased/{stone.pk}/").status_code for who in people]
    assert seen == [200, 200, 404, 200]
    listed = [client.reference in page_of(browser_of(who), "/practice/erased/") for who in people]
    assert listed == [True, True, False, True]


def test_the_certificate_says_what_was_done_and_what_it_does_not_reach() -> None:
    client = make_full_client()
    stone = erasure.erase_client(actor=client.counsellor, client=client)
    html = page_of(browser_of(client.counsellor), f"/practice/erased/{stone.pk}/")
    shown = [
        client.reference, client.counsellor.name, "The client, or somebody for them", "Notes in supervision packs",
        "Copies that were made before still hold the record", "does not stand in the erasure journal yet",
    ]  # fmt: skip
    assert [text for text in shown if text not in html] == []
    assert "Marigold" not in html


def test_a_certificate_of_a_replay_says_so() -> None:
    client = make_full_client()
    stone = erasure.erase_client(actor=client.counsellor, client=client)
    Tombstone.unscoped.update(replayed_at=timezone.now(), kept_until=None, erased_by=None)
    html = page_of(browser_of(client.counsellor), f"/practice/erased/{stone.pk}/")
    assert "It was erased again on" in html


def test_the_list_takes_as_many_queries_for_three_as_for_one(django_assert_num_queries: Any) -> None:
    counsellor = make_user()
    browser = browser_of(counsellor)
    erasure.erase_client(actor=counsellor, client=asked_for(counsellor), is_rule_considered=True)
    with CaptureQueriesContext(connection) as asked:
        page_of(browser, "/practice/erased/")
    for _ in range(2):
        erasure.erase_client(actor=counsellor, client=asked_for(counsellor), is_rule_considered=True)
    with django_assert_num_queries(len(asked)):
        page_of(browser, "/practice/erased/")


def test_an_empty_list_says_so() -> None:
    assert "Nobody has been erased" in page_of(browser_of(make_user()), "/practice/erased/")


def asked_for(counsellor: Any) -> Client:
    client = make_client(counsellor)
    ask(client)
    return client


@pytest.mark.parametrize("path", ["hold/", "erase/", "erase/ask/", "erase/decline/"])
def test_another_counsellors_client_is_not_there(path: str) -> None:
    client = make_full_client()
    browser = browser_of(make_user())
    confirm_identity(browser)
    for response in (browser.get(f"/clients/{client.id}/{path}"), browser.post(f"/clients/{client.id}/{path}", {})):
        assert response.status_code == 404
