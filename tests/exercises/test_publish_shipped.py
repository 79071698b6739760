"""The exercises and programmes that ship, published."""

from pathlib import Path

import pytest

from exercises import programme_texts
from exercises.library import AnswerField, LibraryError, shipped
from exercises.models import Exercise, ExerciseVersion, Programme, ProgrammeStep
from exercises.publishing import publish_shipped
from practice.models import AuditEntry
from tests.exercises.factories import make_assignment
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ALL = len(shipped())


def steps_of(slug: str) -> list[tuple[int, str, str, int]]:
    steps = ProgrammeStep.objects.filter(programme__slug=slug)
    return list(steps.values_list("position", "exercise__slug", "mode", "days"))


def test_publishing_again_changes_nothing() -> None:
    assert len(publish_shipped()) == ALL
    step_ids = set(ProgrammeStep.objects.values_list("pk", flat=True))

    assert publish_shipped() == []

    assert (Exercise.objects.count(), ExerciseVersion.objects.count()) == (ALL, ALL)
    assert set(ProgrammeStep.objects.values_list("pk", flat=True)) == step_ids
    assert set(Programme.objects.values_list("version", flat=True)) == {1}


def test_what_ships_is_made_by_nobody_and_leaves_no_trace_in_the_trail() -> None:
    publish_shipped()
    assert set(Exercise.objects.values_list("made_by", flat=True)) == {None}
    assert set(Programme.objects.values_list("made_by", flat=True)) == {None}
    assert AuditEntry.objects.count() == 0


def test_changed_words_are_a_new_version_and_a_running_assignment_keeps_its_own() -> None:
    publish_shipped()
    first = ExerciseVersion.objects.get(exercise__slug="noticing")
    ExerciseVersion.objects.filter(pk=first.pk).update(title="An older title")
    running = make_assignment(version=first)

    new = publish_shipped()

    assert [(version.exercise.slug, version.number) for version in new] == [("noticing", 2)]
    running.refresh_from_db()
    assert running.version.title == "An older title"


@pytest.mark.parametrize("change", [{"plan_prompts": []}, {"wants_together": True}, {"stays_private": True}])
def test_every_part_of_the_words_counts_as_a_change(change: dict[str, object]) -> None:
    publish_shipped()
    ExerciseVersion.objects.filter(exercise__slug="noticing").update(**change)
    assert [version.exercise.slug for version in publish_shipped()] == ["noticing"]


def test_every_exercise_that_ships_has_words_that_the_program_can_ask() -> None:
    publish_shipped()
    stored = [field for version in ExerciseVersion.objects.all() for field in version.fields]
    assert [AnswerField.from_json(each).as_json() for each in stored] == stored


def test_a_programme_is_published_with_its_steps() -> None:
    publish_shipped()
    programme = Programme.objects.get(slug="five-weeks")
    assert (programme.title, programme.position) == ("Five weeks of compassion", 1)
    steps = steps_of("five-weeks")
    assert steps[:2] == [(1, "soothing-rhythm", "together", 0), (2, "three-circles", "every", 3)]
    assert steps[-1] == (10, "already-here", "before_session", 0)


def test_a_programme_whose_steps_changed_gets_them_anew_and_a_higher_version() -> None:
    publish_shipped()
    wanted = steps_of("five-weeks")
    ProgrammeStep.objects.filter(programme__slug="five-weeks", position=10).delete()
    ProgrammeStep.objects.filter(programme__slug="five-weeks", position=2).update(days=9)

    assert publish_shipped() == []

    assert steps_of("five-weeks") == wanted
    versions = dict(Programme.objects.values_list("slug", "version"))
    assert versions == {"five-weeks": 2, "two-gentle-weeks": 1}


def test_a_programme_whose_words_changed_has_a_higher_version() -> None:
    publish_shipped()
    Programme.objects.filter(slug="five-weeks").update(title="Older")
    publish_shipped()
    programme = Programme.objects.get(slug="five-weeks")
    assert (programme.title, programme.version) == ("Five weeks of compassion", 2)


def test_somebodys_own_of_the_same_slug_stays_theirs_under_another() -> None:
    mine = Exercise.objects.create(slug="noticing", way=Exercise.Way.ACT, made_by=make_user())
    plan = Programme.objects.create(slug="five-weeks", title="My five weeks", made_by=make_user())

    publish_shipped()

    mine.refresh_from_db()
    plan.refresh_from_db()
    assert (mine.slug, mine.way) == (f"noticing-{str(mine.pk)[:8]}", "act")
    assert (plan.slug, plan.title) == (f"five-weeks-{str(plan.pk)[:8]}", "My five weeks")
    assert Exercise.objects.get(slug="noticing").made_by is None
    assert mine.versions.count() == 0


def test_a_broken_programme_publishes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.toml").write_text("slug = ")
    monkeypatch.setattr(programme_texts.shipped_programmes, "__defaults__", (tmp_path,))
    with pytest.raises(LibraryError, match=r"broken\.toml"):
        publish_shipped()
    assert Exercise.objects.count() == 0
