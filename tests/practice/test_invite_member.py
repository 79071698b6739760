import hashlib
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.utils import timezone

from outbox.models import Message
from outbox.sender import send_due
from practice.models import Invitation, User
from practice.roles import Role
from practice.services import AlreadyMember, invite_member
from tests.conftest import SmtpSink
from tests.practice.rows import last_deed


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def token_in(mail: EmailMessage) -> str:
    return text_of(mail).partition("/practice/join/")[2].partition("/")[0]


def test_the_invitation_arrives_with_a_token_of_which_only_the_hash_is_kept(admin: User, smtp_sink: SmtpSink) -> None:
    invitation = invite_member(actor=admin, email="Hazel@Beside.test", role=Role.COUNSELLOR)
    assert invitation.token_hash is None
    assert send_due().sent == 1
    (mail,) = smtp_sink.messages
    assert mail["To"] == "hazel@beside.test"
    assert mail["Subject"] == "Alder Testman invites you to Willow Practice"
    token = token_in(mail)
    assert len(token) == 43
    kept = Invitation.objects.get().token_hash
    assert bytes(kept or b"") == hashlib.sha256(token.encode()).digest()


def test_it_is_open_for_seven_days(admin: User) -> None:
    invitation = invite_member(actor=admin, email="hazel@beside.test", role=Role.ADMIN)
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    assert (last_deed().deed, last_deed().subject_id) == ("member.invite", invitation.id)
    assert last_deed().detail == {"role": "admin"}


def test_a_second_one_revokes_the_first_and_drops_its_mail(admin: User, smtp_sink: SmtpSink) -> None:
    first = invite_member(actor=admin, email="hazel@beside.test", role=Role.COUNSELLOR)
    second = invite_member(actor=admin, email="HAZEL@beside.test", role=Role.ADMIN)
    assert [row.pk for row in Invitation.objects.still_open()] == [second.pk]
    assert send_due().sent == 1
    assert Message.objects.get(subject_id=first.id).state == Message.State.DROPPED
    assert len(smtp_sink.messages) == 1


def test_a_members_address_is_refused(admin: User, counsellor: User) -> None:
    with pytest.raises(AlreadyMember):
        invite_member(actor=admin, email=counsellor.email.upper(), role=Role.COUNSELLOR)
    assert Invitation.objects.count() == 0


def test_an_invitation_that_was_revoked_meanwhile_is_not_sent(admin: User, smtp_sink: SmtpSink) -> None:
    invitation = invite_member(actor=admin, email="hazel@beside.test", role=Role.COUNSELLOR)
    Invitation.objects.filter(pk=invitation.pk).update(revoked_at=timezone.now())
    assert send_due().dropped == 1
    assert smtp_sink.messages == []
    assert Message.objects.get().reason == "the invitation is no longer open"


def test_without_its_audit_row_nobody_is_invited(admin: User, broken_trail: type[Exception]) -> None:
    with pytest.raises(broken_trail):
        invite_member(actor=admin, email="hazel@beside.test", role=Role.COUNSELLOR)
    assert Invitation.objects.count() == Message.objects.count() == 0
