"""What a practice has settled about its diary: the kinds of session it offers, and what clients are told."""

import uuid
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from sessions.models.ways import Mode


class SessionType(models.Model):
    """A kind of session the practice offers, with what it usually takes. A booking copies it and may differ."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    length = models.DurationField(default=timedelta(minutes=50))
    # Kept free after the session: for the note, for a breath.
    buffer = models.DurationField(default=timedelta(0))
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.IN_PERSON)
    # The practice's own room, link or number; a client's own is sealed on the session.
    place = models.CharField(max_length=300, blank=True, default="")
    fee_pence = models.PositiveIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    # Offered no more; sessions that have it keep it.
    is_archived = models.BooleanField(default=False)

    objects = models.Manager["SessionType"]()

    class Privacy:
        sealed = ()
        plain = ("id", "name", "length", "buffer", "mode", "place", "fee_pence", "position", "is_archived")

    class Meta:
        ordering = ["position", "name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(length__gt=timedelta(0)), name="sessions_type_has_length"),
            models.CheckConstraint(condition=Q(buffer__gte=timedelta(0)), name="sessions_type_buffer"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(is_archived=False), name="sessions_type_name_once"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"session type {self.id}"


class DiaryRules(models.Model):
    """One row: what clients are told of the diary's changes, and what they may do by themselves."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    only_row = models.BooleanField(default=True, unique=True, editable=False)
    notify_booked = models.BooleanField(default=True)
    notify_moved = models.BooleanField(default=True)
    notify_cancelled = models.BooleanField(default=True)
    # So long a notice waits, so that an undo sends nothing.
    notice_delay = models.DurationField(default=timedelta(minutes=3))
    # A client's cancellation later than this before the start is a late one, and is talked about in person.
    late_within = models.DurationField(default=timedelta(hours=24))
    clients_may_cancel = models.BooleanField(default=True)
    # Who asks to move sees the counsellor's free slots; otherwise they write a line.
    offers_slots = models.BooleanField(default=False)
    # What a client does about a session this near is mailed to the counsellor; zero for never.
    soon_within = models.DurationField(default=timedelta(hours=24))
    # So many sessions before the agreed number is reached, a review is suggested.
    review_before = models.PositiveSmallIntegerField(default=2)
    # The practice's mail hours for which reminders were planned ("08:00-20:00"); the sweep sees that they have changed.
    planned_for = models.CharField(max_length=11, blank=True, default="", editable=False)

    objects = models.Manager["DiaryRules"]()

    class Privacy:
        sealed = ()
        plain = (
            "id", "only_row", "notify_booked", "notify_moved", "notify_cancelled", "notice_delay", "late_within",
            "clients_may_cancel", "offers_slots", "soon_within", "review_before",
            "planned_for",
        )  # fmt: skip

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only_row=True), name="sessions_one_rules_row")]

    def __str__(self) -> str:
        return f"rules of the diary {self.id}"

    @classmethod
    def current(cls) -> Self:
        """Return the practice's rules; until somebody has changed them, the usual ones (unsaved)."""
        return cls.objects.first() or cls()
