from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from practice.models import User
from tests.factories import make_user
from tests.practice.rows import make_invitation

PAGE = "/practice/members/"


def test_it_names_who_works_here_and_who_is_invited(as_admin: Client, admin: User, counsellor: User) -> None:
    make_invitation(admin)
    make_invitation(admin, email="late@beside.test", expires_at=timezone.now() - timedelta(days=1))
    make_user(name="Gone Testman", is_active=False)
    page = as_admin.get(PAGE)
    assert [member.name for member in page.context["members"]] == ["Alder Testman", "Rowan Testling", "Gone Testman"]
    assert [invitation.email for invitation in page.context["invitations"]] == ["hazel@beside.test"]
    assert "Has left" in page.content.decode()


def test_the_only_one_is_told_what_to_do(as_admin: Client) -> None:
    assert "You are the only one here" in as_admin.get(PAGE).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_as_often_for_three_as_for_one(
    as_admin: Client, admin: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        make_user()
        make_invitation(admin, email=f"hazel{number}@beside.test")
    with django_assert_num_queries(4):  # web session, member, members, invitations
        as_admin.get(PAGE)


def test_a_counsellor_may_not(as_counsellor: Client) -> None:
    assert as_counsellor.get(PAGE).status_code == 403
