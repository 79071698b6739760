from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from practice.models import AuditEntry, Practice, User
from tests.factories import PASSWORD
from tests.practice.rows import deeds, last_deed

SIGN_IN = "/accounts/login/"


def sign_in(client: Client, email: str, password: str) -> int:
    return client.post(SIGN_IN, {"login": email, "password": password}).status_code


def test_address_and_password_open_today_and_leave_a_row(client: Client, counsellor: User) -> None:
    response = client.post(SIGN_IN, {"login": counsellor.email.upper(), "password": PASSWORD})
    assert (response.status_code, response.headers["Location"]) == (302, reverse("practice:today"))
    assert client.get("/").status_code == 200
    assert (last_deed().deed, last_deed().actor, last_deed().subject_id) == ("sign_in", counsellor, counsellor.id)


@pytest.mark.parametrize("email", ["member@beside.test", "nobody@beside.test"])
def test_a_refused_try_looks_the_same_for_member_and_stranger_and_keeps_no_address(
    client: Client, practice: Practice, email: str
) -> None:
    User.objects.create_user("member@beside.test", PASSWORD, name="Member")
    response = client.post(SIGN_IN, {"login": email, "password": "not this one"})
    assert response.status_code == 200
    assert "This address and password do not belong together." in unescape(response.content.decode())
    row = last_deed()
    assert (row.deed, row.actor, row.subject_id, row.reference, row.detail) == (
        "sign_in.failed", None, practice.id, "", {},
    )  # fmt: skip


def test_trying_on_and_on_is_stopped(client: Client, counsellor: User) -> None:
    for _ in range(5):
        sign_in(client, counsellor.email, "not this one")
    response = client.post(SIGN_IN, {"login": counsellor.email, "password": PASSWORD})
    assert "That was tried too often." in response.content.decode()
    assert deeds() == ["sign_in.failed"] * 5


def test_before_there_is_a_practice_a_try_is_refused_quietly(client: Client, db: None) -> None:
    assert sign_in(client, "nobody@beside.test", "not this one") == 200
    assert AuditEntry.objects.count() == 0


def test_without_its_audit_row_nobody_is_signed_in(
    client: Client, counsellor: User, broken_trail: type[Exception]
) -> None:
    with pytest.raises(broken_trail):
        sign_in(client, counsellor.email, PASSWORD)
    assert client.get("/").headers["Location"] == f"{SIGN_IN}?next=/"
    counsellor.refresh_from_db()
    assert counsellor.last_login is None


def test_who_has_left_is_told_so_only_with_the_right_password(client: Client, counsellor: User) -> None:
    User.objects.filter(pk=counsellor.pk).update(is_active=False)
    response = client.post(SIGN_IN, {"login": counsellor.email, "password": PASSWORD}, follow=True)
    assert "This account is closed" in response.content.decode()
    assert client.get("/").status_code == 302
    response = client.post(SIGN_IN, {"login": counsellor.email, "password": "not this one"})
    assert "do not belong together" in response.content.decode()


def test_signing_out_needs_a_post(as_counsellor: Client) -> None:
    page = as_counsellor.get("/accounts/logout/")
    assert (page.status_code, as_counsellor.get("/").status_code) == (200, 200)
    assert as_counsellor.post("/accounts/logout/").status_code == 302
    assert as_counsellor.get("/").status_code == 302


def test_the_password_is_asked_again_and_a_wrong_one_leaves_a_row(as_counsellor: Client, counsellor: User) -> None:
    page = "/accounts/reauthenticate/"
    assert as_counsellor.get(page).status_code == 200
    assert "This is not your password." in as_counsellor.post(page, {"password": "not this one"}).content.decode()
    assert (last_deed().deed, last_deed().actor) == ("sign_in.failed", counsellor)
    assert as_counsellor.post(page, {"password": PASSWORD}).status_code == 302
