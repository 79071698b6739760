from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from practice import invitations
from practice.invitations import InvitationClosed, InvitationUnknown
from practice.models import Invitation, User
from practice.roles import Role
from practice.services import accept_invitation
from tests.practice.rows import last_deed, make_invitation

PASSWORD = "three quiet birches"


def test_the_invited_person_becomes_a_member(admin: User) -> None:
    invitation, _ = make_invitation(admin, role=Role.SOLO)
    member = accept_invitation(invitation=invitation, name="Hazel", password=PASSWORD)
    assert (member.email, member.name, member.role) == ("hazel@beside.test", "Hazel", Role.SOLO)
    assert member.check_password(PASSWORD)
    assert EmailAddress.objects.get(user=member).verified
    assert (last_deed().deed, last_deed().actor) == ("member.join", member)
    assert last_deed().detail == {"invitation": str(invitation.id), "role": "solo"}


def test_it_works_once(admin: User) -> None:
    invitation, _ = make_invitation(admin)
    accept_invitation(invitation=invitation, name="Hazel", password=PASSWORD)
    with pytest.raises(InvitationClosed):
        accept_invitation(invitation=invitation, name="Somebody", password=PASSWORD)
    assert User.objects.filter(email="hazel@beside.test").count() == 1


def test_who_became_a_member_otherwise_cannot_join_twice(admin: User, counsellor: User) -> None:
    invitation, _ = make_invitation(admin, email=counsellor.email)
    with pytest.raises(InvitationClosed):
        accept_invitation(invitation=invitation, name="Hazel", password=PASSWORD)
    assert Invitation.objects.get().accepted_at is None


def test_of_two_invitations_accepted_at_once_one_makes_the_member(admin: User) -> None:
    """Both have looked for a member with this address before either has written one."""
    first, second = (make_invitation(admin)[0] for _ in range(2))
    member = accept_invitation(invitation=first, name="Hazel", password=PASSWORD)
    User.objects.filter(pk=member.pk).update(email="moved@beside.test")  # what the look finds: nobody
    with pytest.raises(InvitationClosed):
        accept_invitation(invitation=second, name="Hazel", password=PASSWORD)
    second.refresh_from_db()
    assert second.accepted_at is None


def test_a_closed_one_is_refused(admin: User) -> None:
    invitation, token = make_invitation(admin, expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(InvitationClosed):
        invitations.resolve(token)
    with pytest.raises(InvitationClosed):
        accept_invitation(invitation=invitation, name="Hazel", password=PASSWORD)


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "ä" * 43, "A" * 42 + "\n"])
def test_an_unknown_token_opens_nothing(admin: User, token: str) -> None:
    make_invitation(admin)
    with pytest.raises(InvitationUnknown):
        invitations.resolve(token)


def test_a_new_token_closes_the_one_before(admin: User) -> None:
    invitation, first = make_invitation(admin)
    second = invitations.mint(invitation)
    assert invitations.resolve(second) == invitation
    with pytest.raises(InvitationUnknown):
        invitations.resolve(first)


def test_without_its_audit_row_nobody_joins(admin: User, broken_trail: type[Exception]) -> None:
    invitation, _ = make_invitation(admin)
    with pytest.raises(broken_trail):
        accept_invitation(invitation=invitation, name="Hazel", password=PASSWORD)
    assert Invitation.objects.get().accepted_at is None
    assert User.objects.count() == EmailAddress.objects.count() == 1
