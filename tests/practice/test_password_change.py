from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from outbox.models import Message
from practice import members
from practice.accounts import AccountAdapter
from practice.models import User
from practice.roles import Role
from tests.factories import PASSWORD
from tests.practice.rows import deeds

CHANGE = "/accounts/password/change/"
NEW = "three quiet birches"


def fields(**changed: str) -> dict[str, str]:
    return {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW, **changed}


def test_the_password_changes_and_one_signs_in_anew(as_counsellor: Client, counsellor: User) -> None:
    assert as_counsellor.get(CHANGE).status_code == 200
    as_counsellor.post(CHANGE, fields())
    counsellor.refresh_from_db()
    assert counsellor.check_password(NEW)
    assert as_counsellor.get("/").status_code == 302
    assert deeds() == ["password.change", "sign_out"]
    assert Message.objects.get().payload["subject"] == "Your password for Beside was changed"


@pytest.mark.parametrize(
    "wrong",
    [{"oldpassword": "not this one"}, {"password2": "something else"}, {"password1": "short", "password2": "short"}],
)
def test_what_does_not_fit_changes_nothing(as_counsellor: Client, counsellor: User, wrong: dict[str, Any]) -> None:
    page = as_counsellor.post(CHANGE, fields(**wrong))
    assert (page.status_code, len(page.context["form"].errors)) == (200, 1)
    counsellor.refresh_from_db()
    assert counsellor.check_password(PASSWORD)


def test_without_its_audit_row_the_password_stays(
    as_counsellor: Client, counsellor: User, broken_trail: type[Exception]
) -> None:
    with pytest.raises(broken_trail):
        as_counsellor.post(CHANGE, fields())
    counsellor.refresh_from_db()
    assert counsellor.check_password(PASSWORD)


def test_who_has_left_at_this_moment_stays_out(admin: User, counsellor: User) -> None:
    members.let_go(actor=admin, member=User.objects.get(pk=counsellor.pk))
    with pytest.raises(PermissionDenied):
        AccountAdapter().set_password(counsellor, NEW)  # as its request has read the row before
    counsellor.refresh_from_db()
    assert (counsellor.is_active, counsellor.has_usable_password()) == (False, False)


def test_a_role_given_at_this_moment_stays(admin: User, counsellor: User) -> None:
    members.change_role(actor=admin, member=User.objects.get(pk=counsellor.pk), role=Role.SOLO)
    AccountAdapter().set_password(counsellor, NEW)
    counsellor.refresh_from_db()
    assert (counsellor.role, counsellor.check_password(NEW)) == (Role.SOLO, True)
