"""One deed: what ships with Beside, exercises and programmes, is put into the database as the files say."""

from django.db import transaction

from exercises.library import ExerciseText, shipped
from exercises.models import Exercise, ExerciseVersion, Programme, ProgrammeStep
from exercises.programme_texts import ProgrammeText, shipped_programmes


@transaction.atomic
def publish_shipped() -> list[ExerciseVersion]:
    """Publish what ships. Words that changed become a new version; return the versions that are new.

    A programme that changed gets its steps anew: what runs for a client holds copies of its own.
    """
    texts = shipped()
    published = [version for version in map(_publish, texts) if version is not None]
    for programme in shipped_programmes([text.slug for text in texts]):
        _publish_programme(programme)
    return published


def _publish(text: ExerciseText) -> ExerciseVersion | None:
    _make_room(Exercise, text.slug)
    exercise, _ = Exercise.objects.update_or_create(
        slug=text.slug, defaults={"way": text.way, "position": text.position}
    )
    newest = exercise.versions.order_by("-number").first()
    words = text.words()
    if newest is not None and all(getattr(newest, name) == value for name, value in words.items()):
        return None
    return exercise.versions.create(number=newest.number + 1 if newest else 1, **words)


def _publish_programme(text: ProgrammeText) -> None:
    _make_room(Programme, text.slug)
    words = {"title": text.title, "purpose": text.purpose, "position": text.position}
    programme, _ = Programme.objects.get_or_create(slug=text.slug, defaults=words)
    wanted = [(step.exercise, step.mode, step.days) for step in text.steps]
    stands = list(programme.steps.values_list("exercise__slug", "mode", "days"))
    if stands == wanted and all(getattr(programme, name) == value for name, value in words.items()):
        return
    if stands:
        words["version"] = programme.version + 1
    Programme.objects.filter(pk=programme.pk).update(**words)
    programme.steps.all().delete()
    exercises = Exercise.objects.in_bulk([slug for slug, _, _ in wanted], field_name="slug")
    ProgrammeStep.objects.bulk_create(
        ProgrammeStep(programme=programme, position=position, exercise=exercises[slug], mode=mode, days=days)
        for position, (slug, mode, days) in enumerate(wanted, start=1)
    )


def _make_room(model: type[Exercise] | type[Programme], slug: str) -> None:
    """Give somebody's own exercise or programme another slug where what ships by now has the same."""
    own = model._default_manager.filter(slug=slug, made_by__isnull=False).first()
    if own is not None:
        own.slug = f"{slug[:50]}-{str(own.pk)[:8]}"
        own.save(update_fields=["slug"])
