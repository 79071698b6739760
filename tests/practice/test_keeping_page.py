"""Words of a page that are not saved: sent by its script, offered on it, on Today, and on a page of their own."""

import json
import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from practice import keeping
from practice.keeping import Sheet
from practice.kept_text import MOST_FIELDS, named
from practice.models import AuditEntry, KeptWords, User
from practice.roles import Role
from sessions.models import ClientSession
from tests.factories import make_client, make_session, make_user
from vault.services import destroy_data_key

pytestmark = pytest.mark.django_db
WORDS = "She spoke of the garden for the first time."
URL = "/practice/words/"


@pytest.fixture
def session() -> ClientSession:
    return make_session()


@pytest.fixture
def browser(session: ClientSession) -> Browser:
    return signed_in(session.counsellor)


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def note_page(session: ClientSession) -> str:
    return reverse("notes:write", args=[session.pk])


def token_on(browser: Browser, page: str) -> str:
    found = re.search(r'name="keep_token"\s+value="([^"]+)"', browser.get(page).content.decode())
    assert found is not None
    return found[1]


def send(browser: Browser, token: Any, fields: Any = None, **more: Any) -> Any:
    body = {"keep_token": token, "fields": {"text": WORDS} if fields is None else fields, **more}
    return browser.post(URL, json.dumps(body), content_type="application/json")


def test_typed_words_are_kept_under_the_clients_key(browser: Browser, session: ClientSession) -> None:
    answer = send(browser, token_on(browser, note_page(session)))

    row = KeptWords.objects.get()
    assert answer.status_code == 200
    assert re.fullmatch(r'{"kept_at": "\d\d:\d\d"}', answer.content.decode())
    assert (row.user, row.owner_id, row.reference) == (
        session.counsellor, session.client_id, session.client.reference,
    )  # fmt: skip
    assert (row.page, row.words) == (note_page(session), {"text": WORDS})


def test_a_form_without_script_may_send_them_too(browser: Browser, session: ClientSession) -> None:
    answer = browser.post(URL, {"keep_token": token_on(browser, note_page(session)), "text": "One\r\ntwo"})

    assert (answer.status_code, KeptWords.objects.get().words) == (200, {"text": "One\ntwo"})


def test_secrets_are_never_kept(browser: Browser, session: ClientSession) -> None:
    fields = {"text": WORDS, "password": "x", "oldpassword": "x", "csrfmiddlewaretoken": "x", "version": "2"}
    send(browser, token_on(browser, note_page(session)), fields)

    assert KeptWords.objects.get().words == {"text": WORDS}


def test_emptied_words_are_no_longer_kept(browser: Browser, session: ClientSession) -> None:
    token = token_on(browser, note_page(session))
    send(browser, token)

    assert send(browser, token, {"text": ""}).status_code == 204
    assert not KeptWords.objects.exists()


def test_nobody_keeps_words_for_another_member_or_under_anothers_client(session: ClientSession) -> None:
    token = token_on(signed_in(session.counsellor), note_page(session))

    assert send(signed_in(make_user()), token).status_code == 422
    assert not KeptWords.objects.exists()


NONSENSE: list[tuple[str, bytes]] = [
    ("application/json", b""),
    ("application/json", b"[]"),
    ("application/json", b"7"),
    ("application/json", b'{"keep_token": 7, "fields": {}}'),
    ("application/json", b'{"keep_token": "x", "fields": []}'),
    ("application/json", b'{"keep_token": "x", "fields": {"text": 7}}'),
    ("application/json", b'{"keep_token": "x", "fields": {"text": "\\ud800"}}'),
    ("application/json", b'{"keep_token": "x", "fields": {"' + b"n" * 101 + b'": "x"}}'),
    ("application/json", b"\xff\xfe"),
    ("application/json", b"[" * 100_000),
    ("application/x-www-form-urlencoded", b""),
    ("text/plain", b"words"),
]


@pytest.mark.parametrize(("kind", "body"), NONSENSE)
def test_nonsense_is_refused(browser: Browser, kind: str, body: bytes) -> None:
    assert browser.post(URL, body, content_type=kind).status_code == 422


def test_too_many_fields_are_refused(browser: Browser, session: ClientSession) -> None:
    fields = {f"text{number}": "x" for number in range(MOST_FIELDS + 1)}

    assert send(browser, token_on(browser, note_page(session)), fields).status_code == 422


def test_too_much_text_is_refused(browser: Browser, session: ClientSession) -> None:
    token = token_on(browser, note_page(session))

    assert send(browser, token, {"text": "x" * keeping.MOST_BYTES}).status_code == 413


def test_words_about_an_erased_client_are_refused(browser: Browser, session: ClientSession) -> None:
    token = token_on(browser, note_page(session))
    destroy_data_key(session.client_id)

    assert send(browser, token).status_code == 410


def test_keeping_words_leaves_no_row_in_the_trail(browser: Browser, session: ClientSession) -> None:
    token = token_on(browser, note_page(session))
    before = AuditEntry.objects.count()
    send(browser, token)

    assert AuditEntry.objects.count() == before


def test_saving_the_form_lets_its_words_go(browser: Browser, session: ClientSession) -> None:
    page = note_page(session)
    token = token_on(browser, page)
    send(browser, token)

    saved = browser.post(page, {"text": WORDS, "version": "0", "keep_token": token, "save": ""})

    assert saved.status_code == 302
    assert not KeptWords.objects.exists()
    # What the browser had sent off just before arrives now.
    assert send(browser, token, {"text": WORDS[:-1]}).status_code == 204
    assert not KeptWords.objects.exists()
    # The page that is shown next keeps words again.
    assert send(browser, token_on(browser, page), {"text": f"{WORDS} More."}).status_code == 200


