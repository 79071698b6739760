"""The practice, the people who work in it, and the trail of what they did."""

import uuid
from datetime import time
from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from practice.roles import TITLES, Role
from vault.fields import SealedJSONField


class Practice(models.Model):
    """One row: the practice itself."""

    class Nation(models.TextChoices):
        ENGLAND = "england", "England"
        SCOTLAND = "scotland", "Scotland"
        WALES = "wales", "Wales"
        NORTHERN_IRELAND = "northern_ireland", "Northern Ireland"
        OTHER = "other", "Elsewhere"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    only_row = models.BooleanField(default=True, unique=True, editable=False)
    name = models.CharField(max_length=120)
    nation = models.CharField("help lines for", max_length=20, choices=Nation, default=Nation.ENGLAND)
    # How clients reach the practice: stands in mails and on client pages, so it must not name the kind of work.
    contact_line = models.CharField(max_length=200, blank=True, default="")
    next_client_number = models.PositiveIntegerField(default=1)
    mail_from_time = models.TimeField(default=time(8))
    mail_until_time = models.TimeField(default=time(20))
    # How long a record is kept after the last session; usually the insurer's rule (clients/retention.py).
    retention_years = models.PositiveSmallIntegerField(default=7)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = models.Manager["Practice"]()

    class Privacy:
        sealed = ()
        plain = (
            "id", "only_row", "name", "nation", "contact_line", "next_client_number", "mail_from_time",
            "mail_until_time", "retention_years", "created_at",
        )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(only_row=True), name="practice_one_row"),
            models.CheckConstraint(
                condition=Q(mail_from_time__lt=F("mail_until_time")), name="practice_mail_hours_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"practice {self.id}"

    @classmethod
    def current(cls) -> Self:
        """Return the one practice. Raise DoesNotExist before `create_practice`."""
        return cls.objects.get()


class UserManager(BaseUserManager["User"]):
    """Makes members; their address is stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of the practice. Their e-mail address is their name at sign-in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12, choices=Role, default=Role.COUNSELLOR)
    # Off from the moment somebody leaves: every page asks (practice/roles.py).
    is_active = models.BooleanField(default=True)
    left_at = models.DateTimeField(null=True, blank=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Privacy:
        sealed = ()
        plain = ("id", "password", "last_login", "email", "name", "role", "is_active", "left_at", "date_joined")

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="practice_user_email_once")]

    def __str__(self) -> str:
        return f"member {self.id}"

    @property
    def first_name(self) -> str:
        """Return what clients know the counsellor by."""
        return self.name.split()[0] if self.name.strip() else ""

    @property
    def title(self) -> str:
        """Return the role in a word or two."""
        return TITLES[self.role].capitalize()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations, by whether they can still be accepted."""

    def still_open(self) -> Self:
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """An invitation to work here. Its token is made when the mail is written; only the hash is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address")
    role = models.CharField(max_length=12, choices=Role, default=Role.COUNSELLOR)
    # SHA-256 of 256 random bits; empty until the mail is written.
    token_hash = models.BinaryField(max_length=32, unique=True, null=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Privacy:
        sealed = ()
        plain = (
            "id", "email", "role", "token_hash", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"invitation {self.id}"

    @property
    def title(self) -> str:
        """Return the role in a word or two."""
        return TITLES[self.role].capitalize()

    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()


class AuditEntry(models.Model):
    """One deed: who, when, what, which reference. Ids and references, never a name or a text."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    # Empty where a client acted by a link, or the program itself.
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    deed = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField(null=True, db_index=True)
    reference = models.CharField(max_length=16, blank=True, default="", db_index=True)
    detail = models.JSONField(default=dict)
    # The chain: 1, 2, 3 without a gap, and an HMAC-SHA256 over this row and the one before (practice/trail.py).
    number = models.PositiveBigIntegerField(unique=True)
    mac = models.BinaryField(max_length=32)

    objects = models.Manager["AuditEntry"]()

    class Privacy:
        sealed = ()
        plain = ("id", "at", "actor", "deed", "subject_type", "subject_id", "reference", "detail", "number", "mac")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.deed} {self.id}"


class AuditHead(models.Model):
    """One row: where the trail's chain stands. Its id owns the data key that the chain's HMAC is made with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    only_row = models.BooleanField(default=True, unique=True, editable=False)
    number = models.PositiveBigIntegerField(default=0)
    mac = models.BinaryField(max_length=32, default=bytes)

    objects = models.Manager["AuditHead"]()

    class Privacy:
        sealed = ()
        plain = ("id", "only_row", "number", "mac")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only_row=True), name="practice_one_head")]

    def __str__(self) -> str:
        return f"head of the trail {self.number}"


class KeptWords(models.Model):
    """What a member typed on a page and has not saved yet, for this member alone.

    Sealed under the key of the client whom the page is about, so that erasing the client takes it along; under the
    member's own key on a page that is about nobody.
    """

    vault_owner = "owner_id"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # A client's id, or the member's. No foreign key: clients live in a room above.
    owner_id = models.UUIDField(db_index=True)
    # The client's reference (C-0042), or empty: for the list of kept words, which shows no name.
    reference = models.CharField(max_length=16, blank=True, default="")
    # The path of the page: routes and ids, never a name.
    page = models.CharField(max_length=200)
    # {field name: text}
    words: Any = SealedJSONField()
    kept_at = models.DateTimeField(default=timezone.now)

    objects = models.Manager["KeptWords"]()

    class Privacy:
        sealed = ("words",)
        plain = ("id", "user", "owner_id", "reference", "page", "kept_at")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="practice_words_once_a_page")]

    def __str__(self) -> str:
        return f"kept words {self.id}"
