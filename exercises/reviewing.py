"""Several answers of one exercise, read together and reviewed in one go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from clients.models import Client
from exercises.answers import open_answer
from exercises.models import Assignment
from exercises.selectors import Badge, Reply, assignments, badge_of, reply_of, to_review
from exercises.services import NothingToReview
from practice import trail
from practice.models import User


@dataclass(frozen=True)
class Read:
    """One of several answers that are read together."""

    assignment: Assignment
    badge: Badge
    reply: Reply | None


def waiting_of(viewer: User, client: Client, slug: str) -> QuerySet[Assignment]:
    """Return what came back of one exercise from a client and waits to be read, the latest first."""
    return to_review(viewer).filter(client=client, version__exercise__slug=slug).order_by("-answered_at")


def waiting_besides(viewer: User, assignment: Assignment) -> int:
    """Return how many more answers of the same exercise wait to be read."""
    waiting = to_review(viewer).filter(client=assignment.client_id, version__exercise=assignment.version.exercise_id)
    return waiting.exclude(pk=assignment.pk).count()


def read_together(viewer: User, waiting: Sequence[Assignment]) -> list[Read]:
    """Open answers; each with words in it leaves the trace of being read."""
    rows = [Read(each, badge_of(each), reply_of(each)) for each in waiting]
    for row in rows:
        if row.reply is not None and row.reply.told:
            open_answer(actor=viewer, assignment=row.assignment)
    return rows


@transaction.atomic
def review_all(*, actor: User, client: Client, shown: Collection[UUID], learned: str) -> list[Assignment]:
    """Mark as reviewed those of the shown answers that still wait, and return them; the latest keeps what was learned.

    What came in meanwhile was not read and goes on waiting. Locks the assignments. Raise NothingToReview where none of
    them waits.
    """
    rows = assignments(actor).filter(client=client, pk__in=list(shown), answered_at__isnull=False, reviewed_at=None)
    waiting = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
    if not waiting:
        raise NothingToReview("None of these waits to be reviewed.")
    latest = max(waiting, key=lambda each: (each.answered_at or each.assigned_at, each.pk))
    now = timezone.now()
    for each in waiting:
        each.reviewed_at = now
        if each is latest:
            each.learned = learned
        each.save(update_fields=["reviewed_at", "learned"] if each is latest else ["reviewed_at"])
    for each in waiting:
        trail.record("exercise.review", actor=actor, subject=each, reference=client.reference)
    return waiting
