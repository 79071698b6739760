"""Setting up a second factor: app and passkey, recovery codes shown until they are kept, all secrets sealed."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from outbox.models import Message
from practice import mfa
from practice.models import AuditEntry, User
from tests.factories import PASSWORD, confirm_identity
from tests.practice.passkeys import SECRET, SoftKey, code_of, give_app, give_codes, secret_on
from tests.practice.rows import deeds, last_deed
from vault.errors import VaultError

SECURITY = "/accounts/2fa/"
APP = "/accounts/2fa/totp/activate/"
NO_APP = "/accounts/2fa/totp/deactivate/"
PASSKEY = "/accounts/2fa/webauthn/add/"
CONFIRM = "/accounts/reauthenticate/"
CODES = "/accounts/2fa/recovery-codes/"


@pytest.fixture
def browser(as_counsellor: Client) -> Client:
    """A member who has just typed the password again."""
    confirm_identity(as_counsellor)
    return as_counsellor


def whole_database() -> bytes:
    """Return every column of every table, web sessions opened: what somebody with a dump would read."""
    found = [json.dumps(session.get_decoded(), default=str) for session in Session.objects.all()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names from the database itself
            found += [str(bytes(value) if isinstance(value, memoryview) else value) for r in cursor for value in r]
    return "\n".join(found).encode()


def test_an_app_is_set_up_with_its_first_code(browser: Client, counsellor: User, commits: Any) -> None:
    secret = secret_on(browser.get(APP))
    with commits(execute=True):
        response = browser.post(APP, {"code": code_of(secret)})
    assert response.headers["Location"] == CODES
    assert mfa.factors_of(counsellor).is_set_up
    assert (last_deed().deed, last_deed().actor, last_deed().detail) == ("mfa.add", counsellor, {"kind": "totp"})
    assert Message.objects.get().payload["subject"] == "A change to how you sign in to Beside"
    assert "An authenticator app was set up." in Message.objects.get().payload["text"]


def test_a_wrong_code_sets_nothing_up_and_keeps_the_same_key(browser: Client, counsellor: User) -> None:
    secret = secret_on(browser.get(APP))
    page = browser.post(APP, {"code": "000000"})
    assert page.status_code == 200
    assert "This code does not fit." in page.content.decode()
    assert secret_on(page) == secret
    assert not mfa.has_second_factor(counsellor)


def test_without_its_audit_row_no_factor_is_added(
    browser: Client, counsellor: User, broken_trail: type[Exception]
) -> None:
    secret = secret_on(browser.get(APP))
    with pytest.raises(broken_trail):
        browser.post(APP, {"code": code_of(secret)})
    assert Authenticator.objects.count() == 0


def test_the_qr_code_stands_in_the_page_and_not_in_a_data_address(browser: Client) -> None:
    text = browser.get(APP).content.decode()
    assert '<svg class="qr" viewBox="0 0 ' in text
    assert "data:" not in text


def test_a_passkey_is_added(browser: Client, counsellor: User) -> None:
    asked = browser.get(PASSKEY).context["js_data"]["creation_options"]
    asked = json.loads(json.dumps(dict(asked)))
    assert asked["publicKey"]["rp"] == {"id": "localhost", "name": "Beside"}
    assert asked["publicKey"]["authenticatorSelection"]["userVerification"] == "required"
    response = browser.post(PASSKEY, {"name": "Key on my ring", "credential": json.dumps(SoftKey().create(asked))})
    assert response.headers["Location"] == CODES
    assert [row.data["name"] for row in mfa.factors_of(counsellor).passkeys] == ["Key on my ring"]
    assert (last_deed().deed, last_deed().detail) == ("mfa.add", {"kind": "webauthn"})
    assert "Key on my ring" in browser.get(SECURITY).content.decode()


def test_a_passkey_that_asked_for_no_finger_face_or_pin_is_refused(browser: Client, counsellor: User) -> None:
    asked = json.loads(json.dumps(dict(browser.get(PASSKEY).context["js_data"]["creation_options"])))
    key = SoftKey()
    key.flags &= ~key.flags.UV
    page = browser.post(PASSKEY, {"name": "", "credential": json.dumps(key.create(asked))})
    assert "This passkey does not fit." in page.content.decode()
    assert not mfa.has_second_factor(counsellor)


@pytest.mark.parametrize("answer", ["", "{}", "[]", '"x"', "7", "null", '{"response": {}}', '{"id": "a", "rawId": 1}'])
def test_what_is_no_passkey_is_refused_and_nothing_breaks(browser: Client, counsellor: User, answer: str) -> None:
    browser.get(PASSKEY)
    assert browser.post(PASSKEY, {"name": "x", "credential": answer}).status_code == 200
    assert not mfa.has_second_factor(counsellor)


def test_setting_up_asks_who_it_is(as_counsellor: Client, counsellor: User) -> None:
    for page in (APP, PASSKEY, "/accounts/2fa/recovery-codes/generate/"):
        assert as_counsellor.get(page).headers["Location"] == f"{CONFIRM}?next={quote(page, safe='')}"
    give_app(counsellor)
    give_codes(counsellor)
    for page in (NO_APP, CODES, f"{CODES}download/"):
        assert "reauthenticate" in as_counsellor.get(page).headers["Location"]


def test_who_has_just_signed_in_is_not_asked_again(client: Client, counsellor: User) -> None:
    client.post("/accounts/login/", {"login": counsellor.email, "password": PASSWORD})
    assert client.get(APP).status_code == 200
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 301
    session.save()
    assert "reauthenticate" in client.get(APP).headers["Location"]


def test_recovery_codes_are_shown_until_they_are_kept(browser: Client, counsellor: User) -> None:
    give_app(counsellor)
    codes = give_codes(counsellor)
    assert "Your recovery codes are waiting" in browser.get(SECURITY).content.decode()
    for _ in range(2):
        text = browser.get(CODES).content.decode()
        assert [code for code in codes if code not in text] == []
    file = browser.get(f"{CODES}download/")
    assert file.headers["Content-Disposition"] == 'attachment; filename="beside-codes.txt"'
    assert [line for line in file.content.decode().split() if line.isdigit()] == codes
    assert browser.post(CODES).headers["Location"] == SECURITY
    assert browser.get(CODES).headers["Location"] == SECURITY
    assert browser.get(f"{CODES}download/").status_code == 404
    assert "10 left" in browser.get(SECURITY).content.decode()


def test_new_codes_take_the_place_of_the_old(browser: Client, counsellor: User) -> None:
    give_app(counsellor)
    old = give_codes(counsellor)
    browser.post(CODES)
    assert browser.post(f"{CODES}generate/").headers["Location"] == CODES
    assert last_deed().deed == "mfa.codes"
    new = mfa.codes_to_keep(counsellor)
    assert new is not None
    assert set(new).isdisjoint(old)


def test_no_secret_stands_in_the_database_in_the_clear(browser: Client, counsellor: User) -> None:
    secret = secret_on(browser.get(APP))
    waiting = whole_database()
    browser.post(APP, {"code": code_of(secret)})
    app, codes = Authenticator.objects.get(type="totp"), Authenticator.objects.get(type="recovery_codes")
    seed = mfa.MFAAdapter().decrypt(codes.data["seed"])
    held = whole_database()
    assert mfa.MFAAdapter().decrypt(app.data["secret"]) == secret
    assert str(counsellor.id).encode() in held or counsellor.id.hex.encode() in held
    assert [text for text in (secret, seed, *codes.wrap().generate_codes()) if text.encode() in held] == []
    assert secret.encode() not in waiting


@pytest.mark.parametrize("wrong", ["", "sealed:", "sealed:!!", SECRET, "sealed:AAAA"])
def test_a_secret_that_is_damaged_or_in_the_clear_does_not_open(counsellor: User, wrong: str) -> None:
    with pytest.raises(VaultError):
        mfa.MFAAdapter().decrypt(wrong)


def test_damaged_codes_say_so_and_can_be_made_anew(browser: Client, counsellor: User) -> None:
    give_app(counsellor)
    give_codes(counsellor)
    Authenticator.objects.filter(type="recovery_codes").update(data={"seed": "sealed:AAAA", "used_mask": 0})
    assert browser.get(SECURITY).status_code == 200
    page = browser.get(CODES)
    assert (page.status_code, "These codes do not open" in page.content.decode()) == (409, True)
    assert browser.get(f"{CODES}generate/").status_code == 200
    browser.post(f"{CODES}generate/")
    assert len(mfa.codes_to_keep(counsellor) or []) == 10


def test_a_factor_is_removed_with_its_codes(browser: Client, counsellor: User) -> None:
    give_app(counsellor)
    give_codes(counsellor)
    assert "Remove the app" in browser.get(NO_APP).content.decode()
    browser.post(NO_APP)
    assert Authenticator.objects.count() == 0
    assert deeds()[-1] == "mfa.remove"
    assert "The authenticator app was removed." in Message.objects.get().payload["text"]


def test_anothers_passkey_is_not_found(browser: Client, counsellor: User, admin: User) -> None:
    row = Authenticator.objects.create(user=admin, type="webauthn", data={"name": "theirs", "credential": {}})
    for deed in ("remove", "edit"):
        page = f"/accounts/2fa/webauthn/keys/{row.pk}/{deed}/"
        assert (browser.get(page).status_code, browser.post(page, {"name": "mine"}).status_code) == (404, 404)
    assert Authenticator.objects.get().data["name"] == "theirs"


def test_a_passkey_is_renamed_and_removed(browser: Client, counsellor: User) -> None:
    asked = json.loads(json.dumps(dict(browser.get(PASSKEY).context["js_data"]["creation_options"])))
    browser.post(PASSKEY, {"name": "", "credential": json.dumps(SoftKey().create(asked))})
    (row,) = mfa.factors_of(counsellor).passkeys
    assert row.data["name"] == "Passkey"
    page = f"/accounts/2fa/webauthn/keys/{row.pk}/"
    assert browser.post(f"{page}edit/", {"name": "Phone"}).headers["Location"] == SECURITY
    assert "Phone" in browser.get(f"{page}remove/").content.decode()
    assert browser.post(f"{page}remove/").headers["Location"] == SECURITY
    assert not mfa.has_second_factor(counsellor)
    assert (last_deed().deed, last_deed().detail) == ("mfa.remove", {"kind": "webauthn"})
    assert AuditEntry.objects.filter(deed="mfa.add").count() == 1


def test_somebody_who_lost_everything_is_reset(browser: Client, counsellor: User, admin: User) -> None:
    give_app(counsellor)
    give_codes(counsellor)
    assert mfa.reset_second_factor(actor=admin, member=counsellor) == 1
    assert Authenticator.objects.count() == 0
    assert (last_deed().deed, last_deed().actor, last_deed().subject_id) == ("mfa.remove", admin, counsellor.id)
    assert Message.objects.get().payload["to"] == counsellor.email
