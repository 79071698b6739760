"""What a counsellor finds in the library, and what stays hidden."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exercises import catalogue
from exercises.models import Assignment, Exercise
from tests.exercises.authoring import make_own, make_programme
from tests.exercises.factories import make_assignment, make_version
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


def slugs(versions: object) -> list[str]:
    return [version.exercise.slug for version in versions]  # type: ignore[attr-defined]


def test_the_library_holds_what_ships_ones_own_and_what_is_shared() -> None:
    me, other = make_user(), make_user()
    make_version("ships")
    make_own(me, slug="mine")
    make_own(other, slug="theirs-alone")
    make_own(other, slug="theirs-shared", is_shared=True)
    assert slugs(catalogue.library_of(me)) == ["ships", "mine", "theirs-shared"]


def test_the_newest_words_alone_are_found() -> None:
    me = make_user()
    make_version("ships", title="Older words")
    make_version("ships", title="Newer words")
    assert [version.title for version in catalogue.library_of(me)] == ["Newer words"]


def test_what_is_put_away_is_ones_own_to_look_at_and_nobody_gives_it() -> None:
    me, other = make_user(), make_user()
    make_own(me, slug="away", is_shared=True, put_away_at=timezone.now())
    assert slugs(catalogue.library_of(me)) == slugs(catalogue.library_of(other)) == []
    assert slugs(catalogue.versions_for(me)) == ["away"]
    assert slugs(catalogue.versions_for(other)) == []
    assert slugs(catalogue.own_of(me, put_away=True)) == ["away"]
    assert slugs(catalogue.own_of(me)) == []


def test_what_another_has_not_shared_is_theirs_alone() -> None:
    me, other = make_user(), make_user()
    make_own(other, slug="theirs", is_shared=True)
    make_own(other, slug="hidden")
    assert slugs(catalogue.versions_for(me)) == ["theirs"]
    assert sorted(slugs(catalogue.versions_for(other))) == ["hidden", "theirs"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_library_is_one_query(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    me = make_user()
    for number in range(rows):
        make_own(me, slug=f"own-{number}")
    with django_assert_num_queries(1):
        assert [version.exercise.made_by for version in catalogue.library_of(me)] == [me] * rows


@pytest.mark.parametrize("rows", [1, 3])
def test_programmes_are_two_queries_with_their_steps(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    me = make_user()
    for number in range(rows):
        make_programme(me, slug=f"own-{number}")
    with django_assert_num_queries(2):
        found = [[getattr(step, "title") for step in row.steps.all()] for row in catalogue.programmes_of(me)]  # noqa: B009
    assert found == [["A quiet minute", "A quiet minute"]] * rows


def test_programmes_are_found_as_exercises_are() -> None:
    me, other = make_user(), make_user()
    make_programme(None, slug="ships")
    make_programme(other, slug="theirs")
    make_programme(other, slug="shared", is_shared=True)
    make_programme(me, slug="away", put_away_at=timezone.now())
    assert [row.slug for row in catalogue.programmes_of(me)] == ["ships", "shared"]
    assert [row.slug for row in catalogue.programmes_for(me)] == ["ships", "away", "shared"]
    assert [row.slug for row in catalogue.own_programmes(me)] == ["away"]


def test_older_words_are_counted_once_a_client_and_for_ones_own_clients_alone() -> None:
    mine = make_client()
    older = make_version("ships")
    make_assignment(mine, version=older)
    make_assignment(mine, version=older)
    make_assignment(make_client(), version=older)
    make_assignment(make_client(mine.counsellor), version=older, state=Assignment.State.DONE)
    newest = make_version("ships", published_at=timezone.now() + timedelta(seconds=1))
    make_assignment(make_client(mine.counsellor), version=newest)
    assert catalogue.with_older(mine.counsellor, newest) == 1


def test_a_programme_may_be_made_of_the_library_and_of_what_it_holds_already() -> None:
    me = make_user()
    programme = make_programme(me)
    Exercise.objects.filter(slug="first").update(made_by=me, put_away_at=timezone.now())
    held = catalogue.own_programmes(me).get(pk=programme.pk)
    assert list(catalogue.steps_to_choose(me)) == ["second"]
    labels = {slug: label for slug, (_, label) in catalogue.steps_to_choose(me, held).items()}
    assert labels == {"second": "A quiet minute", "first": "A quiet minute (put away)"}
