"""A counsellor's deeds on exercises of their own: write, change, put away, offer again, share.

Words that were published never change: a change is a new version, and what is with a client keeps the one it has.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from exercises.models import Exercise, ExerciseVersion, Programme
from exercises.services import FormUsed
from practice import trail
from practice.models import User

# After everything that ships.
OWN_POSITION = 1000
WORDS = (
    "title", "purpose", "minutes", "steps", "instead_of_breath", "fields", "plan_prompts", "care", "stop", "sources",
    "wants_together", "stays_private",
)  # fmt: skip


class ExerciseChanged(Exception):
    """The form began from words that are no longer the newest. `newest` is what stands now."""

    def __init__(self, newest: ExerciseVersion) -> None:
        super().__init__("This exercise was changed elsewhere meanwhile.")
        self.newest = newest


class NotYours(ValueError):
    """What is no member's own, or another's, is not theirs to change: a caller's mistake."""


@transaction.atomic
def publish_words(
    *, actor: User, exercise: Exercise | None, based_on: ExerciseVersion | None, words: Mapping[str, Any], way: str,
    nonce: UUID, begun_from: int = 0,
) -> ExerciseVersion:  # fmt: skip
    """Publish a new exercise (`exercise` is None), or new words of the actor's own; return the newest version.

    `words` are those that a version stores, all of WORDS. `nonce` is the form's number and becomes a new exercise's id:
    the same form sent twice makes one. `begun_from` is the number of the version that the form showed. The same words
    and way leave everything as it is. Locks the exercise. Raise ExerciseChanged or FormUsed, with nothing written.
    """
    if exercise is None:
        exercise = _begin(actor, based_on, str(words["title"]), way, nonce)
    exercise = _own(actor, exercise)
    newest = exercise.versions.order_by("-number").first()
    if newest is not None and exercise.way == way and _says(newest, words):
        return newest
    if newest is not None and newest.number != begun_from:
        raise ExerciseChanged(newest)
    return _publish(actor, exercise, newest, words, way)


@transaction.atomic
def put_away(*, actor: User, exercise: Exercise) -> None:
    """Offer an exercise no more; whoever has it keeps it. Harmless the second time."""
    own = _own(actor, exercise)
    if own.put_away_at is None:
        own.put_away_at = timezone.now()
        own.save(update_fields=["put_away_at"])
        trail.record("exercise.put_away", actor=actor, subject=own)


@transaction.atomic
def offer_again(*, actor: User, exercise: Exercise) -> None:
    """Offer again what was put away. Harmless the second time."""
    own = _own(actor, exercise)
    if own.put_away_at is not None:
        own.put_away_at = None
        own.save(update_fields=["put_away_at"])
        trail.record("exercise.restore", actor=actor, subject=own)


class StillHeld(Exception):
    """A programme that is shared in the practice holds the exercise."""


@transaction.atomic
def share(*, actor: User, exercise: Exercise) -> None:
    """Let every counsellor of the practice find it in the library. Harmless the second time."""
    _set_shared(actor, exercise, is_shared=True)


@transaction.atomic
def unshare(*, actor: User, exercise: Exercise) -> None:
    """Keep it to oneself again; what others copied or gave stays. Harmless the second time.

    Raise StillHeld while a programme that is shared holds it: whoever starts that would read later, private words.
    """
    programmes = Programme.objects.filter(is_shared=True, put_away_at=None, steps__exercise=exercise)
    if _own(actor, exercise).is_shared and programmes.exists():
        raise StillHeld("A programme that is shared holds this exercise.")
    _set_shared(actor, exercise, is_shared=False)


def slug_of(title: str, nonce: UUID) -> str:
    """Return an address for something of one's own: words from its title, and six digits that tell it from others."""
    return "-".join(filter(None, (slugify(title)[:40].strip("-"), nonce.hex[:6])))


def _begin(actor: User, based_on: ExerciseVersion | None, title: str, way: str, nonce: UUID) -> Exercise:
    fresh = {
        "slug": slug_of(title, nonce), "way": way, "position": OWN_POSITION, "made_by": actor, "based_on": based_on,
    }  # fmt: skip
    exercise, _ = Exercise.objects.get_or_create(pk=nonce, defaults=fresh)
    if exercise.made_by_id != actor.pk:
        raise FormUsed("This form was used before. Please open it anew.")
    return exercise


def _publish(
    actor: User, exercise: Exercise, newest: ExerciseVersion | None, words: Mapping[str, Any], way: str
) -> ExerciseVersion:
    if exercise.way != way:
        exercise.way = way
        exercise.save(update_fields=["way"])
    if newest is None or not _says(newest, words):
        number = newest.number + 1 if newest is not None else 1
        newest = exercise.versions.create(number=number, **{name: words[name] for name in WORDS})
    trail.record("exercise.publish", actor=actor, subject=exercise, version=newest.number)
    return newest


def _says(version: ExerciseVersion, words: Mapping[str, Any]) -> bool:
    return all(getattr(version, name) == words[name] for name in WORDS)


def _own(actor: User, exercise: Exercise) -> Exercise:
    """Lock and return the actor's own exercise. Raise NotYours."""
    own = Exercise.objects.select_for_update().get(pk=exercise.pk)
    if own.made_by_id != actor.pk:
        raise NotYours("This exercise is not the actor's own.")
    return own


def _set_shared(actor: User, exercise: Exercise, *, is_shared: bool) -> None:
    own = _own(actor, exercise)
    if own.is_shared != is_shared:
        own.is_shared = is_shared
        own.save(update_fields=["is_shared"])
        trail.record("exercise.publish", actor=actor, subject=own, is_shared=is_shared)
