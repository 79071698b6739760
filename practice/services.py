"""Deeds on the practice itself: open it, change its settings, invite and welcome members, decide on mail."""

from datetime import time, timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from outbox import services as outbox
from outbox.models import Message
from outbox.services import NotWaiting, Wanted
from practice import trail
from practice.invitations import InvitationClosed
from practice.models import Invitation, Practice, User
from practice.roles import Permission, Role, permissions_of
from practice.selectors import is_emptied
from vault.services import create_data_key
from vault.startup import ensure_canary

INVITATION_LASTS = timedelta(days=7)


class PracticeExists(Exception):
    """There is a practice already; one database holds one."""


class AlreadyMember(Exception):
    """Somebody with this address works here already."""


@transaction.atomic
def create_practice(
    *,
    name: str,
    owner_name: str,
    owner_email: str,
    password: str,
    role: str = Role.ADMIN,
    nation: str = Practice.Nation.ENGLAND,
) -> tuple[Practice, User]:
    """Open the practice, with its data key and the member who owns it. Raise PracticeExists, or VaultError."""
    if Practice.objects.exists():
        raise PracticeExists("There is a practice in this database already.")
    ensure_canary()
    practice = Practice.objects.create(name=name, nation=nation)
    create_data_key(practice.id)
    owner = _add_member(email=owner_email, name=owner_name, role=role, password=password)
    trail.record("practice.create", actor=owner, subject=practice, role=role)
    return practice, owner


@transaction.atomic
def change_practice(
    *,
    actor: User,
    practice: Practice,
    name: str,
    nation: str,
    contact_line: str,
    mail_from_time: time,
    mail_until_time: time,
    retention_years: int,
) -> None:
    """Change the settings; what is as it was leaves no row. Raise ValueError where mail hours end before they begin."""
    if mail_from_time >= mail_until_time:
        raise ValueError("Mail hours must begin before they end.")
    wanted = {
        "name": name,
        "nation": nation,
        "contact_line": contact_line,
        "mail_from_time": mail_from_time,
        "mail_until_time": mail_until_time,
        "retention_years": retention_years,
    }
    changed = [field for field, value in wanted.items() if getattr(practice, field) != value]
    if not changed:
        return
    for field in changed:
        setattr(practice, field, wanted[field])
    practice.save(update_fields=changed)
    trail.record("practice.change", actor=actor, subject=practice, changed=", ".join(changed))


@transaction.atomic
def invite_member(*, actor: User, email: str, role: str) -> Invitation:
    """Invite somebody by mail; an earlier invitation to the same address is revoked.

    Locks the actor. Raise AlreadyMember; PermissionDenied where the actor lost the right meanwhile.
    """
    if Permission.MEMBER_INVITE not in permissions_of(User.objects.select_for_update(no_key=True).get(pk=actor.pk)):
        raise PermissionDenied
    if User.objects.filter(email__iexact=email).exists():
        raise AlreadyMember
    _revoke(email)
    invitation = Invitation.objects.create(
        email=email.lower(), role=role, invited_by=actor, expires_at=timezone.now() + INVITATION_LASTS
    )
    outbox.plan(
        "invitation",
        subject_id=invitation.id,
        owner_id=Practice.current().id,
        reference="",
        wanted=[Wanted("once", 1, due_at=timezone.now(), expires_at=invitation.expires_at)],
    )
    trail.record("member.invite", actor=actor, subject=invitation, role=role)
    return invitation


@transaction.atomic
def accept_invitation(*, invitation: Invitation, name: str, password: str) -> User:
    """Make the invited person a member. Raise InvitationClosed where it was used, revoked, or they are one already."""
    # One statement claims it, so that of two submits one makes the member.
    mine = Invitation.objects.still_open().filter(pk=invitation.pk).update(accepted_at=timezone.now())
    if not mine or User.objects.filter(email__iexact=invitation.email).exists():
        raise InvitationClosed
    try:
        with transaction.atomic():
            member = _add_member(email=invitation.email, name=name, role=invitation.role, password=password)
    except IntegrityError as error:  # another invitation of theirs was accepted at this moment
        raise InvitationClosed from error
    trail.record("member.join", actor=member, subject=member, invitation=invitation.id, role=member.role)
    return member


@transaction.atomic
def resume_mail(*, actor: User) -> None:
    """Let mail leave again after a pause. Held mails wait on for a decision of their own."""
    outbox.resume()
    trail.record("mail.resume", actor=actor, subject=Practice.current())


@transaction.atomic
def release_mail(*, actor: User, message: Message) -> None:
    """Send a held, failed or unsure mail (again), under the same Message-ID. Raise outbox's NotWaiting.

    An account mail whose text has been emptied cannot be written anew either.
    """
    if is_emptied(message):
        raise NotWaiting("The text of this mail is no longer kept.")
    outbox.send_again(message)
    trail.record("mail.release", actor=actor, subject=message, reference=message.reference, state=message.state)


@transaction.atomic
def drop_mail(*, actor: User, message: Message) -> None:
    """Give up a mail that waits for a decision. Raise outbox's NotWaiting."""
    outbox.give_up(message, reason="dropped by a member")
    trail.record("mail.drop", actor=actor, subject=message, reference=message.reference, state=message.state)


def _add_member(*, email: str, name: str, role: str, password: str) -> User:
    """Make a member whose address counts as confirmed: the invitation reached it, or the owner typed it."""
    member = User.objects.create_user(email, password, name=name, role=role)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


def _revoke(email: str) -> None:
    former = Invitation.objects.still_open().filter(email__iexact=email)
    ids = list(former.values_list("id", flat=True))
    former.update(revoked_at=timezone.now())
    outbox.drop(ids, kind="invitation", reason="replaced by a newer invitation")
