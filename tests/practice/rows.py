"""Rows that the practice's tests need: mails in every state, invitations, a last audit row."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from outbox.models import Message
from practice import invitations
from practice.models import AuditEntry, Invitation, Practice, User
from practice.roles import Role


def make_message(state: str = Message.State.PLANNED, **fields: Any) -> Message:
    """Return a mail of the practice, due now and good for a day."""
    now, number = timezone.now(), uuid4()
    values = {
        "kind": "account",
        "subject_id": number,
        "owner_id": Practice.current().id,
        "key": f"account:{number}",
        "due_at": now,
        "expires_at": now + timedelta(days=1),
        "sent_at": now if state == Message.State.SENT else None,
        **fields,
    }
    return Message.objects.create(state=state, **values)


def make_invitation(invited_by: User, **fields: Any) -> tuple[Invitation, str]:
    """Return an open invitation and the token in its mail."""
    values = {
        "email": "hazel@beside.test",
        "role": Role.COUNSELLOR,
        "expires_at": timezone.now() + timedelta(days=7),
        **fields,
    }
    invitation = Invitation.objects.create(invited_by=invited_by, **values)
    return invitation, invitations.mint(invitation)


def last_deed() -> AuditEntry:
    return AuditEntry.objects.select_related("actor").latest("id")


def deeds() -> list[str]:
    """Return the deeds of the trail in the order in which they were done."""
    return list(AuditEntry.objects.order_by("id").values_list("deed", flat=True))
