"""The pages on which a member gets another role, leaves and comes back."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from practice.models import User
from practice.roles import Role
from tests.factories import PASSWORD, confirm_identity, make_client, make_user
from tests.practice.rows import last_deed


@pytest.fixture
def as_admin(as_admin: Client) -> Client:
    """Return the admin's browser, the password typed once more."""
    confirm_identity(as_admin)
    return as_admin


def page(member: User, deed: str) -> str:
    return f"/practice/members/{member.pk}/{deed}/"


def test_a_role_is_changed(as_admin: Client, counsellor: User) -> None:
    shown = as_admin.get(page(counsellor, "role")).content.decode()
    assert '<input type="radio" name="role" value="counsellor"' in shown
    answer = as_admin.post(page(counsellor, "role"), {"role": "solo"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "Role changed. It holds from their next page on."
    ]
    counsellor.refresh_from_db()
    assert counsellor.role == Role.SOLO


@pytest.mark.parametrize("role", ["", "emperor", "solo\0"])
def test_a_role_that_is_none_is_refused_at_the_field(as_admin: Client, counsellor: User, role: str) -> None:
    answer = as_admin.post(page(counsellor, "role"), {"role": role})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["role"])


def test_a_refusal_says_why(as_admin: Client, admin: User, counsellor: User) -> None:
    make_client(counsellor)
    refused = as_admin.post(page(counsellor, "role"), {"role": "admin"})
    assert refused.status_code == 422
    assert refused.context["form"].errors["role"] == [
        "They have 1 client, whom this role could not read. Hand them over first."
    ]
    last = as_admin.post(page(admin, "role"), {"role": "counsellor"})
    assert last.context["form"].errors["role"] == [
        "Nobody else here may run the practice. Give somebody else that role first."
    ]
    make_user(Role.SOLO)
    oneself = as_admin.post(page(admin, "role"), {"role": "counsellor"})
    assert oneself.context["form"].errors["role"] == ["Another member who runs the practice can do this for you."]


def test_the_page_says_what_leaving_means_and_then_does_it(as_admin: Client, counsellor: User) -> None:
    make_client(counsellor)
    make_client(counsellor)
    shown = as_admin.get(page(counsellor, "leave"))
    assert "2 clients wait for another counsellor" in " ".join(shown.content.decode().split())
    counsellor.refresh_from_db()
    assert counsellor.is_active
    assert as_admin.post(page(counsellor, "leave")).headers["Location"] == "/practice/members/"
    counsellor.refresh_from_db()
    assert not counsellor.is_active
    # Who has left has nothing to lose twice.
    assert [as_admin.get(page(counsellor, deed)).status_code for deed in ("leave", "role")] == [404, 404]


def test_nobody_lets_themselves_go(as_admin: Client, admin: User) -> None:
    shown = as_admin.get(page(admin, "leave")).content.decode()
    assert ("Nobody lets themselves go." in shown, "Let this member go" in shown) == (True, False)
    answer = as_admin.post(page(admin, "leave"))
    assert answer.status_code == 409
    assert "Nobody else here may run the practice." in answer.content.decode()


def test_who_left_comes_back(as_admin: Client) -> None:
    gone = make_user(is_active=False, left_at=timezone.now())
    assert "choose a new password" in as_admin.get(page(gone, "return")).content.decode()
    assert as_admin.post(page(gone, "return")).headers["Location"] == "/practice/members/"
    gone.refresh_from_db()
    assert gone.is_active
    assert as_admin.get(page(gone, "return")).status_code == 404


def test_a_changed_role_holds_from_the_next_page_on(as_admin: Client, counsellor: User) -> None:
    theirs = Client()
    theirs.force_login(counsellor)
    assert theirs.get("/clients/").status_code == 200
    as_admin.post(page(counsellor, "role"), {"role": "admin"})
    assert [theirs.get("/clients/").status_code, theirs.get("/practice/members/").status_code] == [403, 200]


def test_a_second_factor_is_reset_and_the_sign_ins_end(as_admin: Client, counsellor: User) -> None:
    theirs = Client()
    theirs.post("/accounts/login/", {"login": counsellor.email, "password": PASSWORD})
    assert theirs.get("/clients/").status_code == 200
    Authenticator.objects.create(user=counsellor, type=Authenticator.Type.WEBAUTHN, data={})
    assert "Reset second factor…" in as_admin.get("/practice/members/").content.decode()
    assert "really they who ask" in as_admin.get(page(counsellor, "second-factor")).content.decode()
    assert as_admin.post(page(counsellor, "second-factor")).headers["Location"] == "/practice/members/"
    assert Authenticator.objects.count() == 0
    assert theirs.get("/clients/").status_code == 302
    assert last_deed().deed == "mfa.remove"
