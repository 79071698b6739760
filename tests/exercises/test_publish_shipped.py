"""The exercises that ship, published as versions."""

import pytest

from exercises import library
from exercises.models import Exercise, ExerciseVersion
from exercises.publishing import publish_shipped
from tests.exercises.factories import make_assignment

pytestmark = pytest.mark.django_db


def test_publishing_again_adds_nothing() -> None:
    assert len(publish_shipped()) == 5
    assert publish_shipped() == []
    assert (Exercise.objects.count(), ExerciseVersion.objects.count()) == (5, 5)


def test_changed_words_are_a_new_version_and_a_running_assignment_keeps_its_own() -> None:
    publish_shipped()
    first = ExerciseVersion.objects.get(exercise__slug="noticing")
    ExerciseVersion.objects.filter(pk=first.pk).update(title="An older title")
    running = make_assignment(version=first)

    new = publish_shipped()

    assert [(version.exercise.slug, version.number) for version in new] == [("noticing", 2)]
    running.refresh_from_db()
    assert running.version.title == "An older title"


def test_every_exercise_that_ships_has_words_that_the_program_can_ask() -> None:
    publish_shipped()
    for version in ExerciseVersion.objects.all():
        assert all(library.AnswerField.from_json(stored).name for stored in version.fields)
