"""The caseload page: own clients by name, a filter, a search that leaves no word behind."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from tests.clients.factories import browser_of, damage
from tests.factories import make_client, make_user
from vault.services import cache, destroy_data_key

pytestmark = pytest.mark.django_db
URL = "/clients/"


def names_on(page: object) -> list[str]:
    return [row.called or row.client.reference for row in page.context["rows"]]  # type: ignore[attr-defined]  # a test response


def test_own_clients_stand_in_order_of_the_name_they_go_by() -> None:
    me = make_user()
    make_client(me, name="zinnia Test", reference="C-0901")
    make_client(me, name="Bryony Test", preferred_name="Wren", reference="C-0902")
    make_client(me, name="Aster Test", reference="C-0903")
    make_client(make_user(), name="Somebody Else")
    page = browser_of(me).get(URL)
    assert names_on(page) == ["Aster Test", "Wren", "zinnia Test"]
    html = page.content.decode()
    assert [reference in html for reference in ("C-0901", "C-0902", "C-0903")] == [True, True, True]
    assert "Bryony Test" in html
    assert "Somebody Else" not in html
    assert "<title>Clients · Beside</title>" in html


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    me = make_user()
    for _ in range(count):
        make_client(me)
    browser = browser_of(me)
    cache.forget()
    # Web session, member, clients, data keys.
    with django_assert_num_queries(4):
        browser.get(URL)


def test_ended_work_has_its_own_list() -> None:
    me = make_user()
    make_client(me, name="Active Test")
    make_client(me, name="Ended Test", state="ended", ended_at=timezone.now())
    browser = browser_of(me)
    assert names_on(browser.get(URL)) == ["Active Test"]
    assert names_on(browser.get(URL, {"state": "ended"})) == ["Ended Test"]
    assert names_on(browser.get(URL, {"state": "nonsense"})) == ["Active Test"]


@pytest.mark.parametrize("word", ["marig", "GOLD", "c-0950", " Testwell "])
def test_a_search_finds_names_and_references_among_own_clients_of_any_state(word: str) -> None:
    me = make_user()
    make_client(me, name="Marigold Testwell", preferred_name="Goldie", reference="C-0950")
    make_client(me, name="Marigold Testwell", preferred_name="Goldie Too", reference="XC-0950", state="ended",
                ended_at=timezone.now())  # fmt: skip
    make_client(me, name="Aster Other", reference="C-0951")
    make_client(make_user(), name="Marigold Testwell", preferred_name="Goldie Not Mine", reference="YC-0950")
    page = browser_of(me).post(URL, {"word": word})
    assert names_on(page) == ["Goldie", "Goldie Too"]


def test_a_search_goes_by_post_with_a_csrf_token() -> None:
    me = make_user()
    make_client(me, name="Marigold Testwell")
    make_client(me, name="Aster Other")
    browser = browser_of(me)
    assert names_on(browser.get(URL, {"word": "marigold"})) == ["Aster Other", "Marigold Testwell"]
    assert 'method="post"' in browser.get(URL).content.decode()
    assert browser_of(me, enforce_csrf_checks=True).post(URL, {"word": "marigold"}).status_code == 403


def test_a_search_that_finds_nobody_says_so_and_keeps_the_word() -> None:
    me = make_user()
    make_client(me)
    html = browser_of(me).post(URL, {"word": "xyzzy"}).content.decode()
    assert "Nobody found" in html
    assert 'value="xyzzy"' in html


def test_a_search_word_too_long_is_refused_at_the_field() -> None:
    page = browser_of(make_user()).post(URL, {"word": "x" * 121})
    assert page.status_code == 200
    assert page.context["search"].errors["word"] == [
        "This is longer than fits here (120 characters). Could you shorten it a little?"
    ]


def test_an_empty_caseload_offers_to_admit_somebody() -> None:
    html = browser_of(make_user()).get(URL).content.decode()
    assert "No clients yet" in html
    assert html.count(reverse("clients:admit")) == 2


def test_a_client_whose_name_does_not_open_is_marked_and_stands_last() -> None:
    me = make_user()
    broken = make_client(me, name="Aster Test", reference="C-0960")
    make_client(me, name="Marigold Testwell")
    damage(broken, "name")
    page = browser_of(me).get(URL)
    assert names_on(page) == ["Marigold Testwell", "C-0960"]
    assert page.content.decode().count("This could not be opened") == 1


def test_a_missing_key_marks_its_own_row_only() -> None:
    me = make_user()
    erased = make_client(me, reference="C-0970")
    make_client(me, name="Marigold Testwell")
    destroy_data_key(erased.id)
    assert names_on(browser_of(me).get(URL)) == ["Marigold Testwell", "C-0970"]


@pytest.mark.parametrize(
    ("fields", "badge"),
    [
        ({}, "E-mail on"),
        ({"is_discreet": True}, "Discreet e-mail"),
        ({"may_email": "no"}, "No e-mail"),
        ({"may_email": "not_asked"}, "E-mail not asked"),
        ({"email": ""}, "No address"),
        ({"mail_stopped_at": timezone.now()}, "Stopped e-mails"),
    ],
)
def test_each_row_says_whether_mail_goes_out(fields: dict[str, Any], badge: str) -> None:
    me = make_user()
    make_client(me, **fields)
    rows = browser_of(me).get(URL).context["rows"]
    assert [row.mail.label for row in rows] == [badge]


def test_an_admin_has_no_caseload() -> None:
    assert browser_of(make_user("admin")).get(URL).status_code == 403
    assert Client.visible_to(make_user("admin")).count() == 0
