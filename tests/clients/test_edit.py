"""The page on which a client's details are changed."""

from typing import Any

import pytest
from django.urls import reverse

from clients.letters import mail_choices_url
from clients.models import Client
from practice.models import AuditEntry
from tests.clients.factories import browser_of, damage
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


def url_of(client: Client) -> str:
    return f"/clients/{client.id}/edit/"


def typed(client: Client, **fields: Any) -> dict[str, Any]:
    """Return what a form posts that was opened when the client stood as this row does."""
    columns = ("name", "email", "may_email", "page_code", "version")
    return {**{column: getattr(client, column) for column in columns}, **fields}


def test_the_form_shows_what_is_there_and_no_name_in_the_title() -> None:
    client = make_client(name="Marigold Testwell", date_of_birth="1990-05-02", gp="Dr Ash", reference="C-0990")
    page = browser_of(client.counsellor).get(url_of(client))
    initial = page.context["form"].initial
    assert (initial["name"], initial["gp"], str(initial["date_of_birth"])) == (
        "Marigold Testwell",
        "Dr Ash",
        "1990-05-02",
    )
    html = page.content.decode()
    assert 'value="1990-05-02"' in html
    assert "<title>Edit C-0990 · Beside</title>" in html


def test_changes_are_saved_with_a_trace_of_the_columns() -> None:
    client = make_client()
    answer = browser_of(client.counsellor).post(url_of(client), typed(client, email="new@example.org", gp="Dr Ash"))
    assert answer.headers["Location"] == reverse("clients:record", args=[client.id])
    kept = Client.unscoped.get()
    assert (kept.email, kept.gp, kept.name) == ("new@example.org", "Dr Ash", client.name)
    row = AuditEntry.objects.get()
    assert (row.deed, row.actor, row.reference, row.detail) == (
        "client.change", client.counsellor, client.reference, {"columns": "email, gp"},
    )  # fmt: skip


def test_a_new_address_closes_the_links_in_earlier_mails_and_says_so() -> None:
    client = make_client()
    link = mail_choices_url(client).rpartition("/m/")[2]
    browser = browser_of(client.counsellor)
    page = browser.post(url_of(client), typed(client, email="new@example.org"), follow=True)
    said = "Changes saved. The links in mails to the earlier address no longer open."
    assert said in page.content.decode()
    assert browser.get(f"/m/{link}").status_code == 410


def test_a_word_for_their_pages_is_sealed_and_goes_when_another_code_is_chosen() -> None:
    client = make_client(date_of_birth="1990-05-02")
    browser = browser_of(client.counsellor)
    browser.post(url_of(client), typed(client, page_code="word", page_word="Blue heron", date_of_birth="1990-05-02"))
    assert (Client.unscoped.get().page_code, Client.unscoped.get().page_word) == ("word", "Blue heron")
    assert 'value="Blue heron"' in browser.get(url_of(client)).content.decode()
    form = typed(Client.unscoped.get(), page_code="birth_year", page_word="Blue heron", date_of_birth="1990-05-02")
    browser.post(url_of(client), form)
    assert (Client.unscoped.get().page_code, Client.unscoped.get().page_word) == ("birth_year", None)
    assert [row.detail for row in AuditEntry.objects.filter(deed="client.change").order_by("id")] == [
        {"columns": "page_code, page_word"}, {"columns": "page_code, page_word"},
    ]  # fmt: skip


def test_a_refused_form_changes_nothing_and_keeps_what_was_typed() -> None:
    client = make_client(name="Marigold Testwell")
    page = browser_of(client.counsellor).post(url_of(client), typed(client, name="", gp="Dr Fern", email=""))
    assert page.status_code == 422
    assert page.context["form"].errors == {
        "name": ["Please fill this in."],
        "email": ["They may be e-mailed, so please give an address."],
    }
    assert "Dr Fern" in page.content.decode()
    kept = Client.unscoped.get()
    assert (kept.name, kept.gp) == ("Marigold Testwell", "")


