import pytest
from django.test import Client

from outbox.models import Message
from practice.models import Invitation, User
from tests.factories import confirm_identity

PAGE = "/practice/members/invite/"


@pytest.fixture
def as_admin(as_admin: Client) -> Client:
    """Return the admin's browser, the password typed once more."""
    confirm_identity(as_admin)
    return as_admin


def test_the_password_is_asked_for_once_more(client: Client, admin: User) -> None:
    client.force_login(admin)
    answers = [client.get(PAGE), client.post(PAGE, {"email": "hazel@beside.test", "role": "counsellor"})]
    assert {answer.headers["Location"].partition("?")[0] for answer in answers} == {"/accounts/reauthenticate/"}
    assert Invitation.objects.count() == 0


def test_an_invitation_is_planned(as_admin: Client, admin: User) -> None:
    assert as_admin.get(PAGE).status_code == 200
    response = as_admin.post(PAGE, {"email": "Hazel@Beside.test", "role": "counsellor"}, follow=True)
    assert response.redirect_chain == [("/practice/members/", 302)]
    assert [str(message) for message in response.context["messages"]] == ["The invitation is on its way."]
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.invited_by) == ("hazel@beside.test", "counsellor", admin)
    assert Message.objects.get().subject_id == invitation.id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "hazel"),
        ("email", "hazel@beside.test\0"),
        ("role", "admin\0"),
        ("email", "x" * 250 + "@beside.test"),
        ("role", ""),
        ("role", "emperor"),
    ],
)
def test_what_does_not_fit_is_said_at_the_field(as_admin: Client, field: str, value: str) -> None:
    page = as_admin.post(PAGE, {"email": "hazel@beside.test", "role": "admin", field: value})
    assert list(page.context["form"].errors) == [field]
    assert Invitation.objects.count() == 0


def test_a_members_address_is_refused_at_the_field(as_admin: Client, counsellor: User) -> None:
    page = as_admin.post(PAGE, {"email": counsellor.email.upper(), "role": "admin"})
    assert page.context["form"].errors["email"] == ["Somebody with this address works here already."]


def test_a_counsellor_may_not(as_counsellor: Client) -> None:
    answers = [as_counsellor.get(PAGE), as_counsellor.post(PAGE, {"email": "hazel@beside.test", "role": "admin"})]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert Invitation.objects.count() == 0
