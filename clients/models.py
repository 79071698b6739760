"""Clients, their contact rules, the links that stand in their mail; requests to erase, and what stays afterwards."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from practice.models import User
from practice.roles import Permission, permissions_of
from practice.scoping import ScopedModel
from vault.fields import SealedTextField


class Client(ScopedModel):
    """A person whom a counsellor works with. Everything that identifies or describes them is sealed."""

    counsellor_path = "counsellor"
    vault_owner = "id"

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    class MayEmail(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        NOT_ASKED = "not_asked", "Not asked yet"

    class PageCode(models.TextChoices):
        NONE = "none", "Nothing: the link is enough"
        BIRTH_YEAR = "birth_year", "Their year of birth"
        WORD = "word", "A word you agreed in session"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=16, unique=True)
    counsellor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)

    name = SealedTextField()
    preferred_name = SealedTextField(default="")
    pronouns = SealedTextField(default="")
    email = SealedTextField(default="")
    phone = SealedTextField(default="")
    # ISO date, or empty.
    date_of_birth = SealedTextField(default="")
    emergency_contact = SealedTextField(default="")
    gp = SealedTextField(default="")
    presenting = SealedTextField(default="")

    may_email = models.CharField(max_length=10, choices=MayEmail, default=MayEmail.NOT_ASKED)
    # Mail says nothing of whom it is from or for: somebody else may read it.
    is_discreet = models.BooleanField(default=False)
    # The hour (practice's clock) at which exercises are sent.
    preferred_hour = models.PositiveSmallIntegerField(null=True, blank=True)
    # Nothing but reminders and news of sessions before this day: the client's own wish, by their link.
    paused_until = models.DateField(null=True, blank=True)
    # What their pages ask for besides the link.
    page_code = models.CharField(max_length=10, choices=PageCode, default=PageCode.NONE)
    # A word agreed in session; None unless `page_code` asks for it.
    page_word = SealedTextField(null=True)
    # Set when the client stopped mail by their own link.
    mail_stopped_at = models.DateTimeField(null=True, blank=True)
    # Goes up with every change of the details: a form that began from an older one is stale.
    version = models.PositiveIntegerField(default=1)
    admitted_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    # While this is set nothing of the record may be erased: a claim, an inquiry, a safeguarding matter.
    held_at = models.DateTimeField(null=True, blank=True)
    hold_reason = SealedTextField(default="")

    class Privacy:
        sealed = (
            "name", "preferred_name", "pronouns", "email", "phone", "date_of_birth", "emergency_contact", "gp",
            "presenting", "page_word", "hold_reason",
        )  # fmt: skip
        plain = (
            "id", "reference", "counsellor", "state", "may_email", "is_discreet", "preferred_hour", "paused_until",
            "page_code", "mail_stopped_at", "version", "admitted_at", "ended_at", "held_at",
        )  # fmt: skip

    class Meta(ScopedModel.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=Q(preferred_hour__isnull=True) | Q(preferred_hour__lte=23), name="clients_hour_is_an_hour"
            ),
            models.CheckConstraint(
                condition=Q(state="active", ended_at__isnull=True) | Q(state="ended", ended_at__isnull=False),
                name="clients_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def called(self) -> str:
        """Return what the client likes to be called."""
        called: str = self.preferred_name or self.name
        return called

    @property
    def is_held(self) -> bool:
        return self.held_at is not None

    @property
    def may_be_mailed(self) -> bool:
        return (
            self.state == self.State.ACTIVE
            and self.may_email == self.MayEmail.YES
            and self.mail_stopped_at is None
            and bool(self.email)
        )


class ClientLink(ScopedModel):
    """A link in a mail: opens one thing for one client, runs out, can be revoked. Its token's hash is stored."""

    class Purpose(models.TextChoices):
        EXERCISE = "exercise", "One exercise"
        SESSION = "session", "One session"
        MAIL = "mail", "Mail choices"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=12, choices=Purpose)
    # The assignment, or the client themselves.
    subject_id = models.UUIDField()
    # SHA-256 of 256 random bits.
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = ()
        plain = ("id", "client", "purpose", "subject_id", "token_hash", "created_at", "expires_at", "revoked_at")

    class Meta(ScopedModel.Meta):
        abstract = False
        indexes = [models.Index(fields=["subject_id"], name="clients_link_subject")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="clients_link_expires_later")
        ]

    def __str__(self) -> str:
        return f"link {self.id}"

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now


