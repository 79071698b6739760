"""A series: sessions that come round on the wall clock, by weeks or by the weekday of a month."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from practice.models import User
from practice.scoping import ScopedModel
from sessions.models.rules import SessionType
from sessions.models.ways import Mode
from vault.fields import SealedTextField


class Series(ScopedModel):
    """The rule behind a client's regular sessions. Each session is a row of its own and may differ from it.

    Every n weeks on the weekday of `first_on`, or every n months on its `nth` such weekday (-1 is the last), at
    `clock_time` by the practice's clock. It ends on a day, after a number of sessions, or when somebody ends it; an
    open one is rolled forward. Days up to `planned_until` are decided: what is not booked there was skipped.
    """

    vault_owner = "client_id"

    class Rhythm(models.TextChoices):
        WEEKLY = "weekly", "Weeks"
        MONTHLY = "monthly", "Months, on the same weekday"

    class OnHoliday(models.TextChoices):
        SKIP = "skip", "Skip it"
        KEEP = "keep", "Keep it"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    counsellor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    rhythm = models.CharField(max_length=10, choices=Rhythm, default=Rhythm.WEEKLY)
    interval = models.PositiveSmallIntegerField(default=1)
    nth = models.SmallIntegerField(null=True, blank=True)
    first_on = models.DateField()
    clock_time = models.TimeField()
    length = models.DurationField(default=timedelta(minutes=50))
    buffer = models.DurationField(default=timedelta(0))
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.IN_PERSON)
    place = SealedTextField(default="")
    session_type = models.ForeignKey(SessionType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    fee_pence = models.PositiveIntegerField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)
    count = models.PositiveSmallIntegerField(null=True, blank=True)
    # What happens on a bank holiday or on leave when the series is rolled forward and nobody is there to ask.
    on_holiday = models.CharField(max_length=6, choices=OnHoliday, default=OnHoliday.SKIP)
    planned_until = models.DateField()
    # Goes up with every deed on it.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Nothing is added any more: its end has come, or somebody ended it.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = ("place",)
        plain = (
            "id", "client", "counsellor", "rhythm", "interval", "nth", "first_on", "clock_time", "length", "buffer",
            "mode", "session_type", "fee_pence", "until_on", "count", "on_holiday", "planned_until", "version",
            "created_at", "ended_at",
        )  # fmt: skip

    class Meta(ScopedModel.Meta):
        abstract = False
        verbose_name_plural = "series"
        indexes = [
            models.Index(fields=["planned_until"], condition=Q(ended_at__isnull=True), name="sessions_series_open")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(interval__gte=1), name="sessions_series_interval"),
            models.CheckConstraint(condition=Q(until_on__isnull=True) | Q(count__isnull=True), name="sessions_one_end"),
            models.CheckConstraint(
                condition=Q(rhythm="weekly", nth__isnull=True) | Q(rhythm="monthly", nth__isnull=False),
                name="sessions_series_nth",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"series {self.id}"

    @property
    def is_open(self) -> bool:
        """Return whether it goes on until somebody ends it."""
        return self.ended_at is None and self.until_on is None and self.count is None
