"""Signing in with a second factor: by app, recovery code or passkey; wrong, used, damaged; under another SECRET_KEY."""

import json
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django.fixtures import Settings

from outbox.models import Message
from practice.accounts import AccountAdapter
from practice.models import User
from tests.factories import PASSWORD, confirm_identity
from tests.practice.passkeys import SoftKey, asked_of, code_of, give_app, give_codes, secret_on
from tests.practice.rows import deeds, last_deed

SIGN_IN = "/accounts/login/"
STEP = "/accounts/2fa/authenticate/"
BY_PASSKEY = "/accounts/2fa/webauthn/login/"
CONFIRM, CONFIRM_BY_CODE = "/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/"
CONFIRM_BY_PASSKEY = "/accounts/2fa/webauthn/reauthenticate/"


def first_step(browser: Client, user: User) -> str:
    """Give address and password, and return where that leads."""
    return browser.post(SIGN_IN, {"login": user.email, "password": PASSWORD}).headers["Location"]


def is_in(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def add_passkey(user: User) -> SoftKey:
    """Add a passkey by its page, in a browser of its own."""
    browser, key = Client(), SoftKey()
    browser.force_login(user)
    confirm_identity(browser)
    asked = browser.get("/accounts/2fa/webauthn/add/").context["js_data"]["creation_options"]
    answer = key.create(json.loads(json.dumps(dict(asked))))
    browser.post("/accounts/2fa/webauthn/add/", {"name": "Key", "credential": json.dumps(answer)})
    return key


def test_the_password_alone_opens_nothing(client: Client, counsellor: User) -> None:
    give_app(counsellor)
    assert first_step(client, counsellor) == STEP
    assert client.get("/").headers["Location"].startswith(SIGN_IN)
    assert "sign_in" not in deeds()


def test_app_and_password_open_today(client: Client, counsellor: User) -> None:
    give_app(counsellor)
    first_step(client, counsellor)
    assert client.post(STEP, {"code": code_of()}).headers["Location"] == "/"
    assert is_in(client)
    assert (last_deed().deed, last_deed().actor, last_deed().detail) == (
        "sign_in", counsellor, {"by": "password and app"},
    )  # fmt: skip


def test_a_new_password_between_the_steps_lets_nobody_in_by_the_old_one(client: Client, counsellor: User) -> None:
    give_app(counsellor)
    first_step(client, counsellor)
    AccountAdapter().set_password(User.objects.get(pk=counsellor.pk), "three quiet birches")
    assert client.post(STEP, {"code": code_of()}).headers["Location"] == SIGN_IN
    assert not is_in(client)
    assert "sign_in" not in deeds()


@pytest.mark.parametrize("later", [-1, 1])
def test_a_phone_whose_clock_is_half_a_minute_off_still_fits(client: Client, counsellor: User, later: int) -> None:
    give_app(counsellor)
    first_step(client, counsellor)
    spaced = code_of(later=later)
    client.post(STEP, {"code": f" {spaced[:3]} {spaced[3:]} "})
    assert is_in(client)


def test_a_code_is_taken_once_and_none_before_it(client: Client, counsellor: User) -> None:
    give_app(counsellor)
    now, before = code_of(), code_of(later=-1)
    first_step(client, counsellor)
    client.post(STEP, {"code": now})
    other = Client()
    first_step(other, counsellor)
    for used in (now, before):
        assert "This code does not fit." in other.post(STEP, {"code": used}).content.decode()
    assert not is_in(other)


def test_a_wrong_code_leaves_a_row_that_accuses_nobody(client: Client, counsellor: User) -> None:
    give_app(counsellor)
    first_step(client, counsellor)
    client.post(STEP, {"code": "000000"})
    row = last_deed()
    assert (row.deed, row.actor, row.subject_id, row.detail) == ("sign_in.failed", None, counsellor.id, {"by": "code"})


def test_a_wrong_passkey_leaves_a_row_too(client: Client, counsellor: User, admin: User) -> None:
    add_passkey(counsellor)
    other = add_passkey(admin)
    first_step(client, counsellor)
    asked = json.loads(json.dumps(dict(client.get(STEP).context["js_data"]["request_options"])))
    page = client.post(STEP, {"credential": json.dumps(other.get(asked))})
    assert "This passkey does not fit." in page.content.decode()
    row = last_deed()
    assert (row.deed, row.actor, row.subject_id) == ("sign_in.failed", None, counsellor.id)
    assert row.detail == {"by": "passkey"}


def test_the_code_that_set_the_app_up_does_not_sign_in(client: Client, counsellor: User) -> None:
    client.force_login(counsellor)
    confirm_identity(client)
    code = code_of(secret_on(client.get("/accounts/2fa/totp/activate/")))
    client.post("/accounts/2fa/totp/activate/", {"code": code})
    other = Client()
    assert first_step(other, counsellor) == STEP
    other.post(STEP, {"code": code})
    assert not is_in(other)


def test_a_recovery_code_opens_once_and_is_told_by_mail(client: Client, counsellor: User) -> None:
    give_app(counsellor)
    codes = give_codes(counsellor)
    first_step(client, counsellor)
    client.post(STEP, {"code": codes[3]})
    assert is_in(client)
    assert last_deed().detail == {"by": "password and recovery code"}
    assert "A recovery code was used to sign in." in Message.objects.get().payload["text"]
    other = Client()
    first_step(other, counsellor)
    other.post(STEP, {"code": codes[3]})
    assert not is_in(other)


def test_guessing_codes_is_stopped_and_the_right_one_too(client: Client, counsellor: User) -> None:
    give_app(counsellor)
    first_step(client, counsellor)
    for _ in range(5):
        client.post(STEP, {"code": "000000"})
    assert "That was tried too often." in client.post(STEP, {"code": code_of()}).content.decode()
    assert not is_in(client)


def test_a_damaged_secret_says_so_and_is_not_taken_for_none(client: Client, counsellor: User) -> None:
    give_app(counsellor)
    codes = give_codes(counsellor)
    Authenticator.objects.filter(type="totp").update(data={"secret": "sealed:AAAA"})
    assert first_step(client, counsellor) == STEP
    page = client.post(STEP, {"code": code_of()})
    assert (page.status_code, "its stored secret is damaged" in page.content.decode()) == (200, True)
    assert not is_in(client)
    client.post(STEP, {"code": codes[0]})
    assert is_in(client)


def test_another_secret_key_leaves_the_second_factor_as_it_is(
    client: Client, counsellor: User, settings: Settings
) -> None:
    give_app(counsellor)
    settings.SECRET_KEY = "quite another key, longer than fifty characters, for a test"
    first_step(client, counsellor)
    client.post(STEP, {"code": code_of()})
    assert is_in(client)


def test_a_passkey_is_the_second_step(client: Client, counsellor: User) -> None:
    key = add_passkey(counsellor)
    assert first_step(client, counsellor) == STEP
    asked = client.get(STEP).context["js_data"]["request_options"]
    assert asked["publicKey"]["userVerification"] == "required"
    client.post(STEP, {"credential": json.dumps(key.get(json.loads(json.dumps(dict(asked)))))})
    assert is_in(client)
    assert last_deed().detail == {"by": "password and passkey"}


def test_a_passkey_alone_opens_today(client: Client, counsellor: User) -> None:
    key = add_passkey(counsellor)
    asked = asked_of(client)
    assert asked["publicKey"].get("allowCredentials", []) == []
    response = client.post(BY_PASSKEY, {"credential": json.dumps(key.get(asked)), "next": "/clients/"})
    assert response.headers["Location"] == "/clients/"
    assert is_in(client)
    assert (last_deed().deed, last_deed().detail) == ("sign_in", {"by": "passkey"})


def test_an_answer_is_taken_once_here_and_from_this_site(client: Client, counsellor: User) -> None:
    key = add_passkey(counsellor)
    answer = json.dumps(key.get(asked_of(client)))
    other = Client()
    asked = asked_of(other)
    foreign = json.dumps(key.get(asked, origin="https://beside.example.org"))
    for credential in (answer, foreign):
        assert other.post(BY_PASSKEY, {"credential": credential}).headers["Location"] == SIGN_IN
        assert not is_in(other)
    assert last_deed().deed == "sign_in.failed"


def test_anothers_handle_on_ones_own_key_opens_nothing(client: Client, counsellor: User, admin: User) -> None:
    key, theirs = add_passkey(counsellor), add_passkey(admin)
    key.user_handle = theirs.user_handle
    client.post(BY_PASSKEY, {"credential": json.dumps(key.get(asked_of(client)))})
    assert not is_in(client)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        '"x"',
        "7",
        '{"response": {}}',
        '{"response": 1}',
        '{"id": "a", "response": {"userHandle": "eA"}}',
    ],
)
def test_what_is_no_passkey_breaks_nothing(client: Client, counsellor: User, answer: str) -> None:
    asked_of(client)
    assert client.post(BY_PASSKEY, {"credential": answer}).headers["Location"] == SIGN_IN
    give_app(counsellor)
    first_step(client, counsellor)
    client.get(STEP)
    assert client.post(STEP, {"credential": answer}).status_code == 200


