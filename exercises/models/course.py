"""What runs for one client: a programme, or one exercise that is repeated."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from exercises.models.library import ExerciseVersion
from exercises.models.programme import Mode, Programme
from practice.models import User
from practice.scoping import ScopedModel
from sessions.models import ClientSession
from vault.fields import SealedTextField

# What a counsellor writes along with what they give; a course and each assignment hold the same.
GIVEN_WORDS = ("personal_line", "why", "plan_when", "plan_where")


class Course(ScopedModel):
    """A programme or a repeated exercise, running for one client. Its steps are copies: they never change under it."""

    vault_owner = "client_id"

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        HELD = "held", "On hold"
        FINISHED = "finished", "Finished"
        ENDED = "ended", "Ended"

    class Why(models.TextChoices):
        """Why it is on hold."""

        COUNSELLOR = "counsellor", "Put on hold by the counsellor"
        TOO_MUCH = "too_much", "It was too much for the client"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    # None: one exercise, repeated.
    programme = models.ForeignKey(Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    held_why = models.CharField(max_length=12, choices=Why, blank=True, default="")
    personal_line = SealedTextField()
    why = SealedTextField()
    plan_when = SealedTextField()
    plan_where = SealedTextField(default="")
    is_practised_together = models.BooleanField(default=False)
    nudges = models.PositiveSmallIntegerField(default=1)
    # On the practice's calendar: the first day on which something may come, and the last.
    starts_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    # "Until the next session": `until_on` follows that session (exercises/giving.py).
    before = models.ForeignKey(ClientSession, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # "Not this week": nothing of it comes before this day.
    rests_until = models.DateField(null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    # The client ended it, by the link to their own place.
    is_ended_by_client = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = GIVEN_WORDS
        plain = (
            "id", "client", "programme", "started_by", "state", "held_why", "is_practised_together", "nudges",
            "starts_on", "until_on", "before", "rests_until", "started_at", "is_ended_by_client",
            "closed_at",
        )  # fmt: skip

    class Meta(ScopedModel.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["state"], condition=Q(state="running"), name="exercises_course_runs"),
            models.Index(fields=["client", "started_at"], name="exercises_course_of_client"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(nudges__lte=2), name="exercises_course_two_nudges"),
            models.CheckConstraint(
                condition=Q(state="held") & ~Q(held_why="") | ~Q(state="held") & Q(held_why=""),
                name="exercises_held_has_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "held"], closed_at__isnull=True)
                | Q(state__in=["finished", "ended"], closed_at__isnull=False),
                name="exercises_course_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"course {self.id}"

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.HELD)


class CourseStep(ScopedModel):
    """One step of a course, with the words of its exercise as they stood when it began."""

    counsellor_path = "course__client__counsellor"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="steps")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(ExerciseVersion, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=16, choices=Mode)
    days = models.PositiveSmallIntegerField(default=0)
    on_date = models.DateField(null=True, blank=True)
    # For WEEKDAYS: 0 is Monday.
    weekdays: Any = models.JSONField(default=list, blank=True)

    class Privacy:
        sealed = ()
        plain = ("id", "course", "client", "position", "version", "mode", "days", "on_date", "weekdays")

    class Meta(ScopedModel.Meta):
        abstract = False
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["course", "position"], name="exercises_course_step_once"),
            models.CheckConstraint(
                condition=Q(mode="on_date", on_date__isnull=False) | ~Q(mode="on_date"), name="exercises_date_is_given"
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.id}"
