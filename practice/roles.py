"""Roles and what each may do; nowhere else is a role asked for."""

from enum import Enum
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from practice.models import User


class Role(models.TextChoices):
    """What a member is here for."""

    ADMIN = "admin", "Admin: runs the practice, reads no notes"
    COUNSELLOR = "counsellor", "Counsellor: their own clients"
    SOLO = "solo", "Both: a practice of one"


TITLES: dict[str, str] = {
    Role.ADMIN: "practice administrator",
    Role.COUNSELLOR: "counsellor",
    Role.SOLO: "sole practitioner",
}


class Permission(Enum):
    """A deed that a role may or may not do."""

    CLIENT_READ = "read their own clients' records"
    CLIENT_ADMIT = "admit and change clients"
    CLIENT_ERASE = "erase their own clients"
    CLIENT_HAND_OVER = "hand their own clients over"
    SESSION_BOOK = "book, move and cancel sessions"
    EXERCISE_ASSIGN = "assign exercises"
    ANSWER_REVIEW = "review answers"
    NOTE_WRITE = "write notes"
    NOTE_SIGN = "sign notes"
    PACK_PREPARE = "prepare and release supervision packs"
    PACK_READ = "see released supervision packs"
    PACK_EXPORT = "export released supervision packs"
    MEMBER_READ = "see who works here"
    MEMBER_INVITE = "invite members"
    MEMBER_CHANGE = "change members' roles, let members go, hand over what they leave"
    PRACTICE_SETTINGS = "change the practice's settings"
    MAIL_MANAGE = "see which mail was and will be sent"
    AUDIT_READ = "read the audit trail"
    AUDIT_EXPORT = "export the audit trail"
    ERASURE_READ = "see which clients were erased, by reference"
    KEY_MANAGE = "see which master keys are in use, and rewrap data keys"


_COUNSELLING = {
    Permission.CLIENT_READ,
    Permission.CLIENT_ADMIT,
    Permission.CLIENT_ERASE,
    Permission.CLIENT_HAND_OVER,
    Permission.ERASURE_READ,
    Permission.SESSION_BOOK,
    Permission.EXERCISE_ASSIGN,
    Permission.ANSWER_REVIEW,
    Permission.NOTE_WRITE,
    Permission.NOTE_SIGN,
    Permission.PACK_PREPARE,
    Permission.PACK_READ,
    Permission.PACK_EXPORT,
}
_RUNNING = {
    Permission.PACK_READ,
    Permission.PACK_EXPORT,
    Permission.MEMBER_READ,
    Permission.MEMBER_INVITE,
    Permission.MEMBER_CHANGE,
    Permission.PRACTICE_SETTINGS,
    Permission.MAIL_MANAGE,
    Permission.AUDIT_READ,
    Permission.AUDIT_EXPORT,
    Permission.ERASURE_READ,
    Permission.KEY_MANAGE,
}
ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.ADMIN: frozenset(_RUNNING),
    Role.COUNSELLOR: frozenset(_COUNSELLING),
    Role.SOLO: frozenset(_COUNSELLING | _RUNNING),
}


def permissions_of(user: "User") -> frozenset[Permission]:
    """Return what a user may do; a member who has left may do nothing."""
    return ROLE_PERMISSIONS[user.role] if user.is_active else frozenset()
