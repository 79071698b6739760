"""A counsellor's deeds on programmes of their own. What runs for a client holds copies of the steps, and runs on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from exercises.authoring import OWN_POSITION, NotYours, slug_of
from exercises.models import Exercise, Mode, Programme, ProgrammeStep
from exercises.models.programme import WITH_DAYS
from exercises.services import FormUsed
from practice import trail
from practice.models import User


@dataclass(frozen=True)
class StepChoice:
    """One step as it is wished for: which exercise, and when it comes. Days count for the modes WITH_DAYS alone."""

    exercise: Exercise
    mode: Mode
    days: int = 0


class ProgrammeChanged(Exception):
    """The form began from steps that are no longer the newest. `stands` is the programme as it is now."""

    def __init__(self, stands: Programme) -> None:
        super().__init__("This programme was changed elsewhere meanwhile.")
        self.stands = stands


class NeedsSharing(Exception):
    """A programme with an exercise in it that the others do not see cannot be shared. `exercise` is the first such."""

    def __init__(self, exercise: Exercise) -> None:
        super().__init__("An exercise of this programme is not shared.")
        self.exercise = exercise


@transaction.atomic
def publish_programme(
    *, actor: User, programme: Programme | None, title: str, purpose: str, steps: Sequence[StepChoice], nonce: UUID,
    begun_from: int = 0,
) -> Programme:  # fmt: skip
    """Write a new programme (`programme` is None), or change one of the actor's own: its steps are replaced.

    The first step comes at the start, whatever its mode says. `nonce` becomes a new programme's id: the same form sent
    twice makes one. `begun_from` is the version that the form showed. Locks the programme. Raise ProgrammeChanged,
    NeedsSharing where a shared one would hold an exercise that the others do not see, FormUsed.
    """
    if not steps:
        raise ValueError("A programme needs a step.")
    fresh = {"slug": slug_of(title, nonce), "title": title, "purpose": purpose, "position": OWN_POSITION}
    if programme is None:
        programme, _ = Programme.objects.get_or_create(pk=nonce, defaults={**fresh, "made_by": actor})
        if programme.made_by_id != actor.pk:
            raise FormUsed("This form was used before. Please open it anew.")
    own = _own(actor, programme)
    wanted = _rows(own, steps)
    stands = list(own.steps.values_list("exercise_id", "mode", "days"))
    if (own.title, own.purpose) == (title, purpose) and stands == [(s.exercise_id, s.mode, s.days) for s in wanted]:
        return own
    if stands and own.version != begun_from:
        raise ProgrammeChanged(own)
    if own.is_shared:
        _may_be_shared([step.exercise for step in steps])
    own.title, own.purpose, own.version = title, purpose, own.version + (1 if stands else 0)
    own.save(update_fields=["title", "purpose", "version"])
    own.steps.all().delete()
    ProgrammeStep.objects.bulk_create(wanted)
    trail.record("programme.publish", actor=actor, subject=own, version=own.version)
    return own


@transaction.atomic
def put_programme_away(*, actor: User, programme: Programme) -> None:
    """Offer a programme no more; where it runs, it runs on. Harmless the second time."""
    own = _own(actor, programme)
    if own.put_away_at is None:
        own.put_away_at = timezone.now()
        own.save(update_fields=["put_away_at"])
        trail.record("programme.put_away", actor=actor, subject=own)


@transaction.atomic
def offer_programme_again(*, actor: User, programme: Programme) -> None:
    """Offer again what was put away. Harmless the second time."""
    own = _own(actor, programme)
    if own.put_away_at is not None:
        own.put_away_at = None
        own.save(update_fields=["put_away_at"])
        trail.record("programme.restore", actor=actor, subject=own)


@transaction.atomic
def share_programme(*, actor: User, programme: Programme) -> None:
    """Let every counsellor of the practice find it. Raise NeedsSharing; harmless the second time."""
    own = _own(actor, programme)
    if not own.is_shared:
        _may_be_shared([step.exercise for step in own.steps.select_related("exercise")])
        _set_shared(actor, own, is_shared=True)


@transaction.atomic
def unshare_programme(*, actor: User, programme: Programme) -> None:
    """Keep it to oneself again; where others run it, it runs on. Harmless the second time."""
    own = _own(actor, programme)
    if own.is_shared:
        _set_shared(actor, own, is_shared=False)


def _own(actor: User, programme: Programme) -> Programme:
    """Lock and return the actor's own programme. Raise NotYours."""
    own = Programme.objects.select_for_update().get(pk=programme.pk)
    if own.made_by_id != actor.pk:
        raise NotYours("This programme is not the actor's own.")
    return own


def _rows(programme: Programme, steps: Sequence[StepChoice]) -> list[ProgrammeStep]:
    return [
        ProgrammeStep(
            programme=programme,
            position=position,
            exercise=step.exercise,
            mode=step.mode if position > 1 else Mode.TOGETHER,
            days=step.days if position > 1 and step.mode in WITH_DAYS else 0,
        )
        for position, step in enumerate(steps, start=1)
    ]


def _may_be_shared(exercises: Sequence[Exercise]) -> None:
    for exercise in exercises:
        if exercise.made_by_id is not None and not exercise.is_shared:
            raise NeedsSharing(exercise)


def _set_shared(actor: User, programme: Programme, *, is_shared: bool) -> None:
    programme.is_shared = is_shared
    programme.save(update_fields=["is_shared"])
    trail.record("programme.publish", actor=actor, subject=programme, is_shared=is_shared)
