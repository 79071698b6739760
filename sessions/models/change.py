"""What one deed did to the diary, so that it can be taken back."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from practice.models import User
from practice.scoping import ScopedModel


class DiaryChange(ScopedModel):
    """One deed and how things stood before it: ids, times and statuses. Kept for an hour (sessions/undoing.py)."""

    counsellor_path = "actor"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    actor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # The session, series or time off that it was about, at the version that it left: found again by both.
    subject_id = models.UUIDField()
    subject_version = models.PositiveIntegerField()
    # [{"table", "id", "version": the one that the deed left, "was": {column: value}; None where the deed made the row}]
    before: Any = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = ()
        plain = ("id", "actor", "subject_id", "subject_version", "before", "made_at", "undone_at")

    class Meta(ScopedModel.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["made_at"], name="sessions_changes"),
            models.Index(fields=["subject_id", "subject_version"], name="sessions_change_of"),
        ]

    def __str__(self) -> str:
        return f"change of the diary {self.id}"
