"""Deeds of the practice: settings, members, second factors, keys, the trail's copy."""

from functools import partial
from uuid import uuid4

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils import timezone

from outbox import services as outbox
from outbox.models import Message
from practice import keys, members, mfa, sign_ins, trail_export
from practice import services as practice
from practice.models import User
from practice.roles import Role
from tests.deeds.registry import Deed, deed, inside_a_view
from tests.factories import make_practice, make_user
from tests.practice.rows import make_invitation, make_message
from vault import rotation


@deed("practice.services.create_practice")
def _create_practice() -> Deed:
    return partial(
        practice.create_practice,
        name="Willow",
        owner_name="Alder",
        owner_email="a@beside.test",
        password="a quiet place",
    )  # fmt: skip


@deed("practice.services.change_practice")
def _change_practice() -> Deed:
    row = make_practice()
    names = ("nation", "contact_line", "mail_from_time", "mail_until_time", "retention_years")
    kept = {name: getattr(row, name) for name in names if hasattr(row, name)}
    return partial(practice.change_practice, actor=make_user(Role.ADMIN), practice=row, name="Elm", **kept)


@deed("practice.services.invite_member")
def _invite_member() -> Deed:
    return partial(practice.invite_member, actor=make_user(Role.ADMIN), email="n@beside.test", role=Role.COUNSELLOR)


@deed("practice.services.accept_invitation")
def _accept_invitation() -> Deed:
    invitation, _ = make_invitation(make_user(Role.ADMIN))
    return partial(practice.accept_invitation, invitation=invitation, name="Hazel", password="a quiet place to be")


@deed("practice.services.resume_mail")
def _resume_mail() -> Deed:
    outbox.pause("refused")
    return partial(practice.resume_mail, actor=make_user(Role.ADMIN))


@deed("practice.services.release_mail")
def _release_mail() -> Deed:
    actor = make_user(Role.ADMIN)
    return partial(practice.release_mail, actor=actor, message=make_message(Message.State.FAILED, kind="exercise"))


@deed("practice.services.drop_mail")
def _drop_mail() -> Deed:
    actor = make_user(Role.ADMIN)
    return partial(practice.drop_mail, actor=actor, message=make_message(Message.State.FAILED))


@deed("practice.members.change_role")
def _change_role() -> Deed:
    return partial(members.change_role, actor=make_user(Role.ADMIN), member=make_user(), role=Role.SOLO)


@deed("practice.members.let_go")
def _let_go() -> Deed:
    return partial(members.let_go, actor=make_user(Role.ADMIN), member=make_user())


@deed("practice.members.bring_back")
def _bring_back() -> Deed:
    return partial(
        members.bring_back,
        actor=make_user(Role.ADMIN),
        member=make_user(is_active=False, left_at=timezone.now()),
    )


@deed("practice.members.revoke_invitation")
def _revoke_invitation() -> Deed:
    actor = make_user(Role.ADMIN)
    return partial(members.revoke_invitation, actor=actor, invitation=make_invitation(actor)[0])


@deed("practice.mfa.reset_second_factor")
def _reset_second_factor() -> Deed:
    member = make_user()
    Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    return partial(mfa.reset_second_factor, actor=make_user(Role.ADMIN), member=member)


@deed("practice.mfa.note_refused")
def _note_refused() -> Deed:
    return partial(inside_a_view, mfa.note_refused, user=make_user(), is_signed_in=False, by="app")


def _signed_in(user: User) -> UserSession:
    return UserSession.objects.create(user=user, ip="192.0.2.0", user_agent="", session_key=uuid4().hex)


@deed("practice.sign_ins.end_one")
def _end_one() -> Deed:
    user = make_user()
    return partial(sign_ins.end_one, actor=user, sign_in=_signed_in(user))


@deed("practice.sign_ins.end_the_others")
def _end_the_others() -> Deed:
    user = make_user()
    _signed_in(user)
    return partial(sign_ins.end_the_others, actor=user, keep=None)


@deed("practice.keys.look_at_keys")
def _look_at_keys() -> Deed:
    rotation.begin()
    return partial(keys.look_at_keys, actor=make_user(Role.ADMIN))


@deed("practice.trail_export.export_trail")
def _export_trail() -> Deed:
    chosen = dict.fromkeys(("member", "first_day", "last_day"))
    return partial(trail_export.export_trail, actor=make_user(Role.ADMIN), reference="", deed="", **chosen)
