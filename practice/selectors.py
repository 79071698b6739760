"""Questions about the practice: who works here, what was done, does mail leave?"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from outbox import selectors as outbox
from outbox.models import Message
from practice.models import AuditEntry, Invitation, User

State = Message.State


@dataclass(frozen=True)
class MailTrouble:
    """Mail does not leave as it should: why, and how many mails should have gone by now."""

    why: str
    waiting: int
    is_paused: bool


def mail_trouble() -> MailTrouble | None:
    """Return what the watchdog has to say, None when all is well. At most four queries."""
    watch = outbox.watch()
    if not watch.trouble:
        return None
    now = timezone.now()
    waiting = Message.objects.filter(state__in=(State.PLANNED, State.LEASED), due_at__lte=now, expires_at__gt=now)
    return MailTrouble(watch.trouble, waiting.count(), watch.is_paused)


def members() -> QuerySet[User]:
    """Return all who work here, by name; those who have left at the end."""
    return User.objects.order_by("-is_active", "name", "id")


def open_invitations() -> QuerySet[Invitation]:
    """Return the invitations that can still be accepted, newest first, with who sent them."""
    return Invitation.objects.still_open().select_related("invited_by").order_by("-created_at", "id")


def audit_entries(*, reference: str = "", deed: str = "", member: UUID | None = None) -> QuerySet[AuditEntry]:
    """Return the trail, newest first, with who acted. An empty filter lets everything through."""
    entries = AuditEntry.objects.select_related("actor").order_by("-id")
    if reference:
        entries = entries.filter(reference__iexact=reference)
    if deed:
        entries = entries.filter(deed=deed)
    if member:
        entries = entries.filter(actor_id=member)
    return entries
