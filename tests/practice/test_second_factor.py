"""Where everybody has a second factor, a member without one gets nothing but the way to it."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from practice import mfa
from practice.models import User
from tests.factories import PASSWORD, confirm_identity
from tests.practice.passkeys import give_app, give_codes
from tests.practice.rows import last_deed

SET_UP = "/accounts/2fa/"
OPEN = ["/accounts/2fa/", "/accounts/reauthenticate/", "/accounts/logout/"]
CLOSED = [
    "/", "/clients/", "/practice/", "/practice/audit/", "/accounts/password/change/", "/accounts/sign-ins/",
    "/accounts/2fa/recovery-codes/",
]  # fmt: skip
PUBLIC = ["/health/live", "/robots.txt", f"/x/{'x' * 43}/", f"/m/{'x' * 43}/", f"/practice/join/{'x' * 43}/"]


@pytest.fixture(autouse=True)
def _required(settings: Settings) -> None:
    settings.REQUIRE_MFA = True


def test_every_page_leads_to_the_set_up(as_admin: Client) -> None:
    assert [(page, as_admin.get(page).headers.get("Location")) for page in CLOSED] == [
        (page, SET_UP) for page in CLOSED
    ]


def test_the_set_up_offers_both_ways_and_no_room(as_admin: Client) -> None:
    text = as_admin.get(SET_UP).content.decode()
    assert [words in text for words in ("Add a passkey", "Set up an app", "sign out")] == [True] * 3
    assert 'href="/practice/"' not in text
    confirm_identity(as_admin)
    assert 'href="/practice/"' not in as_admin.get("/accounts/2fa/totp/activate/").content.decode()


def test_what_is_needed_stays_open(as_counsellor: Client) -> None:
    assert [as_counsellor.get(page).status_code for page in OPEN] == [200] * len(OPEN)
    assert as_counsellor.post("/practice/here/").status_code == 200
    assert as_counsellor.post("/accounts/logout/").status_code == 302


def test_public_pages_are_as_they_were(as_counsellor: Client) -> None:
    found = [as_counsellor.get(page).status_code for page in PUBLIC]
    assert found == [Client().get(page).status_code for page in PUBLIC]
    assert found == [200, 200, 404, 404, 404]


def test_a_form_is_not_taken_and_gives_its_words_back(as_counsellor: Client) -> None:
    page = as_counsellor.post(
        "/clients/new/", {"brings": "words about the long winter", "password": "secret words here"}
    )
    assert page.status_code == 403
    assert "words about the long winter" in page.content.decode()
    assert "secret words here" not in page.content.decode()


def test_with_one_everything_is_open(as_counsellor: Client, counsellor: User) -> None:
    give_app(counsellor)
    assert [as_counsellor.get(page).status_code for page in ("/", "/clients/", "/accounts/sign-ins/")] == [200] * 3
    assert "Authenticator app" in as_counsellor.get(SET_UP).content.decode()


def test_codes_alone_are_no_second_factor(as_counsellor: Client, counsellor: User) -> None:
    give_codes(counsellor)
    assert as_counsellor.get("/clients/").headers["Location"] == SET_UP


def test_a_damaged_one_counts_as_one(as_counsellor: Client, counsellor: User) -> None:
    give_app(counsellor)
    Authenticator.objects.update(data={"secret": "sealed:AAAA"})
    assert as_counsellor.get("/clients/").status_code == 200


def test_where_it_is_not_required_nobody_is_led_anywhere(as_counsellor: Client, settings: Settings) -> None:
    settings.REQUIRE_MFA = False
    assert as_counsellor.get("/clients/").status_code == 200


def test_it_costs_one_question_to_the_database(
    as_counsellor: Client, counsellor: User, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    give_app(counsellor)
    settings.REQUIRE_MFA = False
    with django_assert_num_queries(2):  # web session and member
        as_counsellor.get("/accounts/password/change/")
    settings.REQUIRE_MFA = True
    with django_assert_num_queries(3):
        as_counsellor.get("/accounts/password/change/")


def test_the_last_one_stays(as_counsellor: Client, counsellor: User) -> None:
    give_app(counsellor)
    confirm_identity(as_counsellor)
    page = as_counsellor.get("/accounts/2fa/totp/deactivate/")
    assert "This is your only second factor" in page.content.decode()
    as_counsellor.post("/accounts/2fa/totp/deactivate/")
    assert mfa.has_second_factor(counsellor)


def test_the_last_passkey_stays_and_one_of_two_goes(as_counsellor: Client, counsellor: User) -> None:
    rows = [Authenticator.objects.create(user=counsellor, type="webauthn", data={"name": name}) for name in "ab"]
    confirm_identity(as_counsellor)
    pages = [f"/accounts/2fa/webauthn/keys/{row.pk}/remove/" for row in rows]
    assert as_counsellor.post(pages[0]).headers["Location"] == SET_UP
    assert "only second factor" in as_counsellor.get(pages[1]).content.decode()
    assert as_counsellor.post(pages[1]).status_code == 409
    assert list(Authenticator.objects.values_list("pk", flat=True)) == [rows[1].pk]


def test_the_operator_can_reset_who_lost_everything(
    as_counsellor: Client, counsellor: User, capsys: pytest.CaptureFixture[str]
) -> None:
    give_app(counsellor)
    assert as_counsellor.get("/").status_code == 200
    call_command("reset_second_factor", counsellor.email.upper())
    assert capsys.readouterr().out == f"1 second factor of {counsellor.email} is gone, and every sign-in has ended.\n"
    assert not mfa.has_second_factor(counsellor)
    assert (last_deed().deed, last_deed().actor) == ("mfa.remove", None)
    call_command("reset_second_factor", counsellor.email)
    assert capsys.readouterr().out == f"{counsellor.email} had no second factor, and every sign-in has ended.\n"
    with pytest.raises(CommandError, match="Nobody here signs in as nobody@beside.test."):
        call_command("reset_second_factor", "nobody@beside.test")


def test_after_the_reset_the_password_leads_to_the_set_up(client: Client, counsellor: User) -> None:
    give_app(counsellor)
    mfa.reset_second_factor(actor=None, member=counsellor)
    client.post("/accounts/login/", {"login": counsellor.email, "password": PASSWORD})
    assert client.get("/clients/").headers["Location"] == SET_UP
