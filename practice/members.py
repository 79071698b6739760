"""Deeds on members: another role, leaving, coming back; and taking an invitation back."""

from collections import Counter
from collections.abc import Callable, Mapping
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from outbox import services as outbox
from practice import trail
from practice.invitations import InvitationClosed
from practice.models import Invitation, KeptWords, User
from practice.roles import ROLE_PERMISSIONS, Permission, permissions_of


class LastToRun(Exception):
    """Nobody else may run the practice: without this member nobody could invite, change or bring back anybody."""


class Oneself(Exception):
    """A member does not take the running of the practice from themselves: another who runs it can."""


class HasClients(Exception):
    """The member has clients, whom the new role could not read. Carries how many."""

    def __init__(self, clients: int) -> None:
        super().__init__(f"The member has {clients} clients.")
        self.clients = clients


Caseloads = Callable[[], Mapping[UUID, int]]
_CASELOADS: dict[str, Caseloads] = {}
_CLOSERS: dict[str, Callable[[User], None]] = {}


def register_caseloads(name: str, count: Caseloads) -> None:
    """Let a room above say how many clients each member has; clients live there. The same name replaces."""
    _CASELOADS[name] = count


def register_closer(name: str, close: Callable[[User], None]) -> None:
    """Let a room above close what a member who leaves has open there, in the same transaction."""
    _CLOSERS[name] = close


def caseloads() -> Counter[UUID]:
    """Return how many clients each member has, active and ended. One query for each source."""
    return sum((Counter(count()) for count in _CASELOADS.values()), Counter())


@transaction.atomic
def change_role(*, actor: User, member: User, role: str) -> User:
    """Give a member another role. The one that they have changes nothing.

    Invitations of theirs are taken back where the role invites nobody. Locks the members, then those invitations. Raise
    LastToRun, Oneself; HasClients where the role counsels nobody.
    """
    members = _locked_members(actor)
    member = members[member.pk]
    if member.role == role:
        return member
    if not _runs(ROLE_PERMISSIONS[role]):
        _refuse_to_lose(member, actor, members)
    clients = 0 if Permission.CLIENT_READ in ROLE_PERMISSIONS[role] else caseloads()[member.pk]
    if clients:
        raise HasClients(clients)
    was, member.role = member.role, role
    member.save(update_fields=["role"])
    if Permission.MEMBER_INVITE not in ROLE_PERMISSIONS[role]:
        _take_invitations_back(actor, member)
    trail.record("member.role", actor=actor, subject=member, was=was, role=role)
    return member


@transaction.atomic
def let_go(*, actor: User, member: User) -> User:
    """Close the door behind a member: from this moment on no page, no sign-in and no password of theirs works.

    Nor does an invitation that they sent: it may be to an address of their own. Clients and notes stay, and wait to be
    handed over. A member who has left already changes nothing. Locks the members, then those invitations. Raise
    LastToRun, Oneself.
    """
    members = _locked_members(actor)
    member = members[member.pk]
    if not member.is_active:
        return member
    _refuse_to_lose(member, actor, members)
    member.is_active, member.left_at = False, timezone.now()
    # Links to choose a new password die with the old one.
    member.set_unusable_password()
    member.save(update_fields=["is_active", "left_at", "password"])
    for close in _CLOSERS.values():
        close(member)
    KeptWords.objects.filter(user=member).delete()
    Authenticator.objects.filter(user=member).delete()
    ended = end_sign_ins(member)
    _take_invitations_back(actor, member)
    trail.record("member.leave", actor=actor, subject=member, sign_ins_ended=ended)
    return member


@transaction.atomic
def bring_back(*, actor: User, member: User) -> User:
    """Open the door again, with the role of before. They choose a new password by a link, and a new second factor.

    Locks the members. A member who works here changes nothing.
    """
    member = _locked_members(actor)[member.pk]
    if member.is_active:
        return member
    member.is_active, member.left_at = True, None
    member.save(update_fields=["is_active", "left_at"])
    # One that was being set up at the very moment of leaving.
    Authenticator.objects.filter(user=member).delete()
    trail.record("member.return", actor=actor, subject=member, role=member.role)
    return member


@transaction.atomic
def revoke_invitation(*, actor: User, invitation: Invitation) -> None:
    """Take an invitation back: its link dies, and its mail does not leave. Raise InvitationClosed."""
    # One statement claims it, so that of an acceptance and this only one happens.
    mine = Invitation.objects.still_open().filter(pk=invitation.pk).update(revoked_at=timezone.now())
    if not mine:
        raise InvitationClosed
    outbox.drop([invitation.pk], kind="invitation", reason="invitation taken back")
    trail.record("member.uninvite", actor=actor, subject=invitation, role=invitation.role)


def _take_invitations_back(actor: User, member: User) -> None:
    """Take back what this member has sent and nobody has accepted. Locks the trail's head: call it last."""
    rows = list(Invitation.objects.still_open().filter(invited_by=member).order_by("pk").select_for_update())
    Invitation.objects.filter(pk__in=[row.pk for row in rows]).update(revoked_at=timezone.now())
    outbox.drop([row.pk for row in rows], kind="invitation", reason="invitation taken back")
    for row in rows:
        trail.record("member.uninvite", actor=actor, subject=row, role=row.role)


def end_sign_ins(member: User) -> int:
    """End every sign-in of a member, on whatever device. Return how many there were.

    Web sessions do not know whose they are without being opened: a practice has few enough to look through.
    """
    UserSession.objects.filter(user=member).delete()
    open_ones = Session.objects.filter(expire_date__gt=timezone.now())
    theirs = [each.pk for each in open_ones if each.get_decoded().get(SESSION_KEY) == str(member.pk)]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)


def _locked_members(actor: User) -> dict[UUID, User]:
    """Return all members, locked in one order, so that two who change each other come one by one.

    Raise PermissionDenied where the actor lost the right meanwhile.
    """
    members = {each.pk: each for each in User.objects.order_by("pk").select_for_update(no_key=True)}
    if not _runs(permissions_of(members[actor.pk])):
        raise PermissionDenied
    return members


def _runs(permissions: frozenset[Permission]) -> bool:
    return Permission.MEMBER_CHANGE in permissions


def _refuse_to_lose(member: User, actor: User, members: Mapping[UUID, User]) -> None:
    """Raise LastToRun or Oneself where the practice or the actor would be left without the running of it."""
    running = {pk for pk, each in members.items() if _runs(permissions_of(each))}
    if running == {member.pk}:
        raise LastToRun
    if member.pk == actor.pk:
        raise Oneself
