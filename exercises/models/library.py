"""Exercises, and the versions of their words."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from practice.models import User


class Exercise(models.Model):
    """One exercise of the library. Its words live in versions. Without `made_by` it ships with Beside."""

    class Way(models.TextChoices):
        HELPFUL = "helpful", "Focus on what is helpful"
        MINDFUL = "mindful", "Mindful noticing"
        BALANCE = "balance", "Balance in thinking"
        REFLECT = "reflect", "Reflect and write"
        ACT = "act", "Act compassionately"
        HERE = "here", "What is already here"
        SOOTHE = "soothe", "Soothing the body"
        UNDERSTAND = "understand", "How minds work"
        IMAGERY = "imagery", "Imagery"
        FLOW = "flow", "Kindness given and received"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    way = models.CharField(max_length=10, choices=Way)
    position = models.PositiveSmallIntegerField(default=0)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Of somebody's own: whether every counsellor of the practice finds it in the library.
    is_shared = models.BooleanField(default=False)
    based_on = models.ForeignKey(
        "exercises.ExerciseVersion", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Put away it is offered no more; whoever has it keeps it.
    put_away_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager["Exercise"]()

    class Privacy:
        sealed = ()
        plain = ("id", "slug", "way", "position", "made_by", "is_shared", "based_on", "put_away_at")

    class Meta:
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(made_by__isnull=False) | Q(is_shared=False, put_away_at__isnull=True),
                name="exercises_shipped_is_for_all",
            )
        ]

    def __str__(self) -> str:
        return self.slug


class ExerciseVersion(models.Model):
    """The words of an exercise. Never changed once published: new words are a new version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    exercise = models.ForeignKey(Exercise, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    purpose = models.TextField()
    minutes = models.PositiveSmallIntegerField()
    # Markdown, one a step.
    steps = models.JSONField()
    # A whole other way for those whom watching the breath does not help; Markdown, empty where no breath is used.
    instead_of_breath = models.TextField(blank=True, default="")
    # What the client is asked, and parts without an answer (pacer, timer, reading): exercises/library.py, AnswerField.
    fields = models.JSONField()
    # "When might it fit?": suggestions that the counsellor may take into the plan.
    plan_prompts = models.JSONField(default=list, blank=True)
    care = models.TextField(blank=True, default="")
    stop = models.TextField(blank=True, default="")
    sources = models.JSONField(default=list, blank=True)
    # Imagery and letters: not sent before it was practised together without a word of caution.
    wants_together = models.BooleanField(default=False)
    # "Keep it to myself" is chosen beforehand (a first letter is rarely for anyone's eyes).
    stays_private = models.BooleanField(default=False)
    published_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = models.Manager["ExerciseVersion"]()

    class Privacy:
        sealed = ()
        plain = (
            "id", "exercise", "number", "title", "purpose", "minutes", "steps", "instead_of_breath", "fields",
            "plan_prompts", "care", "stop", "sources", "wants_together", "stays_private", "published_at",
        )  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["exercise", "number"], name="exercises_version_once")]

    def __str__(self) -> str:
        return f"{self.exercise_id} v{self.number}"