def test_a_form_opened_before_another_change_gives_no_consent_back() -> None:
    client = make_client(may_email="yes", name="Marigold Testwell")
    browser = browser_of(client.counsellor)
    stale = typed(client, pronouns="she/they")
    browser.post(url_of(client), typed(client, may_email="no", gp="Dr Ash"))
    page = browser.post(url_of(client), stale)
    kept = Client.unscoped.get()
    assert (page.status_code, kept.may_email, kept.pronouns, kept.gp) == (409, "no", "", "Dr Ash")
    assert page.context["elsewhere"] == {"Pronouns": "Nothing", "GP": "Dr Ash", "May we e-mail them?": "No"}
    html = page.content.decode()
    assert ("This was changed elsewhere" in html, 'value="she/they"' in html) == (True, True)
    assert AuditEntry.objects.count() == 1


def test_after_seeing_both_the_form_can_be_saved() -> None:
    client = make_client()
    browser = browser_of(client.counsellor)
    browser.post(url_of(client), typed(client, gp="Dr Ash"))
    page = browser.post(url_of(client), typed(client, gp="Dr Fern"))
    again = typed(client, gp="Dr Fern", version=page.context["form"]["version"].value())
    assert browser.post(url_of(client), again).status_code == 302
    assert (Client.unscoped.get().gp, Client.unscoped.get().version) == ("Dr Fern", 3)


def test_the_same_form_sent_twice_is_saved_once_and_refused_never() -> None:
    client = make_client()
    browser = browser_of(client.counsellor)
    form = typed(client, gp="Dr Ash")
    assert [browser.post(url_of(client), form).status_code for _ in range(2)] == [302, 302]
    assert (Client.unscoped.get().version, AuditEntry.objects.count()) == (2, 1)


@pytest.mark.parametrize("version", ["", "x", "0", "-1", "99999999999999999999", None])
def test_a_form_without_its_version_changes_nothing(version: str | None) -> None:
    client = make_client()
    form = typed(client, gp="Dr Ash", version=version)
    if version is None:
        del form["version"]
    page = browser_of(client.counsellor).post(url_of(client), form)
    assert (page.status_code, Client.unscoped.get().gp) == (422, "")


def test_what_stands_is_shown_in_a_pages_words() -> None:
    client = make_client()
    stale = typed(client)
    kept = Client.unscoped.get()
    kept.date_of_birth, kept.is_discreet, kept.preferred_hour, kept.version = "1990-05-02", True, 9, 2
    kept.page_code, kept.page_word = Client.PageCode.WORD, "heron"
    kept.save()
    page = browser_of(client.counsellor).post(url_of(client), stale)
    assert page.context["elsewhere"] == {
        "Date of birth": "2 May 1990", "Keep e-mails discreet": "Yes", "Preferred hour for exercises": "09:00",
        "What their pages ask for, besides the link": "A word you agreed in session", "The word": "heron",
    }  # fmt: skip


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_damaged_record_has_no_form(method: str) -> None:
    client = make_client(presenting="what was said")
    form = typed(client)
    damage(client, "presenting")
    with_damage = Client.unscoped.get()
    browser = browser_of(client.counsellor)
    page = browser.get(url_of(client)) if method == "get" else browser.post(url_of(client), form)
    assert page.status_code == 409
    html = page.content.decode()
    assert "Part of this record could not be opened." in html
    assert "<textarea" not in html
    assert Client.unscoped.get().__dict__["presenting"].blob == with_damage.__dict__["presenting"].blob


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_counsellors_client_cannot_be_edited(method: str) -> None:
    client = make_client()
    browser = browser_of(make_user())
    page = browser.get(url_of(client)) if method == "get" else browser.post(url_of(client), typed(client, name="Mine"))
    assert page.status_code == 404
    assert Client.unscoped.get().name == client.name


def test_an_admin_may_not_edit() -> None:
    client = make_client()
    assert browser_of(make_user("admin")).get(url_of(client)).status_code == 403