class AskedBy(models.TextChoices):
    """From whom the wish to erase comes."""

    CLIENT = "client", "The client, or somebody for them"
    REVIEW = "review", "Our own review: the time is over"
    OTHER = "other", "Somebody else"


class ErasureRequest(ScopedModel):
    """Somebody asked that a client be erased. It goes with the client; what is to stay stands on the tombstone."""

    vault_owner = "client_id"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DECLINED = "declined", "Not carried out"

    class Why(models.TextChoices):
        """Why a request is not carried out."""

        RETENTION = "retention", "The time for which records are kept still runs"
        CLAIM = "claim", "A legal claim, made or expected"
        SAFEGUARDING = "safeguarding", "Safeguarding"
        WITHDRAWN = "withdrawn", "Whoever asked has withdrawn the request"
        OTHER = "other", "Another reason"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    asked_by = models.CharField(max_length=10, choices=AskedBy)
    received_on = models.DateField()
    note = SealedTextField(default="")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    declined_why = models.CharField(max_length=12, choices=Why, blank=True, default="")
    declined_note = SealedTextField(null=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = ("note", "declined_note")
        plain = (
            "id", "client", "asked_by", "received_on", "state", "declined_why", "recorded_by", "recorded_at",
            "closed_at",
        )  # fmt: skip

    class Meta(ScopedModel.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=Q(state="open"), name="clients_one_open_request"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, declined_why="")
                | Q(state="declined", closed_at__isnull=False) & ~Q(declined_why=""),
                name="clients_declined_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"request to erase {self.id}"


class Tombstone(ScopedModel):
    """What stays of a client who was erased: a reference, dates, who and why. No name, no initials, no word."""

    counsellor_path = "counsellor"

    # The client's own: the trail knows them by it, and nobody is erased twice.
    id = models.UUIDField(primary_key=True, editable=False)
    reference = models.CharField(max_length=16)
    counsellor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    admitted_on = models.DateField()
    first_session_on = models.DateField(null=True)
    last_session_on = models.DateField(null=True)
    asked_by = models.CharField(max_length=10, choices=AskedBy)
    received_on = models.DateField()
    # What the practice's rule said that day; empty where the date of birth could not be opened.
    kept_until = models.DateField(null=True)
    # The rule's time still ran, and whoever erased said that they had considered it.
    is_rule_considered = models.BooleanField(default=False)
    erased_at = models.DateTimeField(default=timezone.now)
    # None where the journal was replayed into a database that does not know them.
    erased_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # Of the key that was destroyed, for the journal; None where a restored database had none any more.
    data_key_id = models.UUIDField(null=True)
    # What was deleted: {"sessions": 12, "notes": 11}
    counts: Any = models.JSONField(default=dict)
    # Set where the journal was replayed after a restore (clients/replay.py); `erased_at` is then still the first time.
    replayed_at = models.DateTimeField(null=True)

    class Privacy:
        sealed = ()
        plain = (
            "id", "reference", "counsellor", "admitted_on", "first_session_on", "last_session_on", "asked_by",
            "received_on", "kept_until", "is_rule_considered", "erased_at", "erased_by", "data_key_id", "counts",
            "replayed_at",
        )  # fmt: skip

    class Meta(ScopedModel.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"tombstone {self.id}"

    @classmethod
    def visible_to(cls, viewer: User) -> "models.QuerySet[Tombstone]":
        """Return the viewer's own; all of them for whoever runs the practice."""
        mine = permissions_of(viewer)
        if Permission.ERASURE_READ not in mine:
            return cls.unscoped.none()
        stones = cls.unscoped.all()
        return stones if Permission.PRACTICE_SETTINGS in mine else stones.filter(counsellor=viewer)
