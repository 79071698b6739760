from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from practice.models import User
from practice.roles import Role
from tests.factories import confirm_identity, make_client, make_user
from tests.practice.rows import make_invitation

PAGE = "/practice/members/"


def test_it_names_who_works_here_and_who_is_invited(as_admin: Client, admin: User, counsellor: User) -> None:
    make_invitation(admin)
    make_invitation(admin, email="late@beside.test", expires_at=timezone.now() - timedelta(days=1))
    make_user(name="Gone Testman", is_active=False)
    page = as_admin.get(PAGE)
    assert [row["member"].name for row in page.context["rows"]] == ["Alder Testman", "Rowan Testling", "Gone Testman"]
    assert [invitation.email for invitation in page.context["invitations"]] == ["hazel@beside.test"]
    assert "Has left" in page.content.decode()


def test_the_only_one_is_told_what_to_do(as_admin: Client) -> None:
    assert "You are the only one here" in as_admin.get(PAGE).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_as_often_for_three_as_for_one(
    as_admin: Client, admin: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        make_client(make_user())
        make_invitation(admin, email=f"hazel{number}@beside.test")
    with django_assert_num_queries(5):  # web session, member, members, their clients, invitations
        as_admin.get(PAGE)


def test_a_counsellor_may_not(as_counsellor: Client) -> None:
    assert as_counsellor.get(PAGE).status_code == 403


def test_it_shows_who_has_a_second_factor_and_who_has_been_here(as_admin: Client, admin: User) -> None:
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=admin, type=kind, data={})
    codes_only = make_user(name="Codes Testman")
    Authenticator.objects.create(user=codes_only, type=Authenticator.Type.RECOVERY_CODES, data={})
    page = as_admin.get(PAGE)
    assert {row["member"].name: row["member"].has_second_factor for row in page.context["rows"]} == {
        "Alder Testman": True, "Codes Testman": False,
    }  # fmt: skip
    words = page.content.decode()
    assert (words.count("No second factor"), words.count("Has not signed in yet")) == (1, 1)


def test_each_deed_has_its_way(as_admin: Client, admin: User, counsellor: User) -> None:
    gone = make_user(is_active=False, left_at=timezone.now())
    make_client(gone)
    page = as_admin.get(PAGE).content.decode()
    for deed, member in (("role", counsellor), ("leave", counsellor), ("return", gone)):
        assert f"/practice/members/{member.pk}/{deed}/" in page
    assert f"/supervision/hand-over/of/{gone.pk}/" in page
    assert "Hand over 1 client…" in page


def test_an_invitation_is_taken_back(as_admin: Client, admin: User) -> None:
    invitation, token = make_invitation(admin)
    where = f"/practice/invitations/{invitation.pk}/revoke/"
    assert as_admin.post(where).headers["Location"].startswith("/accounts/reauthenticate/")
    confirm_identity(as_admin)
    said = [str(m) for _ in range(2) for m in as_admin.post(where, follow=True).context["messages"]]
    assert said == ["Invitation taken back. Its link opens nothing any more.", "This invitation was no longer open."]
    assert Client().get(f"/practice/join/{token}/").status_code == 410


@pytest.mark.parametrize("deed", ["role", "leave", "return"])
@pytest.mark.parametrize("role", [Role.ADMIN, Role.COUNSELLOR])
def test_member_pages_ask_who_it_is(client: Client, counsellor: User, deed: str, role: str) -> None:
    client.force_login(make_user(role))
    where = f"/practice/members/{counsellor.pk}/{deed}/"
    answers = [client.get(where), client.post(where, {"role": "solo"})]
    assert [answer.status_code for answer in answers] == ([302, 302] if role == Role.ADMIN else [403, 403])
    counsellor.refresh_from_db()
    assert (counsellor.role, counsellor.is_active) == (Role.COUNSELLOR, True)
