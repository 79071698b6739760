"""What a client said about a session by its link."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from practice.scoping import ScopedModel
from sessions.models.session import ClientSession
from vault.fields import SealedTextField


class ClientReply(ScopedModel):
    """Something a client asked or did on a session's page that the counsellor is to see on Today until they have."""

    vault_owner = "client_id"

    class Kind(models.TextChoices):
        MOVE = "move", "Asks for another time"
        TALK = "talk", "Asks to be contacted"
        CANCELLED = "cancelled", "Cancelled"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        AGREED = "agreed", "Moved as asked"
        SEEN = "seen", "Seen"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(ClientSession, on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    # Starts of the free slots that would suit them: ISO instants in UTC.
    wishes: Any = models.JSONField(default=list, blank=True)
    words = SealedTextField(default="")
    said_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = ("words",)
        plain = ("id", "session", "client", "kind", "wishes", "said_at", "state", "closed_at")

    class Meta(ScopedModel.Meta):
        abstract = False
        verbose_name_plural = "client replies"
        constraints = [
            models.UniqueConstraint(
                fields=["session", "kind"], condition=Q(state="open"), name="sessions_one_open_reply"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | ~Q(state="open") & Q(closed_at__isnull=False),
                name="sessions_reply_is_whole",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"reply {self.id}"
