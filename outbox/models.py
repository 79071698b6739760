"""The outbox: the database is the only truth about what will be sent."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from vault.fields import SealedJSONField

# Names our Message-IDs; the same key gives the same Message-ID on every try.
MESSAGE_ID_SPACE = uuid.UUID("6f1c0a5e-52b2-4b0e-9c58-0f6a4a0d7b11")
REASON_LENGTH = 120


class Message(models.Model):
    """One mail to be sent. It holds no address and no text before it is sent: both are read then."""

    vault_owner = "owner_id"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        LEASED = "leased", "Being sent"
        SENT = "sent", "Sent"
        DROPPED = "dropped", "Not needed"
        FAILED = "failed", "Could not be delivered"
        EXPIRED = "expired", "Too late to send"
        UNSURE = "unsure", "Not known whether it arrived"
        HELD = "held", "Held back"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    # What the mail is about; no foreign key, since that row lives in a room above.
    subject_id = models.UUIDField()
    # Whose data key seals the copy: a client's id, or the practice's for mail to staff.
    owner_id = models.UUIDField()
    # The client's reference (C-0042), or empty: for the list of mail, which shows no name.
    reference = models.CharField(max_length=16, blank=True, default="")
    key = models.CharField(max_length=160, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    resends = models.PositiveSmallIntegerField(default=0)
    smtp_reply = models.CharField(max_length=120, blank=True, default="")
    reason = models.CharField(max_length=REASON_LENGTH, blank=True, default="")
    # A text that cannot be made anew at sending (a reset link, say): sealed, and emptied afterwards.
    payload = SealedJSONField(null=True)
    # To whom and with what text it left: {"to", "subject", "text"}.
    sent_copy = SealedJSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = models.Manager["Message"]()

    class Privacy:
        sealed = ("payload", "sent_copy")
        plain = (
            "id", "kind", "subject_id", "owner_id", "reference", "key", "state", "due_at", "expires_at", "lease_until",
            "token", "dispatched_at", "sent_at", "attempts", "resends", "smtp_reply", "reason", "created_at",
        )  # fmt: skip

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="planned"), name="outbox_due"),
            # Full, not partial: SQLite uses a partial index only where the state stands in the SQL as a word.
            models.Index(fields=["state", "expires_at"], name="outbox_state"),
            models.Index(fields=["subject_id", "kind"], name="outbox_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="leased") | Q(token__isnull=False, lease_until__isnull=False),
                name="outbox_lease_is_whole",
            ),
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="outbox_sent_has_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def message_id(self) -> str:
        """Return the left part of the Message-ID: a UUIDv5 of the key, the same over all tries."""
        return str(uuid.uuid5(MESSAGE_ID_SPACE, self.key))

    @property
    def is_waiting(self) -> bool:
        return self.state in (self.State.PLANNED, self.State.LEASED, self.State.HELD)


class Sending(models.Model):
    """One row: may mail leave, when was the last tick, and is this database the one that the epoch file knows?"""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    epoch = models.UUIDField(default=uuid.uuid4)
    # Moves with every tick; a row behind its file has been restored from a backup.
    beats = models.PositiveBigIntegerField(default=0)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=200, blank=True, default="")
    ticked_at = models.DateTimeField(null=True)

    objects = models.Manager["Sending"]()

    class Privacy:
        sealed = ()
        plain = ("id", "epoch", "beats", "paused_at", "pause_reason", "ticked_at")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="outbox_one_sending_row")]

    def __str__(self) -> str:
        return "sending"
