import pytest
from django.test import Client

from practice.models import Practice, User


def test_sign_up_is_closed_and_says_how_one_comes_in(client: Client, practice: Practice) -> None:
    page = client.get("/accounts/signup/")
    assert "Beside is by invitation" in page.content.decode()
    filled = {"email": "stranger@beside.test", "password1": "three quiet birches", "password2": "three quiet birches"}
    assert "Beside is by invitation" in client.post("/accounts/signup/", filled).content.decode()
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/email/",
        "/accounts/confirm-email/some-key/",
        "/accounts/password/set/",
        "/accounts/login/code/confirm/",
        "/accounts/social/login/cancelled/",
        "/admin/",
    ],
)
def test_pages_that_make_no_sense_here_are_not_there(as_counsellor: Client, path: str) -> None:
    assert as_counsellor.get(path).status_code == 404
    assert as_counsellor.post(path).status_code == 404


@pytest.mark.parametrize("path", ["/accounts/inactive/", "/accounts/confirm-email/", "/accounts/password/reset/done/"])
def test_what_is_left_speaks_our_words(client: Client, practice: Practice, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert page.content.decode().count("<h1>") == 1
    assert "Verify" not in page.content.decode()
