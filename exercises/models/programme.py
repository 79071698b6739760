"""Programmes: exercises in an order, and when each comes."""

import uuid

from django.db import models
from django.db.models import Q

from exercises.models.library import Exercise
from practice.models import User


class Mode(models.TextChoices):
    """When a step comes. The first five are those of Quenza's pathways; "the one before" is the step above it."""

    TOGETHER = "together", "Together with the one before"
    WHEN_DONE = "when_done", "When the one before is done"
    DONE_PLUS = "done_plus", "Some days after the one before is done"
    EVERY = "every", "Some days after the one before was sent"
    ON_DATE = "on_date", "On a fixed date"
    AFTER_SESSION = "after_session", "Some days after each session"
    BEFORE_SESSION = "before_session", "The day before the next session"
    # Of one exercise that is repeated: on these days of the week, "daily" being all seven.
    WEEKDAYS = "weekdays", "On these days of the week"


# These take a number of days; what comes after each session may come on its very day.
WITH_DAYS = (Mode.DONE_PLUS, Mode.EVERY, Mode.AFTER_SESSION)
# These come again and again while the course runs.
REPEATING = (Mode.AFTER_SESSION, Mode.WEEKDAYS)


class Programme(models.Model):
    """Exercises in an order. Without `made_by` it ships with Beside. What runs keeps the steps that it began with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    purpose = models.TextField(blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_shared = models.BooleanField(default=False)
    put_away_at = models.DateTimeField(null=True, blank=True)
    # Goes up with every change: a form that began from an older one is stale.
    version = models.PositiveIntegerField(default=1)

    objects = models.Manager["Programme"]()

    class Privacy:
        sealed = ()
        plain = ("id", "slug", "title", "purpose", "position", "made_by", "is_shared", "put_away_at", "version")

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug


class ProgrammeStep(models.Model):
    """One step of a programme: an exercise, and when it comes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=16, choices=Mode)
    # For the modes WITH_DAYS.
    days = models.PositiveSmallIntegerField(default=0)

    objects = models.Manager["ProgrammeStep"]()

    class Privacy:
        sealed = ()
        plain = ("id", "programme", "position", "exercise", "mode", "days")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "position"], name="exercises_step_once"),
            models.CheckConstraint(condition=~Q(mode="weekdays"), name="exercises_step_is_no_repeat"),
        ]

    def __str__(self) -> str:
        return f"step {self.id}"
