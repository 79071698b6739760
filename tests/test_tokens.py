"""Addresses with a token: a look changes nothing, a wrong one is one and the same, and trying on is slowed down."""

import hashlib
import re
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone
from pytest_django import Settings

from clients import links
from clients.models import ClientLink
from exercises.models import Assignment
from exercises.publishing import publish_shipped
from exercises.selectors import current_versions
from practice import invitations, slow
from practice.cache import outage
from practice.models import Invitation
from sessions import feeds
from tests.factories import make_client, make_practice, make_session, make_user
from tests.tables import changed, dump
from tests.walking import routes

pytestmark = pytest.mark.django_db
WRONG = "x" * 43
HERE: dict[str, Any] = {"REMOTE_ADDR": "192.0.2.7"}
# The password reset's key is allauth's: signed, for one account and one password, two hours long.
BY_ALLAUTH = {"account_reset_password_from_key"}


def token_pages() -> list[str]:
    """Return the names of all addresses that a token opens."""
    return sorted(name for name, route in routes() if "token>" in route)


@pytest.fixture
def tokens() -> dict[str, str]:
    """A right token for each of them."""
    client = make_client()
    session = make_session(client)
    publish_shipped()
    assignment = Assignment.unscoped.create(
        client=client, version=current_versions()[0], assigned_by=client.counsellor, personal_line="l", why="w",
        plan_when="p", due_on=timezone.localdate(),
    )  # fmt: skip
    until = timezone.now() + timedelta(days=1)
    invitation = Invitation(email="new@beside.test", invited_by=make_user("admin"), expires_at=until)
    invitation.save()
    _, feed = feeds.make_feed(actor=client.counsellor, naming="reference")
    Browser().get(reverse("sessions:feed", args=[feed]))  # that it is read now is noted, once in ten minutes
    return {
        "practice:join": invitations.mint(invitation),
        "exercises:place": links.mint(client=client, purpose="mail", subject_id=client.pk, expires_at=until),
        "exercises:patterns": links.mint(client=client, purpose="mail", subject_id=client.pk, expires_at=until),
        "sessions:feed": feed,
        "exercises:practise": links.mint(client=client, purpose="exercise", subject_id=assignment.pk, expires_at=until),
        "sessions:client_page": links.mint(client=client, purpose="session", subject_id=session.pk, expires_at=until),
    }