def test_a_refused_form_keeps_its_words(browser: Browser, session: ClientSession) -> None:
    page = note_page(session)
    token = token_on(browser, page)
    send(browser, token)

    assert browser.post(page, {"text": "", "version": "0", "keep_token": token}).status_code == 422
    assert KeptWords.objects.get().words == {"text": WORDS}


def test_saving_one_form_leaves_the_words_of_others(browser: Browser, session: ClientSession) -> None:
    keeping.keep(user=session.counsellor, sheet=Sheet("/clients/new/", session.counsellor.pk), words={"name": "Fern"})
    page = note_page(session)

    browser.post(page, {"text": WORDS, "version": "0", "keep_token": token_on(browser, page)})

    assert KeptWords.objects.get().page == "/clients/new/"


def test_the_page_offers_what_was_kept(browser: Browser, session: ClientSession) -> None:
    page = note_page(session)
    assert "data-kept" not in browser.get(page).content.decode()
    send(browser, token_on(browser, page))
    row = KeptWords.objects.get()

    html = browser.get(page).content.decode()

    assert f'data-kept="/practice/words/{row.pk}/"' in html
    assert f'data-let-go="/practice/words/{row.pk}/let-go/"' in html
    assert f'<a href="/practice/words/{row.pk}/">Look at them</a>' in html  # without a script
    assert WORDS not in html
    assert browser.get(f"/practice/words/{row.pk}/", headers={"accept": "application/json"}).json() == {
        "fields": {"text": WORDS}
    }


def test_words_are_for_the_member_who_typed_them(browser: Browser, session: ClientSession) -> None:
    page = note_page(session)
    send(browser, token_on(browser, page))
    row = KeptWords.objects.get()
    # The client is another counsellor's now: the new one opens the same page on the same machine.
    new = make_user()
    Client.unscoped.update(counsellor=new)
    ClientSession.unscoped.update(counsellor=new)
    browser.force_login(new)

    assert "data-kept" not in browser.get(page).content.decode()
    assert "Not saved yet" not in browser.get("/").content.decode()
    for address in (f"/practice/words/{row.pk}/", f"/practice/words/{row.pk}/let-go/"):
        assert {browser.get(address).status_code, browser.post(address).status_code} - {405} == {404}
    assert KeptWords.objects.get() == row


def test_the_words_can_be_read_and_copied_without_a_script(browser: Browser, session: ClientSession) -> None:
    send(browser, token_on(browser, note_page(session)))
    html = browser.get(f"/practice/words/{KeptWords.objects.get().pk}/").content.decode()

    assert WORDS in html
    assert f'href="{note_page(session)}"' in html
    assert "<title>Words not saved · Beside</title>" in html
    assert session.client.reference in html
    assert session.client.name not in html


def test_damaged_words_are_said_to_be_damaged(browser: Browser, session: ClientSession) -> None:
    send(browser, token_on(browser, note_page(session)))
    destroy_data_key(session.client_id)
    address = f"/practice/words/{KeptWords.objects.get().pk}/"

    answer = browser.get(address)
    assert (answer.status_code, "can&#x27;t be opened" in answer.content.decode().replace("'", "&#x27;")) == (409, True)
    assert browser.get(address, headers={"accept": "application/json"}).status_code == 409


def test_words_can_be_let_go(browser: Browser, session: ClientSession) -> None:
    send(browser, token_on(browser, note_page(session)))
    address = f"/practice/words/{KeptWords.objects.get().pk}/let-go/"

    assert browser.get(address).status_code == 405
    assert browser.post(address).headers["Location"] == "/"
    assert not KeptWords.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_today_lists_the_pages_and_takes_one_query_more(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = make_client()
    for number in range(rows):
        page = reverse("notes:write", args=[make_session(client).pk]) if not number else f"/gone/{number}/"
        keeping.keep(user=client.counsellor, sheet=Sheet(page, client.pk, client.reference), words={"text": WORDS})

    from practice.kept_pages import today_panel

    with django_assert_num_queries(1):
        panel = today_panel(client.counsellor, None)
    assert panel is not None
    assert [page.title for page in panel.context["pages"]] == ["Page"] * (rows - 1) + ["Session note"]
    html = signed_in(client.counsellor).get("/").content.decode()
    assert "Not saved yet" in html
    assert client.reference in html
    assert WORDS not in html


def test_today_says_nothing_when_all_is_saved() -> None:
    assert "Not saved yet" not in signed_in(make_user()).get("/").content.decode()


def test_each_form_that_keeps_its_words_says_where_it_stands() -> None:
    member = make_user(Role.SOLO)
    client = make_client(member)
    browser = signed_in(member)
    session = make_session(client)
    pages = {
        "/practice/": member.pk,
        "/clients/new/": member.pk,
        reverse("clients:edit", args=[client.pk]): client.pk,
        note_page(session): client.pk,
        reverse("sessions:move", args=[session.pk]): client.pk,
    }
    sheets = {page: keeping.sheet_of(member, token_on(browser, page)) for page in pages}
    assert {page: (sheet.page, sheet.owner_id) for page, sheet in sheets.items()} == {
        page: (page, owner) for page, owner in pages.items()
    }


@pytest.mark.parametrize(
    ("name", "words"), [("clock_time", "Time"), ("starts_on", "Date"), ("what_helped", "What helped")]
)
def test_a_field_is_called_as_its_form_calls_it(name: str, words: str) -> None:
    assert named(name) == words
