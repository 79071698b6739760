"""The waiting list: who would take which times."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from practice.scoping import ScopedModel
from sessions.models.rules import SessionType
from vault.fields import SealedTextField


class WaitingEntry(ScopedModel):
    """A client who waits for a time. `times` are parts of the week such as "0-morning"; empty means any time."""

    vault_owner = "client_id"

    class Urgency(models.TextChoices):
        SOON = "soon", "As soon as possible"
        USUAL = "usual", "In the usual order"
        FLEXIBLE = "flexible", "Can wait"

    class Part(models.TextChoices):
        """A part of a day: from midnight, noon and 17:00 by the practice's clock."""

        MORNING = "morning", "Morning"
        AFTERNOON = "afternoon", "Afternoon"
        EVENING = "evening", "Evening"

    class Left(models.TextChoices):
        """Why somebody waits no more."""

        BOOKED = "booked", "Booked"
        TAKEN_OFF = "taken_off", "Taken off the list"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.USUAL)
    times: Any = models.JSONField(default=list, blank=True)
    session_type = models.ForeignKey(SessionType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = SealedTextField(default="")
    since = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)
    left_why = models.CharField(max_length=10, choices=Left, blank=True, default="")

    class Privacy:
        sealed = ("note",)
        plain = ("id", "client", "urgency", "times", "session_type", "since", "left_at", "left_why")

    class Meta(ScopedModel.Meta):
        abstract = False
        verbose_name_plural = "waiting list"
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=Q(left_at__isnull=True), name="sessions_waits_once"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True, left_why="") | Q(left_at__isnull=False) & ~Q(left_why=""),
                name="sessions_left_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"waiting {self.id}"
