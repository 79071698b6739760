from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from practice.models import Invitation, User
from tests.practice.rows import make_invitation

PASSWORD = "three quiet birches"


def page_of(token: str) -> str:
    return f"/practice/join/{token}/"


def fields(**changed: str) -> dict[str, str]:
    return {"name": "Hazel  Testwood", "password": PASSWORD, "password_again": PASSWORD, **changed}


def test_looking_changes_nothing(client: Client, admin: User) -> None:
    _, token = make_invitation(admin)
    page = client.get(page_of(token))
    assert page.status_code == 200
    assert "Alder Testman has invited you." in page.content.decode()
    assert User.objects.count() == 1
    assert Invitation.objects.get().accepted_at is None


def test_name_and_password_make_a_member_who_can_sign_in(client: Client, admin: User) -> None:
    _, token = make_invitation(admin)
    response = client.post(page_of(token), fields(), follow=True)
    assert response.redirect_chain == [("/accounts/login/", 302)]
    assert "Welcome. Please sign in" in response.content.decode()
    assert User.objects.get(email="hazel@beside.test").name == "Hazel Testwood"
    signed_in = client.post("/accounts/login/", {"login": "hazel@beside.test", "password": PASSWORD})
    assert (signed_in.status_code, signed_in.headers["Location"]) == (302, "/")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Please fill this in."),
        ("name", "x" * 121, "at most 120 characters"),
        ("name", "Hazel\0", "Null characters are not allowed."),
        ("password", PASSWORD + "\0", "Null characters are not allowed."),
        ("password", "", "Please fill this in."),
        ("password", "short", "too short"),
        ("password", "x" * 201, "at most 200 characters"),
        ("password", "hazel@beside.test", "too similar"),
        ("password_again", "three quiet beeches", "The two passwords differ."),
    ],
)
def test_what_does_not_fit_is_said_at_the_field(
    client: Client, admin: User, field: str, value: str, words: str
) -> None:
    _, token = make_invitation(admin)
    page = client.post(page_of(token), fields(**{field: value}))
    assert page.status_code == 200
    assert words in unescape(str(page.context["form"].errors[field]))
    assert PASSWORD not in page.content.decode()
    assert User.objects.count() == 1


def test_an_unknown_link_is_404_in_plain_words(client: Client, admin: User) -> None:
    make_invitation(admin)
    page = client.get(page_of("A" * 43))
    assert (page.status_code, "There is nothing here" in page.content.decode()) == (404, True)


def test_a_used_link_is_410(client: Client, admin: User) -> None:
    _, token = make_invitation(admin)
    client.post(page_of(token), fields())
    for answer in (client.get(page_of(token)), client.post(page_of(token), fields(name="Other"))):
        assert (answer.status_code, "This invitation is closed" in answer.content.decode()) == (410, True)
    assert User.objects.count() == 2


@pytest.mark.parametrize("closed", [{"expires_at": timezone.now() - timedelta(1)}, {"revoked_at": timezone.now()}])
def test_a_link_that_has_run_out_or_was_revoked_is_410(client: Client, admin: User, closed: dict[str, object]) -> None:
    _, token = make_invitation(admin, **closed)
    assert client.get(page_of(token)).status_code == 410
    assert client.post(page_of(token), fields()).status_code == 410
    assert User.objects.count() == 1


def test_the_page_is_kept_by_no_cache_and_its_address_goes_nowhere(client: Client, admin: User) -> None:
    _, token = make_invitation(admin)
    answers = [client.get(page_of(token)), client.get(page_of("A" * 43)), client.post(page_of(token), fields())]
    assert [answer.status_code for answer in answers] == [200, 404, 302]
    assert {answer.headers["Referrer-Policy"] for answer in answers} == {"no-referrer"}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
