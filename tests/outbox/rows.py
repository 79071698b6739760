"""Planned mail for tests: subjects of a kind of their own, owners with a data key."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from outbox.kinds import Kind, Mail, OnUnknown, register
from outbox.models import Message
from outbox.services import Wanted, plan
from vault.services import create_data_key

KIND = "test_mail"
State = Message.State


def written(message: Message) -> Mail:
    """Return the mail of a test message; its subject begins with the row's reference."""
    return Mail("marigold@example.org", f"{message.reference} hello", "Hello Marigold", "<p>Hello Marigold</p>")


def register_kind(on_unknown: OnUnknown = OnUnknown.RESEND, render: Any = written, name: str = KIND) -> None:
    register(Kind(name, "Test mail", render, on_unknown))


def make_owner() -> UUID:
    owner_id = uuid4()
    create_data_key(owner_id)
    return owner_id


def wanted(
    minutes: float = -1, *, rule: str = "once", revision: int = 1, lasts: timedelta = timedelta(days=1)
) -> Wanted:
    """Return a mail that is due in so many minutes; by default it has been for one."""
    due_at = timezone.now() + timedelta(minutes=minutes)
    return Wanted(rule, revision, due_at, due_at + lasts)


def plan_one(
    *wants: Wanted, subject_id: UUID | None = None, owner_id: UUID | None = None, reference: str = "C-0001"
) -> Message:
    """Plan the mail of one subject and return its (newest) row."""
    subject_id = subject_id or uuid4()
    plan(
        KIND, subject_id=subject_id, owner_id=owner_id or make_owner(), reference=reference, wanted=wants or [wanted()]
    )
    return Message.objects.filter(subject_id=subject_id).order_by("-created_at", "due_at")[0]


def plan_many(number: int, *, kind: str = KIND, due_at: datetime | None = None) -> list[Message]:
    """Return so many due rows of one owner, numbered 0000 upwards, the oldest first."""
    owner_id, now = make_owner(), due_at or timezone.now()
    rows = [
        Message(
            kind=kind, subject_id=uuid4(), owner_id=owner_id, reference=f"{each:04d}", key=f"{kind}:{uuid4()}:once:1",
            due_at=now - timedelta(seconds=number - each), expires_at=now + timedelta(days=1),
        )
        for each in range(number)
    ]  # fmt: skip
    return list(Message.objects.bulk_create(rows))


def again(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def make_due() -> None:
    Message.objects.filter(state=State.PLANNED).update(due_at=timezone.now())
