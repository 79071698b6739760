"""One session of a client with their counsellor."""

import uuid
from datetime import timedelta
from typing import TypeAlias

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clients.models import Client
from practice.models import User
from practice.scoping import ScopedModel
from sessions.models import ways
from sessions.models.rules import SessionType
from sessions.models.series import Series
from vault.fields import SealedTextField


class ClientSession(ScopedModel):
    """One session of a client with their counsellor. Two of one counsellor never overlap, unless cancelled."""

    vault_owner = "client_id"

    Mode: TypeAlias = ways.Mode

    class Status(models.TextChoices):
        BOOKED = "booked", "Booked"
        CONFIRMED = "confirmed", "Confirmed"
        ATTENDED = "attended", "Attended"
        DID_NOT_ATTEND = "did_not_attend", "Did not attend"
        CANCELLED_LATE = "cancelled_late", "Late cancellation"
        CANCELLED_BY_CLIENT = "cancelled_by_client", "Cancelled by client"
        CANCELLED_BY_COUNSELLOR = "cancelled_by_counsellor", "Cancelled by counsellor"

    # It is to take place, as far as anybody knows.
    AHEAD = (Status.BOOKED, Status.CONFIRMED)
    # These free the time in the diary; migration 0002 repeats them in PostgreSQL's exclusion constraint.
    CANCELLED = (Status.CANCELLED_LATE, Status.CANCELLED_BY_CLIENT, Status.CANCELLED_BY_COUNSELLOR)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    counsellor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.IN_PERSON)
    # An address, a video link, a number to ring.
    place = SealedTextField(default="")
    status = models.CharField(max_length=24, choices=Status, default=Status.BOOKED)
    session_type = models.ForeignKey(SessionType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Kept free afterwards: free slots leave it out, and a booking into it is asked about.
    buffer = models.DurationField(default=timedelta(0))
    fee_pence = models.PositiveIntegerField(null=True, blank=True)
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # The day that the series' rule gave, also where the session has moved since.
    occurrence_on = models.DateField(null=True, blank=True)
    # Goes up when the time changes: the reminder of an older revision is no longer wanted.
    revision = models.PositiveIntegerField(default=1)
    # Goes up with every change: a form that began from an older one is stale. Also the SEQUENCE of calendar files.
    version = models.PositiveIntegerField(default=1)
    # What the client was told last without a mail of ours (sessions/notices.py), and by which version.
    known = models.CharField(max_length=40, blank=True, default="")
    known_version = models.PositiveIntegerField(default=0)
    # Rules of reminding have changed since its mail was planned: the sweep plans anew.
    is_plan_stale = models.BooleanField(default=False)
    booked_at = models.DateTimeField(default=timezone.now, editable=False)

    class Privacy:
        sealed = ("place",)
        plain = (
            "id", "client", "counsellor", "starts_at", "ends_at", "mode", "status", "session_type", "buffer",
            "fee_pence", "series", "occurrence_on", "revision", "version", "known", "known_version", "is_plan_stale",
            "booked_at",
        )  # fmt: skip

    class Meta(ScopedModel.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["counsellor", "starts_at"], name="sessions_diary"),
            models.Index(fields=["client", "starts_at"], name="sessions_of_client"),
            models.Index(fields=["starts_at"], condition=Q(is_plan_stale=True), name="sessions_plan_stale"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="sessions_end_after_start"),
            models.UniqueConstraint(fields=["series", "occurrence_on"], name="sessions_once_an_occurrence"),
        ]

    def __str__(self) -> str:
        return f"session {self.id}"

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def is_cancelled(self) -> bool:
        return self.status in self.CANCELLED

    @property
    def is_ahead(self) -> bool:
        """Return whether it is to take place, or nobody has said yet how it went."""
        return self.status in self.AHEAD

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        """Return whether it can still be moved."""
        return self.status in self.AHEAD and not self.is_over

    @property
    def may_have_note(self) -> bool:
        """Return whether there is something to write about: it was attended, or is over and was not cancelled."""
        return self.status == self.Status.ATTENDED or (self.is_over and not self.is_cancelled)

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= timezone.now()
