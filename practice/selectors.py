"""Questions about the practice: who works here, what was done, does mail leave?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone

from outbox import kinds
from outbox import selectors as outbox
from outbox.models import Message
from practice import anchor, clock
from practice.deeds import label_of
from practice.models import AuditEntry, AuditHead, Invitation, User
from practice.trail_words import about, details_of, members_in

State = Message.State


@dataclass(frozen=True)
class MailTrouble:
    """Mail does not leave as it should: why, and how many mails should have gone by now."""

    why: str
    waiting: int
    is_paused: bool


def mail_trouble() -> MailTrouble | None:
    """Return what the watchdog has to say, None when all is well. At most five queries."""
    watch = outbox.watch()
    if not watch.trouble:
        return None
    now = timezone.now()
    waiting = Message.objects.filter(state__in=(State.PLANNED, State.LEASED), due_at__lte=now, expires_at__gt=now)
    return MailTrouble(watch.trouble, waiting.count(), watch.is_paused)


def members() -> QuerySet[User]:
    """Return all who work here, by name, each with `has_second_factor`; those who have left at the end."""
    factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return User.objects.annotate(has_second_factor=Exists(factors)).order_by("-is_active", "name", "id")


def open_invitations() -> QuerySet[Invitation]:
    """Return the invitations that can still be accepted, newest first, with who sent them."""
    return Invitation.objects.still_open().select_related("invited_by").order_by("-created_at", "id")


def audit_entries(
    *,
    reference: str = "",
    deed: str = "",
    member: UUID | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
) -> QuerySet[AuditEntry]:
    """Return the trail, newest first, with who acted; days are the practice's. An empty filter lets all through."""
    entries = AuditEntry.objects.select_related("actor").order_by("-number")
    if reference:
        entries = entries.filter(reference__iexact=reference)
    if deed:
        entries = entries.filter(deed=deed)
    if member:
        entries = entries.filter(actor_id=member)
    if first_day:
        entries = entries.filter(at__gte=clock.start_of(first_day))
    if last_day:
        entries = entries.filter(at__lt=clock.start_of(last_day + timedelta(days=1)))
    return entries


@dataclass(frozen=True)
class TrailRow:
    """One deed as its page shows it. `about` names a kind of row, never a person."""

    entry: AuditEntry
    deed: str
    about: str
    details: list[tuple[str, str]]


@dataclass(frozen=True)
class TrailStand:
    """How far the trail has come, and whether the file beside the database agrees."""

    number: int
    code: str
    is_loose: bool

    @property
    def short(self) -> str:
        """Return it as one says it: `1,284 · ab12cd34…`."""
        return f"{self.number:,} · {self.code[:8]}…"


def trail_stand() -> TrailStand | None:
    """Return where the trail stands; None before the first deed. At most two queries."""
    head = AuditHead.objects.first()
    if head is None:
        return None
    try:
        known = anchor.read()
    except ValueError:
        return TrailStand(head.number, bytes(head.mac).hex(), is_loose=True)
    return TrailStand(head.number, bytes(head.mac).hex(), is_loose=known is not None and not anchor.holds(known))


def trail_rows(entries: Iterable[AuditEntry]) -> list[TrailRow]:
    """Put deeds into words. One query where a detail names a member."""
    found = list(entries)
    ids = members_in(found)
    names = {str(pk): name for pk, name in User.objects.filter(pk__in=ids).values_list("pk", "name")} if ids else {}
    return [TrailRow(row, label_of(row.deed), about(row.subject_type), details_of(row, names)) for row in found]


@dataclass(frozen=True)
class MailRow:
    """One mail as its page shows it: no address, no text."""

    message: Message
    kind: str
    badge: str
    can_send: bool
    can_drop: bool


_BADGES = {State.SENT: "ok", State.DROPPED: "soft", State.EXPIRED: "soft", State.FAILED: "warn", State.UNSURE: "warn"}


# An account mail is written when it is asked for (practice/mail.py): without its text there is nothing to send.
_EMPTIED = Q(kind="account", payload__isnull=True)


def is_emptied(message: Message) -> bool:
    """Say whether a mail's text is gone and cannot be written anew. Nothing sealed is opened."""
    return Message.objects.filter(_EMPTIED, pk=message.pk).exists()


def mail_row(message: Message) -> MailRow:
    """Say what a mail is called and what may be done to it now."""
    is_undecided = outbox.is_in_trouble(message)
    return MailRow(
        message,
        kinds.label_of(message.kind),
        _BADGES.get(State(message.state), "wait"),
        can_send=is_undecided and message.expires_at > timezone.now() and not getattr(message, "is_emptied", False),
        can_drop=is_undecided,
    )


WAITING = (State.PLANNED, State.LEASED, State.HELD)


def mails_to_come() -> QuerySet[Message]:
    """Return the mails that have not left, the next one first, without what is sealed."""
    return Message.objects.filter(state__in=WAITING).defer("payload", "sent_copy").order_by("due_at", "id")


def mails_past() -> QuerySet[Message]:
    """Return the mails that have left or never will, the latest first, without what is sealed."""
    return Message.objects.exclude(state__in=WAITING).defer("payload", "sent_copy").order_by("-due_at", "id")


def undecided_mails() -> QuerySet[Message]:
    """Return the mails that wait for a person's decision, without what is sealed."""
    emptied = ExpressionWrapper(_EMPTIED, output_field=BooleanField())
    return outbox.in_trouble().annotate(is_emptied=emptied).defer("payload", "sent_copy")
