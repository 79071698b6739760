"""A counsellor's private calendar feed."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from practice.models import User


class Feed(models.Model):
    """An address under which calendar programs read a counsellor's diary. Its token's hash is stored, never a token."""

    class Naming(models.TextChoices):
        """How clients stand in it. Never by name."""

        REFERENCE = "reference", "Reference (C-0042)"
        INITIALS = "initials", "Initials"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    counsellor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # SHA-256 of 256 random bits.
    token_hash = models.BinaryField(max_length=32, unique=True)
    naming = models.CharField(max_length=10, choices=Naming, default=Naming.REFERENCE)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_read_at = models.DateTimeField(null=True, blank=True)
    # SHA-256 of what it said when it was read last, and since when it says so (sessions/feeds.py).
    digest = models.BinaryField(max_length=32, default=bytes)
    changed_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager["Feed"]()

    class Privacy:
        sealed = ()
        plain = (
            "id", "counsellor", "token_hash", "naming", "created_at", "last_read_at", "digest", "changed_at",
            "revoked_at",
        )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["counsellor"], condition=Q(revoked_at__isnull=True), name="sessions_one_open_feed"
            )
        ]

    def __str__(self) -> str:
        return f"feed {self.id}"
