"""A counsellor's time: working hours by weekday, leave, and other commitments."""

import uuid

from django.db import models
from django.db.models import F, Q

from practice.models import User
from practice.scoping import ScopedModel
from vault.fields import SealedTextField


class WorkingHours(models.Model):
    """A span of a weekday (0 is Monday) in which a counsellor sees clients, by the practice's clock."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    counsellor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    weekday = models.PositiveSmallIntegerField()
    from_time = models.TimeField()
    until_time = models.TimeField()

    objects = models.Manager["WorkingHours"]()

    class Privacy:
        sealed = ()
        plain = ("id", "counsellor", "weekday", "from_time", "until_time")

    class Meta:
        ordering = ["weekday", "from_time"]
        verbose_name_plural = "working hours"
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="sessions_hours_weekday"),
            models.CheckConstraint(condition=Q(until_time__gt=F("from_time")), name="sessions_hours_in_order"),
            models.UniqueConstraint(fields=["counsellor", "weekday", "from_time"], name="sessions_hours_once"),
        ]

    def __str__(self) -> str:
        return f"working hours {self.id}"


class TimeOff(ScopedModel):
    """Time in which a counsellor sees no clients: leave (whole days), or another commitment (“blocked time”)."""

    counsellor_path = "counsellor"
    vault_owner = "counsellor_id"

    class Kind(models.TextChoices):
        LEAVE = "leave", "Leave"
        BLOCKED = "blocked", "Blocked time"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    counsellor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # In the counsellor's own words, for themselves; sealed under their own key.
    label = SealedTextField(default="")
    version = models.PositiveIntegerField(default=1)

    class Privacy:
        sealed = ("label",)
        plain = ("id", "counsellor", "kind", "starts_at", "ends_at", "version")

    class Meta(ScopedModel.Meta):
        abstract = False
        verbose_name_plural = "time off"
        indexes = [models.Index(fields=["counsellor", "starts_at"], name="sessions_time_off")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="sessions_time_off_in_order")
        ]

    def __str__(self) -> str:
        return f"time off {self.id}"
