"""Supervision packs: pseudonymised copies of flagged notes, prepared and released by the counsellor."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from notes.models import Note
from practice.models import User
from practice.roles import Permission, permissions_of
from practice.scoping import ScopedModel
from vault.fields import SealedJSONField, SealedTextField


class Pack(ScopedModel):
    """What goes to one supervision. Only the counsellor sees a draft; a released pack can be exported by an admin."""

    counsellor_path = "prepared_by"

    class State(models.TextChoices):
        DRAFT = "draft", "Being prepared"
        RELEASED = "released", "Released"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    released_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = ()
        plain = ("id", "prepared_by", "state", "created_at", "released_at")

    class Meta(ScopedModel.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", released_at__isnull=True) | Q(state="released", released_at__isnull=False),
                name="supervision_released_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"pack {self.id}"

    @classmethod
    def visible_to(cls, viewer: User) -> "models.QuerySet[Pack]":
        """Return the viewer's own packs, and for an admin also those that were released."""
        mine = permissions_of(viewer)
        seen = Q(pk__in=[])
        if Permission.PACK_PREPARE in mine:
            seen |= Q(prepared_by=viewer)
        if Permission.PACK_READ in mine and Permission.PRACTICE_SETTINGS in mine:
            seen |= Q(state=cls.State.RELEASED)
        return cls.unscoped.filter(seen)

    @property
    def is_released(self) -> bool:
        return self.state == self.State.RELEASED


class PackItem(ScopedModel):
    """One note as it will leave: names and contact details replaced, sealed under its client's own key."""

    vault_owner = "client_id"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pack = models.ForeignKey(Pack, on_delete=models.CASCADE, related_name="items")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    question = SealedTextField(default="")
    text = SealedTextField()
    # What was replaced, for the preview: [{"found", "by", "count"}].
    replaced: Any = SealedJSONField(default=list)

    class Privacy:
        sealed = ("question", "text", "replaced")
        plain = ("id", "pack", "client", "note", "position")

    class Meta(ScopedModel.Meta):
        abstract = False
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["pack", "note"], name="supervision_note_once_a_pack")]

    def __str__(self) -> str:
        return f"pack item {self.id}"
