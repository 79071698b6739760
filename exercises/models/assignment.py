"""An exercise given to one client."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from exercises.models.course import GIVEN_WORDS, CourseStep
from exercises.models.library import ExerciseVersion
from practice.models import User
from practice.scoping import ScopedModel
from sessions.models import ClientSession
from vault.fields import SealedTextField

# So long somebody who has begun to write is left in peace: no nudge comes, and no newer one takes its place.
AT_WORK = timedelta(days=1)


class Assignment(ScopedModel):
    """An exercise given to one client, with the counsellor's own line, a why and a plan."""

    vault_owner = "client_id"

    class State(models.TextChoices):
        ASSIGNED = "assigned", "With the client"
        DONE = "done", "Done"
        NOT_NOW = "not_now", "Not this week"
        TOO_MUCH = "too_much", "It was too much"
        WITHDRAWN = "withdrawn", "Withdrawn"
        # A newer one of the same step took its place.
        GONE_BY = "gone_by", "Gone by"

    # The client has said how it stands.
    ANSWERED = (State.DONE, State.NOT_NOW, State.TOO_MUCH)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(ExerciseVersion, on_delete=models.PROTECT, related_name="+")
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # None: given once, by itself.
    step = models.ForeignKey(CourseStep, null=True, blank=True, on_delete=models.CASCADE, related_name="assignments")
    # Which coming of its step this is: "once", a day, or a session's id. Unique, so that nothing comes twice.
    occurrence = models.CharField(max_length=40, blank=True, default="")
    # The session before which it is meant to be done.
    before = models.ForeignKey(ClientSession, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # `due_on` is the day before that session and moves along with it.
    follows_session = models.BooleanField(default=False)
    personal_line = SealedTextField()
    why = SealedTextField()
    plan_when = SealedTextField()
    plan_where = SealedTextField(default="")
    # "What did we learn", written when the answer is reviewed.
    learned = SealedTextField(default="")
    is_practised_together = models.BooleanField(default=False)
    # None: as the exercise says.
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    # How many friendly reminders may follow its mail; at most two.
    nudges = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.ASSIGNED)
    assigned_at = models.DateTimeField(default=timezone.now, editable=False)
    # By a button on the page behind the link; a mail scanner opens nothing.
    opened_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = (*GIVEN_WORDS, "learned")
        plain = (
            "id", "client", "version", "assigned_by", "step", "occurrence", "before", "follows_session",
            "is_practised_together", "minutes", "nudges", "due_on", "state", "assigned_at", "opened_at", "started_at",
            "answered_at", "reviewed_at",
        )  # fmt: skip

    class Meta(ScopedModel.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["client", "assigned_at"], name="exercises_of_client"),
            models.Index(fields=["state"], condition=Q(state="assigned"), name="exercises_with_client"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["assigned", "withdrawn", "gone_by"], answered_at__isnull=True)
                | Q(state__in=["done", "not_now", "too_much"], answered_at__isnull=False),
                name="exercises_answered_has_time",
            ),
            models.CheckConstraint(condition=Q(nudges__lte=2), name="exercises_two_nudges"),
            models.CheckConstraint(
                condition=Q(step__isnull=True, occurrence="") | Q(step__isnull=False) & ~Q(occurrence=""),
                name="exercises_occurrence_of_step",
            ),
            models.UniqueConstraint(fields=["step", "occurrence"], name="exercises_occurrence_once"),
        ]

    def __str__(self) -> str:
        return f"assignment {self.id}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.ASSIGNED

    @property
    def is_to_review(self) -> bool:
        return self.answered_at is not None and self.reviewed_at is None

    @property
    def is_at_work(self) -> bool:
        """Return whether the client has written in it within the last day, and not sent it."""
        draft = getattr(self, "draft", None)
        return self.is_open and draft is not None and timezone.now() - draft.saved_at < AT_WORK

    @property
    def is_past_its_day(self) -> bool:
        """Return whether the day before which it was best done has gone by: then no page names it any more."""
        return self.due_on < timezone.localdate()

    @property
    def takes(self) -> int:
        """Return the minutes that it is meant to take."""
        return self.minutes or self.version.minutes
