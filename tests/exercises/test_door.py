"""The door before a client's page: what opens it, what shuts it, and how often a code may be tried."""

import time
from typing import Any

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from clients.links import resolve as resolve_link
from clients.models import Client, ClientLink
from exercises import door
from exercises.door import Knock
from tests.exercises.factories import damage, make_assignment, make_token
from tests.factories import make_client

pytestmark = pytest.mark.django_db
PageCode = Client.PageCode


def linked(**fields: Any) -> tuple[ClientLink, str]:
    client = make_client(**fields)
    token = make_token(make_assignment(client))
    return resolve_link(token, ClientLink.Purpose.EXERCISE), token


def asking(token: str, cookie: str = "") -> Any:
    request = RequestFactory().get(f"/x/{token}/")
    request.resolver_match = resolve(request.path)
    if cookie:
        request.COOKIES[door.COOKIE] = cookie
    return request


def opened(link: ClientLink, token: str) -> Any:
    response = HttpResponse()
    door.open_door(asking(token), response, link)
    return response.cookies[door.COOKIE]


# --- the cookie ------------------------------------------------------------------------------------
def test_a_door_is_shut_until_it_is_opened() -> None:
    link, token = linked()
    assert not door.is_open(asking(token), link)
    assert door.is_open(asking(token, opened(link, token).value), link)


def test_the_cookie_goes_to_its_own_page_alone_and_no_script_reads_it() -> None:
    link, token = linked()
    cookie = opened(link, token)
    assert (cookie["path"], cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (
        f"/x/{token}/", 3600, True, "Lax",
    )  # fmt: skip
    assert cookie["domain"] == ""


def test_a_cookie_opens_no_other_link() -> None:
    link, token = linked()
    other = make_token(make_assignment(link.client))
    cookie = opened(link, token).value
    assert not door.is_open(asking(other, cookie), resolve_link(other, ClientLink.Purpose.EXERCISE))


@pytest.mark.parametrize("cookie", ["x", "a:b:c", "é" * 99])
def test_a_cookie_that_is_none_opens_nothing(cookie: str) -> None:
    link, token = linked()
    assert not door.is_open(asking(token, cookie), link)


def test_another_signature_opens_nothing() -> None:
    link, token = linked()
    value = opened(link, token).value.rsplit(":", 2)[0]
    forged = signing.TimestampSigner(salt="something.else").sign(value)
    assert not door.is_open(asking(token, forged), link)


def test_it_shuts_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    link, token = linked()
    cookie, now = opened(link, token).value, time.time()
    monkeypatch.setattr(time, "time", lambda: now + door.STAYS_OPEN - 5)
    assert door.is_open(asking(token, cookie), link)
    monkeypatch.setattr(time, "time", lambda: now + door.STAYS_OPEN + 5)
    assert not door.is_open(asking(token, cookie), link)


def test_another_code_shuts_it() -> None:
    link, token = linked()
    cookie = opened(link, token).value
    link.client.page_code, link.client.page_word = PageCode.WORD, "heron"
    assert not door.is_open(asking(token, cookie), link)
    cookie = opened(link, token).value
    assert door.is_open(asking(token, cookie), link)
    link.client.page_word = "kingfisher"
    assert not door.is_open(asking(token, cookie), link)


# --- the code --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "right", "wrong"),
    [
        ({"page_code": "birth_year", "date_of_birth": "1985-06-01"}, ["1985", " 1985 "], ["1986", "", "06"]),
        ({"page_code": "word", "page_word": "Blue Heron"}, ["blue  heron ", "BLUE HERON"], ["blueheron", "", "heron"]),
        ({"page_code": "word", "page_word": "Straße"}, ["strasse", "STRASSE"], ["strase"]),
    ],
)
def test_the_code_fits_however_it_is_typed_on_a_phone(
    fields: dict[str, Any], right: list[str], wrong: list[str]
) -> None:
    client = make_client(**fields)
    assert [door.fits(client, typed) for typed in right] == [True] * len(right)
    assert [door.fits(client, typed) for typed in wrong] == [False] * len(wrong)


def test_a_code_that_the_record_lacks_or_that_does_not_open_is_fitted_by_nothing() -> None:
    assert not door.fits(make_client(page_code="birth_year", date_of_birth=""), "")
    client = make_client(page_code="word", page_word="heron")
    Client.unscoped.exclude(pk=client.pk).delete()
    damage("clients_client", "page_word")
    damaged = Client.unscoped.get()
    assert [door.fits(damaged, typed) for typed in ("heron", "")] == [False, False]


def test_without_a_code_the_button_is_enough() -> None:
    link, _ = linked()
    assert door.knock(link, "") == Knock.IN


def test_five_wrong_codes_and_then_it_waits_even_for_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    link, _ = linked(page_code="word", page_word="heron")
    now = time.time()
    assert [door.knock(link, "crow") for _ in range(6)] == [Knock.WRONG] * 4 + [Knock.WAIT] * 2
    assert (door.tries_left(link), door.knock(link, "heron")) == (0, Knock.WAIT)
    assert now + door.WAITS[0] - 5 < door.again_at(link).timestamp() < now + door.WAITS[0] + 30
    monkeypatch.setattr(time, "time", lambda: now + door.WAITS[0] + 30)
    assert (door.tries_left(link), door.knock(link, "heron")) == (5, Knock.IN)


def test_each_five_wrong_codes_more_wait_longer_and_another_link_of_theirs_is_no_way_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link, _ = linked(page_code="word", page_word="heron")
    now = time.time()
    for wait in (*door.WAITS, door.WAITS[-1]):
        assert [door.knock(link, "crow") for _ in range(5)][-1] == Knock.WAIT
        assert now + wait - 5 < door.again_at(link).timestamp() < now + wait + 30
        assert door.tries_left(ClientLink(client=link.client)) == 0
        now += wait + 30
        monkeypatch.setattr(time, "time", lambda moment=now: moment)


def test_an_empty_code_is_no_try_and_a_right_one_forgets_the_wrong_ones() -> None:
    link, _ = linked(page_code="word", page_word="heron")
    assert [door.knock(link, typed) for typed in ("", "crow", "heron")] == [Knock.EMPTY, Knock.WRONG, Knock.IN]
    assert door.tries_left(link) == door.TRIES
