"""Writing exercises of one's own: new ones, new versions, putting away, sharing; each with its row in the trail."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError

from exercises import authoring
from exercises.authoring import ExerciseChanged, NotYours
from exercises.models import Exercise, ExerciseVersion
from exercises.services import FormUsed
from practice.models import AuditEntry, User
from tests.exercises.authoring import WORDS, make_own
from tests.exercises.factories import deeds, make_assignment, make_version, refuse_audit
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


def publish(actor: User, exercise: Exercise | None = None, **changes: Any) -> ExerciseVersion:
    values: dict[str, Any] = {
        "actor": actor, "exercise": exercise, "based_on": None, "words": WORDS, "way": "mindful", "nonce": uuid4(),
        **changes,
    }  # fmt: skip
    return authoring.publish_words(**values)


def test_a_new_exercise_is_its_writers_own() -> None:
    me, source = make_user(), make_version("ships")
    version = publish(me, based_on=source)
    exercise = version.exercise
    assert (exercise.made_by, exercise.based_on, exercise.is_shared, exercise.way) == (me, source, False, "mindful")
    assert (version.number, {name: getattr(version, name) for name in WORDS}) == (1, WORDS)
    assert deeds()[-1:] == ["exercise.publish"]


def test_its_address_is_made_of_its_title_and_six_digits() -> None:
    nonce = uuid4()
    version = publish(
        make_user(), nonce=nonce, words={**WORDS, "title": "Tea & a very long look out of the kitchen window"}
    )
    assert version.exercise.slug == f"tea-a-very-long-look-out-of-the-kitchen-{nonce.hex[:6]}"
    assert authoring.slug_of("茶", nonce) == nonce.hex[:6]


def test_new_words_are_a_new_version_and_what_is_with_a_client_keeps_its_own() -> None:
    client = make_client()
    older = make_own(client.counsellor)
    given = make_assignment(client, version=older)
    newest = publish(client.counsellor, older.exercise, begun_from=1, words={**WORDS, "title": "Another title"})
    given.refresh_from_db()
    assert (newest.number, newest.title, given.version.title) == (2, "Another title", "A quiet minute")


def test_unchanged_words_are_no_new_version() -> None:
    me = make_user()
    first = publish(me)
    again = publish(me, first.exercise, begun_from=1)
    assert (again, first.exercise.versions.count()) == (first, 1)
    assert deeds().count("exercise.publish") == 1


def test_another_place_in_the_library_is_no_new_version() -> None:
    me = make_user()
    first = publish(me)
    again = publish(me, first.exercise, begun_from=1, way="act")
    assert (again, Exercise.objects.get(pk=first.exercise_id).way) == (first, "act")
    assert deeds().count("exercise.publish") == 2


def test_the_same_form_sent_twice_makes_one_exercise() -> None:
    me, nonce = make_user(), uuid4()
    first, second = publish(me, nonce=nonce), publish(me, nonce=nonce)
    assert (first, Exercise.objects.count()) == (second, 1)


def test_the_number_of_anothers_form_is_refused() -> None:
    nonce = uuid4()
    publish(make_user(), nonce=nonce)
    with pytest.raises(FormUsed):
        publish(make_user(), nonce=nonce)


def test_a_form_that_began_from_older_words_is_refused_with_what_stands_now() -> None:
    me = make_user()
    exercise = publish(me).exercise
    newest = publish(me, exercise, begun_from=1, words={**WORDS, "title": "From the other window"})
    with pytest.raises(ExerciseChanged) as refused:
        publish(me, exercise, begun_from=1, words={**WORDS, "title": "From this one"})
    assert (refused.value.newest, exercise.versions.count()) == (newest, 2)


@pytest.mark.parametrize("kind", ["ships", "another's"])
def test_nobody_changes_what_is_not_theirs(kind: str) -> None:
    version = make_version("ships") if kind == "ships" else make_own(make_user(), is_shared=True)
    me = make_user()
    for deed in (authoring.put_away, authoring.offer_again, authoring.share, authoring.unshare):
        with pytest.raises(NotYours):
            deed(actor=me, exercise=version.exercise)
    with pytest.raises(NotYours):
        publish(me, version.exercise, begun_from=1)
    assert version.exercise.versions.count() == 1


def test_put_away_and_offered_again_once_each() -> None:
    me = make_user()
    exercise = make_own(me).exercise
    for deed in (authoring.put_away, authoring.put_away, authoring.offer_again, authoring.offer_again):
        deed(actor=me, exercise=exercise)
    exercise.refresh_from_db()
    assert exercise.put_away_at is None
    assert deeds()[-2:] == ["exercise.put_away", "exercise.restore"]


def test_shared_and_kept_to_oneself_once_each() -> None:
    me = make_user()
    exercise = make_own(me).exercise
    for deed in (authoring.share, authoring.share, authoring.unshare, authoring.unshare):
        deed(actor=me, exercise=exercise)
    rows = AuditEntry.objects.filter(deed="exercise.publish").order_by("id")
    assert [row.detail for row in rows] == [{"is_shared": True}, {"is_shared": False}]
    assert {(row.subject_id, row.reference) for row in rows} == {(exercise.pk, "")}


@pytest.mark.parametrize("name", ["publish", "change", "put_away", "share"])
def test_without_its_row_in_the_trail_nothing_is_saved(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    me = make_user()
    exercise = make_own(me).exercise
    refuse_audit(monkeypatch)
    tries: dict[str, Callable[[], object]] = {
        "publish": partial(publish, me),
        "change": partial(publish, me, exercise, begun_from=1),
        "put_away": partial(authoring.put_away, actor=me, exercise=exercise),
        "share": partial(authoring.share, actor=me, exercise=exercise),
    }
    with pytest.raises(DatabaseError):
        tries[name]()
    exercise.refresh_from_db()
    assert (Exercise.objects.count(), ExerciseVersion.objects.count()) == (1, 1)
    assert (exercise.put_away_at, exercise.is_shared) == (None, False)
