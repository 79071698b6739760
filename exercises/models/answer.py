"""What a client writes: half of it so far, and what they sent."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from exercises.models.assignment import Assignment
from practice.scoping import ScopedModel
from vault.fields import SealedJSONField


class Sharing(models.TextChoices):
    """Who sees what a client wrote."""

    SHARED = "shared", "Shared with the counsellor"
    DONE_ONLY = "done_only", "Only said that it was done"
    KEPT = "kept", "Kept to themselves"


class Answer(ScopedModel):
    """What the client sent. Where they only said that they did it, no words are kept.

    What they keep to themselves is in `kept`, sealed under a key that comes out of the link in their mail
    (vault/linked.py): the database has only the link's hash, so neither the counsellor nor the server opens it.
    """

    counsellor_path = "assignment__client__counsellor"
    vault_owner = "client_id"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="answer")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    sharing = models.CharField(max_length=10, choices=Sharing)
    # {field name: text, number, option, list of options, or {part: text or number}}; {} unless shared.
    values: Any = SealedJSONField()
    kept = models.BinaryField(null=True, blank=True)
    # The ClientLink whose token opens `kept`. No foreign key: links are swept, and this outlives them.
    kept_by_link = models.UUIDField(null=True, blank=True)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)

    class Privacy:
        sealed = ("values",)
        # `kept` is ciphertext, under a key that is not in any database.
        plain = ("id", "assignment", "client", "sharing", "kept", "kept_by_link", "sent_at")

    class Meta(ScopedModel.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=Q(sharing="kept", kept__isnull=False, kept_by_link__isnull=False)
                | ~Q(sharing="kept") & Q(kept__isnull=True, kept_by_link__isnull=True),
                name="exercises_kept_has_words",
            )
        ]

    def __str__(self) -> str:
        return f"answer {self.id}"


class Draft(ScopedModel):
    """What a client has written so far, on whichever device. Goes when the answer is sent.

    Once they choose to keep it to themselves, the draft too is sealed under the link's key alone.
    """

    counsellor_path = "assignment__client__counsellor"
    vault_owner = "client_id"

    class Show(models.TextChoices):
        ALL = "all", "Everything on one page"
        ONE = "one", "One question at a time"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="draft")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    # As the form posts it: {field: text or list of texts}; {} while `kept` holds the words.
    values: Any = SealedJSONField()
    kept = models.BinaryField(null=True, blank=True)
    kept_by_link = models.UUIDField(null=True, blank=True)
    sharing = models.CharField(max_length=10, choices=Sharing, blank=True, default="")
    show = models.CharField(max_length=4, choices=Show, blank=True, default="")
    # Goes up with every save: whoever saves over words that another device wrote meanwhile is shown both.
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)

    class Privacy:
        sealed = ("values",)
        # `kept` is ciphertext, under a key that is not in any database.
        plain = ("id", "assignment", "client", "kept", "kept_by_link", "sharing", "show", "version", "saved_at")

    class Meta(ScopedModel.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=Q(kept__isnull=True, kept_by_link__isnull=True)
                | Q(kept__isnull=False, kept_by_link__isnull=False),
                name="exercises_draft_kept_whole",
            )
        ]

    def __str__(self) -> str:
        return f"draft {self.id}"