def test_who_has_left_comes_in_by_no_passkey(client: Client, counsellor: User) -> None:
    key = add_passkey(counsellor)
    User.objects.filter(pk=counsellor.pk).update(is_active=False)
    client.post(BY_PASSKEY, {"credential": json.dumps(key.get(asked_of(client)))})
    assert client.get("/").status_code == 302


def test_identity_is_confirmed_by_password_code_or_passkey(as_counsellor: Client, counsellor: User) -> None:
    key = add_passkey(counsellor)  # this ends other sign-ins
    give_app(counsellor)
    as_counsellor.force_login(counsellor)
    page = unescape(as_counsellor.get(CONFIRM).content.decode())
    assert [words in page for words in ("Use a code", "Use a passkey", "Use your password")] == [True, True, False]
    to = {"next": "/clients/"}
    assert as_counsellor.post(CONFIRM, {"password": PASSWORD, **to}).headers["Location"] == "/clients/"
    assert (last_deed().deed, last_deed().actor, last_deed().detail) == (
        "identity.confirm", counsellor, {"by": "password"},
    )  # fmt: skip
    assert as_counsellor.post(CONFIRM_BY_CODE, {"code": code_of(), **to}).headers["Location"] == "/clients/"
    assert last_deed().detail == {"by": "code"}
    asked = json.loads(json.dumps(dict(as_counsellor.get(CONFIRM_BY_PASSKEY).context["js_data"]["request_options"])))
    credential = json.dumps(key.get(asked))
    assert as_counsellor.post(CONFIRM_BY_PASSKEY, {"credential": credential, **to}).headers["Location"] == "/clients/"
    assert last_deed().detail == {"by": "passkey"}


def test_what_does_not_confirm_leaves_a_row(as_counsellor: Client, counsellor: User) -> None:
    add_passkey(counsellor)
    give_app(counsellor)
    as_counsellor.force_login(counsellor)
    for page, data, by in (
        (CONFIRM_BY_CODE, {"code": "000000"}, "code"),
        (CONFIRM_BY_PASSKEY, {"credential": '{"id": "x"}'}, "passkey"),
    ):
        answer = as_counsellor.post(page, data)
        assert (answer.status_code, "does not fit" in answer.content.decode()) == (200, True)
        assert (last_deed().deed, last_deed().actor, last_deed().detail) == ("sign_in.failed", counsellor, {"by": by})
    assert "reauthenticate" in as_counsellor.get("/accounts/2fa/totp/deactivate/").headers["Location"]


def test_without_its_row_nothing_is_confirmed(
    as_counsellor: Client, counsellor: User, broken_trail: type[Exception]
) -> None:
    with pytest.raises(broken_trail):
        as_counsellor.post(CONFIRM, {"password": PASSWORD})
    assert "reauthenticate" in as_counsellor.get("/accounts/2fa/totp/activate/").headers["Location"]