@pytest.fixture
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ten minutes not end in the middle of a test."""
    now = time.time() // slow.WINDOW * slow.WINDOW + 5
    monkeypatch.setattr(time, "time", lambda: now)


def test_every_page_of_a_token_is_known_and_slows_wrong_ones(tokens: dict[str, str]) -> None:
    assert token_pages() == sorted(tokens)
    views = [resolve(reverse(name, args=[WRONG])).func for name in token_pages()]
    assert [getattr(view, "slows_wrong_tokens", False) for view in views] == [True] * len(tokens)


def test_a_look_opens_the_page_and_changes_no_row(tokens: dict[str, str]) -> None:
    before = dump()
    for name, token in tokens.items():
        address = reverse(name, args=[token])
        assert Browser().get(address).status_code == 200, name
        assert Browser().head(address).status_code == 200, name
        assert Browser().options(address).status_code == 405, name
    assert changed(before, dump()) == []


def test_a_token_is_256_bits_and_stands_nowhere(tokens: dict[str, str]) -> None:
    rows = "".join(row for table in dump().values() for row in table)
    for token in tokens.values():
        assert len(token) == 43
        assert token not in rows
        assert repr(hashlib.sha256(token.encode()).digest()) in rows


def test_a_wrong_token_is_one_and_the_same_whatever_is_wrong_with_it(tokens: dict[str, str]) -> None:
    for number, (name, right) in enumerate(tokens.items()):
        sender: dict[str, Any] = {"REMOTE_ADDR": f"192.0.2.{number}"}
        of_another = next(token for other, token in tokens.items() if other != name)
        tried = [WRONG, of_another, "short", right[:-1], right + "x", right.swapcase()]
        pages = {
            (answer.status_code, re.sub(f'{token}|nonce="[^"]*"', "-", answer.content.decode()))
            for token in tried
            for answer in [Browser().get(reverse(name, args=[token]), **sender)]
        }
        assert [status for status, _ in pages] == [404], name


def test_a_token_is_bound_to_one_thing_and_can_be_taken_back(tokens: dict[str, str]) -> None:
    link = links.resolve(tokens["exercises:practise"], ClientLink.Purpose.EXERCISE)
    assert links.revoke(subject_id=uuid4()) == 0
    assert links.revoke(subject_id=link.subject_id) == 1
    answers = {name: Browser().get(reverse(name, args=[token])).status_code for name, token in tokens.items()}
    assert answers == {
        "practice:join": 200,
        "exercises:place": 200,
        "exercises:patterns": 200,
        "sessions:client_page": 200,
        "sessions:feed": 200,
        "exercises:practise": 410,
    }


def tries(count: int, name: str = "exercises:place", token: str = WRONG, **sender: Any) -> list[int]:
    browser = Browser()
    return [browser.get(reverse(name, args=[token]), **(sender or HERE)).status_code for _ in range(count)]


@pytest.mark.usefixtures("_noon")
def test_after_twenty_wrong_ones_wrong_ones_wait_and_right_ones_open(tokens: dict[str, str]) -> None:
    assert tries(slow.WRONG + 1) == [404] * slow.WRONG + [429]
    refused = Browser().get(reverse("practice:join", args=[WRONG]), **HERE)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(slow.WINDOW - 5))
    assert "A little pause" in refused.content.decode()
    assert "Samaritans" in refused.content.decode()
    assert [tries(1, name, token) for name, token in tokens.items()] == [[200]] * len(tokens)
    assert tries(1, REMOTE_ADDR="192.0.2.8") == [404]


@pytest.mark.usefixtures("_noon")
def test_a_machine_that_tries_on_is_not_listened_to_at_all(
    tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "MACHINE", slow.WRONG + 3)
    tries(slow.MACHINE)
    assert [tries(1, name, token) for name, token in tokens.items()] == [[429]] * len(tokens)
    later = time.time() + slow.WINDOW
    monkeypatch.setattr(time, "time", lambda: later)
    assert [tries(1, name, token) for name, token in tokens.items()] == [[200]] * len(tokens)


@pytest.mark.usefixtures("_noon")
def test_the_address_is_the_one_that_trusted_proxies_tell(settings: Settings) -> None:
    make_practice()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    forged: dict[str, Any] = {"HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9", **HERE}
    assert tries(slow.WRONG + 1, **forged)[-1] == 429
    assert tries(1, HTTP_X_FORWARDED_FOR="198.51.100.2, 203.0.113.9", **HERE) == [429]
    assert tries(1, HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.10", **HERE) == [404]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert tries(1, **forged) == [404]


@pytest.mark.usefixtures("_noon")
def test_an_ipv6_network_is_one_address_and_whoever_has_none_is_answered_too(settings: Settings) -> None:
    make_practice()
    assert tries(slow.WRONG + 1, REMOTE_ADDR="2001:db8:1:2::1")[-1] == 429
    assert tries(1, REMOTE_ADDR="2001:db8:1:2:ffff::9") == [429]
    assert tries(1, REMOTE_ADDR="2001:db8:1:3::1") == [404]
    assert tries(1, REMOTE_ADDR="") == [404]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert tries(1, HTTP_X_FORWARDED_FOR="203.0.113.9", **HERE) == [404]


@pytest.mark.usefixtures("_noon")
def test_the_count_holds_no_address() -> None:
    make_practice()
    tries(1)
    held = "".join(cache._cache)  # type: ignore[attr-defined]  # the memory's own dictionary
    assert "wrong-token" in held
    assert "192.0.2.7" not in held


@pytest.mark.usefixtures("_noon")
def test_without_redis_each_process_counts_by_itself(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    make_practice()
    monkeypatch.setattr(outage, "ends_at", 0.0)
    settings.CACHES = {"default": {"BACKEND": "practice.cache.SteadyRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    assert tries(slow.WRONG + 1) == [404] * slow.WRONG + [429]


def test_the_walk_of_addresses_sees_tokens() -> None:
    assert len(list(routes())) > len(get_resolver().url_patterns)
    assert token_pages() != []
