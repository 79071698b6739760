"""What becomes of a member: another role, leaving, coming back."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.test import Client

from outbox.models import Message
from practice import members, services
from practice.invitations import InvitationClosed
from practice.models import Invitation, KeptWords, Practice, User
from practice.roles import Role
from tests.factories import PASSWORD, make_client, make_user
from tests.practice.rows import deeds, last_deed, make_invitation
from vault.services import create_data_key


def test_a_role_is_changed_with_its_row(admin: User, counsellor: User) -> None:
    members.change_role(actor=admin, member=counsellor, role=Role.SOLO)
    counsellor.refresh_from_db()
    row = last_deed()
    assert (counsellor.role, row.deed, row.actor, row.subject_id) == (Role.SOLO, "member.role", admin, counsellor.pk)
    assert row.detail == {"was": "counsellor", "role": "solo"}


def test_the_same_role_again_changes_nothing(admin: User, counsellor: User) -> None:
    members.change_role(actor=admin, member=counsellor, role=Role.COUNSELLOR)
    assert deeds() == []


@pytest.mark.parametrize("state", ["active", "ended"])
def test_a_counsellor_with_clients_does_not_become_an_admin_only(admin: User, counsellor: User, state: str) -> None:
    ended = {"state": "ended", "ended_at": counsellor.date_joined} if state == "ended" else {}
    make_client(counsellor, **ended)
    with pytest.raises(members.HasClients) as refusal:
        members.change_role(actor=admin, member=counsellor, role=Role.ADMIN)
    assert refusal.value.clients == 1
    members.change_role(actor=admin, member=counsellor, role=Role.SOLO)
    counsellor.refresh_from_db()
    assert counsellor.role == Role.SOLO


def test_the_last_who_runs_the_practice_stays(admin: User, counsellor: User) -> None:
    make_user(Role.ADMIN, is_active=False)
    with pytest.raises(members.LastToRun):
        members.change_role(actor=admin, member=admin, role=Role.COUNSELLOR)
    with pytest.raises(members.LastToRun):
        members.let_go(actor=admin, member=admin)


def test_nobody_takes_the_running_from_themselves(admin: User) -> None:
    make_user(Role.SOLO)
    with pytest.raises(members.Oneself):
        members.change_role(actor=admin, member=admin, role=Role.COUNSELLOR)
    with pytest.raises(members.Oneself):
        members.let_go(actor=admin, member=admin)
    members.change_role(actor=admin, member=admin, role=Role.SOLO)
    admin.refresh_from_db()
    assert admin.role == Role.SOLO


def test_who_runs_it_no_more_changes_nobody(admin: User, counsellor: User) -> None:
    second = make_user(Role.ADMIN)
    members.change_role(actor=second, member=admin, role=Role.COUNSELLOR)
    for deed in (members.let_go, members.bring_back):
        with pytest.raises(PermissionDenied):
            deed(actor=admin, member=second)
    with pytest.raises(PermissionDenied):
        members.change_role(actor=admin, member=second, role=Role.COUNSELLOR)


def test_who_leaves_has_no_way_in(admin: User, counsellor: User) -> None:
    at_home, at_work, admins = Client(), Client(), Client()
    for browser, member in ((at_home, counsellor), (at_work, counsellor), (admins, admin)):
        browser.force_login(member)
    at_work.get("/")
    Authenticator.objects.create(user=counsellor, type=Authenticator.Type.TOTP, data={})
    create_data_key(counsellor.pk)
    KeptWords.objects.create(user=counsellor, owner_id=counsellor.pk, page="/", words={"text": "half a thought"})

    members.let_go(actor=admin, member=counsellor)

    counsellor.refresh_from_db()
    assert counsellor.is_active is False
    assert counsellor.left_at is not None
    assert counsellor.has_usable_password() is False
    assert (last_deed().deed, last_deed().detail) == ("member.leave", {"sign_ins_ended": 2})
    left = [
        KeptWords.objects.count(),
        Authenticator.objects.count(),
        UserSession.objects.filter(user=counsellor).count(),
    ]
    assert left == [0, 0, 0]
    assert Session.objects.count() == 1
    assert admins.get("/").status_code == 200


@pytest.mark.parametrize("how", ["leave", "role"])
def test_invitations_of_who_runs_the_practice_no_more_open_nothing(admin: User, how: str) -> None:
    former = make_user(Role.ADMIN)
    theirs = services.invite_member(actor=former, email="own@beside.test", role=Role.ADMIN)
    others = services.invite_member(actor=admin, email="hazel@beside.test", role=Role.COUNSELLOR)
    if how == "leave":
        members.let_go(actor=admin, member=former)
    else:
        members.change_role(actor=admin, member=former, role=Role.COUNSELLOR)
    with pytest.raises(InvitationClosed):
        services.accept_invitation(invitation=theirs, name="Own Testman", password=PASSWORD)
    assert list(Invitation.objects.still_open()) == [others]
    assert list(Message.objects.filter(state="planned").values_list("subject_id", flat=True)) == [others.pk]
    assert deeds()[-2:] == ["member.uninvite", f"member.{how}"]
    with pytest.raises(PermissionDenied):
        services.invite_member(actor=former, email="own@beside.test", role=Role.ADMIN)


def test_an_open_page_answers_no_more_and_gives_the_typed_words_back(admin: User, counsellor: User) -> None:
    browser = Client()
    browser.force_login(counsellor)
    client = make_client(counsellor)
    members.let_go(actor=admin, member=counsellor)
    typed = {"name": "Marigold Testwell", "presenting": "Cannot say no, and would like to."}
    answer = browser.post(f"/clients/{client.pk}/edit/", typed)
    assert answer.status_code == 401
    assert "Cannot say no, and would like to." in answer.content.decode()
    assert browser.get(f"/clients/{client.pk}/").headers["Location"].startswith("/accounts/login/")
    client.refresh_from_db()
    assert client.presenting == ""


def test_who_has_left_does_not_sign_in(admin: User, counsellor: User, client: Client) -> None:
    members.let_go(actor=admin, member=counsellor)
    page = client.post("/accounts/login/", {"login": counsellor.email, "password": PASSWORD})
    assert page.status_code == 200
    assert "do not belong together" in page.content.decode()
    assert client.get("/").status_code == 302


def test_a_reset_asked_for_before_leaving_opens_nothing(admin: User, counsellor: User, client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": counsellor.email})
    text = Message.objects.get(kind="account").payload["text"]
    link = next(word for word in text.split() if "/accounts/password/reset/key/" in word)
    path = "/" + link.split("/", 3)[3]
    members.let_go(actor=admin, member=counsellor)
    assert "/set-password" not in client.get(path).headers.get("Location", "")
    counsellor.refresh_from_db()
    assert counsellor.has_usable_password() is False


def test_leaving_twice_leaves_one_row(admin: User, counsellor: User) -> None:
    for _ in range(2):
        members.let_go(actor=admin, member=counsellor)
    assert deeds() == ["member.leave"]


def test_who_comes_back_needs_a_new_password(admin: User, counsellor: User, client: Client) -> None:
    members.let_go(actor=admin, member=counsellor)
    for _ in range(2):
        members.bring_back(actor=admin, member=counsellor)
    counsellor.refresh_from_db()
    assert (counsellor.is_active, counsellor.left_at, counsellor.role) == (True, None, Role.COUNSELLOR)
    assert deeds() == ["member.leave", "member.return"]
    client.post("/accounts/login/", {"login": counsellor.email, "password": PASSWORD})
    assert client.get("/").status_code == 302
    client.post("/accounts/password/reset/", {"email": counsellor.email})
    assert Message.objects.filter(kind="account").count() == 1


def test_an_invitation_taken_back_leaves_no_mail(admin: User) -> None:
    services.invite_member(actor=admin, email="hazel@beside.test", role=Role.COUNSELLOR)
    invitation = Invitation.objects.get()
    members.revoke_invitation(actor=admin, invitation=invitation)
    assert Message.objects.get().state == Message.State.DROPPED
    assert last_deed().deed == "member.uninvite"
    with pytest.raises(InvitationClosed):
        members.revoke_invitation(actor=admin, invitation=invitation)


def test_an_accepted_invitation_is_not_taken_back(admin: User) -> None:
    invitation, _ = make_invitation(admin)
    services.accept_invitation(invitation=invitation, name="Hazel Testman", password=PASSWORD)
    with pytest.raises(InvitationClosed):
        members.revoke_invitation(actor=admin, invitation=invitation)


@pytest.mark.parametrize("deed", ["role", "leave", "return", "uninvite"])
def test_without_its_row_nothing_is_done(
    admin: User, counsellor: User, deed: str, broken_trail: type[Exception], practice: Practice
) -> None:
    invitation, _ = make_invitation(admin)
    gone = make_user(is_active=False)
    deeds: dict[str, Callable[[], object]] = {
        "role": lambda: members.change_role(actor=admin, member=counsellor, role=Role.SOLO),
        "leave": lambda: members.let_go(actor=admin, member=counsellor),
        "return": lambda: members.bring_back(actor=admin, member=gone),
        "uninvite": lambda: members.revoke_invitation(actor=admin, invitation=invitation),
    }
    with pytest.raises(broken_trail):
        deeds[deed]()
    for row in (counsellor, gone, invitation):
        row.refresh_from_db()
    assert (counsellor.role, counsellor.is_active, gone.is_active) == (Role.COUNSELLOR, True, False)
    assert invitation.revoked_at is None
