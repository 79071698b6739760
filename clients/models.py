"""Clients, their contact rules, and the links that stand in their mail."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from practice.models import User
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
    # Set when the client stopped mail by their own link.
    mail_stopped_at = models.DateTimeField(null=True, blank=True)
    # Goes up with every change of the details: a form that began from an older one is stale.
    version = models.PositiveIntegerField(default=1)
    admitted_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = (
            "name", "preferred_name", "pronouns", "email", "phone", "date_of_birth", "emergency_contact", "gp",
            "presenting",
        )  # fmt: skip
        plain = (
            "id", "reference", "counsellor", "state", "may_email", "is_discreet", "preferred_hour", "mail_stopped_at",
            "version", "admitted_at", "ended_at",
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
