"""Exercises, the versions of their text, what was assigned to whom, and what came back."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from practice.models import User
from practice.scoping import ScopedModel
from sessions.models import ClientSession
from vault.fields import SealedJSONField, SealedTextField


class Exercise(models.Model):
    """One exercise of the library. Its words live in versions."""

    class Way(models.TextChoices):
        HELPFUL = "helpful", "Focus on what is helpful"
        MINDFUL = "mindful", "Mindful noticing"
        BALANCE = "balance", "Balance in thinking"
        REFLECT = "reflect", "Reflect and write"
        ACT = "act", "Act compassionately"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    way = models.CharField(max_length=10, choices=Way)
    position = models.PositiveSmallIntegerField(default=0)

    objects = models.Manager["Exercise"]()

    class Privacy:
        sealed = ()
        plain = ("id", "slug", "way", "position")

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug


class ExerciseVersion(models.Model):
    """The words of an exercise. Never changed once assigned: new words are a new version."""

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
    # Answer fields: [{"name", "kind", "label", "help", "low", "high", "options"}], see exercises/library.
    fields = models.JSONField()
    care = models.TextField(blank=True, default="")
    stop = models.TextField(blank=True, default="")
    sources = models.JSONField(default=list)
    published_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = models.Manager["ExerciseVersion"]()

    class Privacy:
        sealed = ()
        plain = (
            "id", "exercise", "number", "title", "purpose", "minutes", "steps", "instead_of_breath", "fields", "care",
            "stop", "sources", "published_at",
        )  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["exercise", "number"], name="exercises_version_once")]

    def __str__(self) -> str:
        return f"{self.exercise_id} v{self.number}"


class Assignment(ScopedModel):
    """An exercise given to one client, with the counsellor's own line, a why and a plan."""

    vault_owner = "client_id"

    class State(models.TextChoices):
        ASSIGNED = "assigned", "With the client"
        DONE = "done", "Done"
        NOT_NOW = "not_now", "Not this week"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(ExerciseVersion, on_delete=models.PROTECT, related_name="+")
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # The session before which it is meant to be done.
    before = models.ForeignKey(ClientSession, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    personal_line = SealedTextField()
    why = SealedTextField()
    plan_when = SealedTextField()
    plan_where = SealedTextField(default="")
    # "What did we learn", written when the answer is reviewed.
    learned = SealedTextField(default="")
    is_practised_together = models.BooleanField(default=False)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.ASSIGNED)
    assigned_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = ("personal_line", "why", "plan_when", "plan_where", "learned")
        plain = (
            "id", "client", "version", "assigned_by", "before", "is_practised_together", "due_on", "state",
            "assigned_at", "answered_at", "reviewed_at",
        )  # fmt: skip

    class Meta(ScopedModel.Meta):
        abstract = False
        indexes = [models.Index(fields=["client", "assigned_at"], name="exercises_of_client")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["assigned", "withdrawn"], answered_at__isnull=True)
                | Q(state__in=["done", "not_now"], answered_at__isnull=False),
                name="exercises_answered_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"assignment {self.id}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.ASSIGNED

    @property
    def is_to_review(self) -> bool:
        return self.answered_at is not None and self.reviewed_at is None


class Answer(ScopedModel):
    """What the client sent. Where they only said that they did it, no words are kept."""

    counsellor_path = "assignment__client__counsellor"
    vault_owner = "client_id"

    class Sharing(models.TextChoices):
        SHARED = "shared", "Shared with the counsellor"
        DONE_ONLY = "done_only", "Only said that it was done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="answer")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    sharing = models.CharField(max_length=10, choices=Sharing)
    # {field name: text, number, option, or list of options}; {} where only "done" was said.
    values: Any = SealedJSONField()
    sent_at = models.DateTimeField(default=timezone.now, editable=False)

    class Privacy:
        sealed = ("values",)
        plain = ("id", "assignment", "client", "sharing", "sent_at")

    class Meta(ScopedModel.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"answer {self.id}"
