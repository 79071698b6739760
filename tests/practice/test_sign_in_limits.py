"""Tries are counted, too many are answered calmly, and no answer tells who works here."""

import re
from html import unescape
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit as limits
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from outbox.models import Message
from practice import letters
from practice.models import User
from tests.factories import PASSWORD
from tests.practice.passkeys import code_of, give_app

SIGN_IN, RESET, CONFIRM = "/accounts/login/", "/accounts/password/reset/", "/accounts/reauthenticate/"
BY_PASSKEY, STEP = "/accounts/2fa/webauthn/login/", "/accounts/2fa/authenticate/"
STRANGER = "nobody@beside.test"


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is hashed: that is where the time of a sign-in goes."""

    count = 0

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        type(self).count += 1
        return str(super().encode(password, salt))


def alike(page: Any) -> tuple[int, str]:
    """Return status and text of a page without what differs each time: tokens, and the address that was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|value="\w+@beside\.test"', "", page.content.decode())
    return page.status_code, re.sub(r'nonce="[^"]+"', "", text)


def test_a_wrong_try_is_answered_alike_for_member_and_stranger(counsellor: User) -> None:
    known, unknown = (
        Client().post(SIGN_IN, {"login": email, "password": "not this one"}) for email in (counsellor.email, STRANGER)
    )
    assert alike(known) == alike(unknown)


def test_many_other_tries_do_not_push_a_members_count_out(client: Client, counsellor: User) -> None:
    for _ in range(5):
        client.post(SIGN_IN, {"login": counsellor.email, "password": "not this one"})
    for number in range(1000):
        cache.set(f"address-{number}", [1.0], 300)
    page = client.post(SIGN_IN, {"login": counsellor.email, "password": PASSWORD})
    assert (page.status_code, "That was tried too often." in page.content.decode()) == (200, True)


def test_a_wrong_try_costs_one_hash_for_member_and_stranger(counsellor: User, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    counsellor.set_password(PASSWORD)
    counsellor.save()
    counts = []
    for email in (counsellor.email, STRANGER):
        CountingHasher.count = 0
        Client().post(SIGN_IN, {"login": email, "password": "not this one"})
        counts.append(CountingHasher.count)
    assert counts == [1, 1]


def test_a_link_costs_one_letter_for_member_and_stranger(counsellor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    write = letters.write

    def note(name: str, context: dict[str, Any]) -> letters.Written:
        written.append(name)
        return write(name, context)

    monkeypatch.setattr(letters, "write", note)
    for email in (counsellor.email, STRANGER):
        Client().post(RESET, {"email": email})
    assert written == ["mail/account_reset"] * 2
    assert [message.payload["to"] for message in Message.objects.all()] == [counsellor.email]


@pytest.mark.parametrize("email", ["member@beside.test", STRANGER])
def test_too_many_tries_are_answered_alike(counsellor: User, email: str) -> None:
    User.objects.filter(pk=counsellor.pk).update(email="member@beside.test")
    EmailAddress.objects.filter(user=counsellor).update(email="member@beside.test")
    for _ in range(5):
        Client().post(SIGN_IN, {"login": email, "password": "not this one"})
    page = Client().post(SIGN_IN, {"login": email, "password": PASSWORD})
    assert page.status_code == 200
    assert "That was tried too often." in page.content.decode()


def test_who_is_tried_out_by_others_comes_in_after_five_minutes(
    counsellor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        Client(REMOTE_ADDR="203.0.113.7").post(SIGN_IN, {"login": counsellor.email, "password": "not this one"})
    now = limits.time.time()
    monkeypatch.setattr(limits.time, "time", lambda: now + 5 * 60 + 1)
    own = Client(REMOTE_ADDR="198.51.100.4")
    assert own.post(SIGN_IN, {"login": counsellor.email, "password": PASSWORD}).status_code == 302


def test_tries_at_one_account_shut_no_other_out(counsellor: User, admin: User) -> None:
    for _ in range(6):
        Client(REMOTE_ADDR="203.0.113.7").post(SIGN_IN, {"login": admin.email, "password": "not this one"})
    own = Client(REMOTE_ADDR="198.51.100.4")
    assert own.post(SIGN_IN, {"login": counsellor.email, "password": PASSWORD}).status_code == 302


def test_one_address_that_tries_many_accounts_is_stopped(counsellor: User) -> None:
    for number in range(10):
        Client().post(SIGN_IN, {"login": f"n{number}@beside.test", "password": "not this one"})
    page = Client().post(SIGN_IN, {"login": counsellor.email, "password": PASSWORD})
    assert "That was tried too often." in page.content.decode()


def paused(page: Any) -> tuple[int, bool]:
    return page.status_code, "<h1>A little pause</h1>" in unescape(page.content.decode())


@pytest.mark.parametrize("email", ["member@beside.test", STRANGER])
def test_asking_for_links_on_and_on_is_paused(counsellor: User, email: str) -> None:
    EmailAddress.objects.filter(user=counsellor).update(email="member@beside.test")
    for _ in range(3):
        assert Client().post(RESET, {"email": email}).status_code == 302
    assert paused(Client().post(RESET, {"email": email})) == (429, True)


def test_passkeys_are_not_tried_on_and_on(practice: Any) -> None:
    for _ in range(10):
        assert Client().post(BY_PASSKEY, {"credential": "{}"}).status_code == 302
    assert paused(Client().post(BY_PASSKEY, {"credential": "{}"})) == (429, True)


def test_confirming_is_paused_after_ten_and_refused_after_five(as_counsellor: Client) -> None:
    pages = [as_counsellor.post(CONFIRM, {"password": "not this one"}) for _ in range(11)]
    assert "That was tried too often." in pages[5].content.decode()
    assert paused(pages[10]) == (429, True)


def test_a_code_that_is_tried_out_shuts_only_its_own_account(counsellor: User, admin: User) -> None:
    give_app(counsellor)
    give_app(admin)
    wrong, right = Client(REMOTE_ADDR="203.0.113.7"), Client(REMOTE_ADDR="198.51.100.4")
    wrong.post(SIGN_IN, {"login": counsellor.email, "password": PASSWORD})
    for _ in range(6):
        wrong.post(STEP, {"code": "000000"})
    right.post(SIGN_IN, {"login": admin.email, "password": PASSWORD})
    assert right.post(STEP, {"code": code_of()}).status_code == 302


@pytest.mark.redis
def test_the_limits_hold_across_processes(counsellor: User, settings: Settings, redis_url: str) -> None:
    settings.CACHES = {"default": {"BACKEND": "practice.cache.SteadyRedisCache", "LOCATION": redis_url}}
    cache.clear()
    for _ in range(5):
        Client().post(SIGN_IN, {"login": counsellor.email, "password": "not this one"})
    page = Client().post(SIGN_IN, {"login": counsellor.email, "password": PASSWORD})
    assert "That was tried too often." in page.content.decode()
