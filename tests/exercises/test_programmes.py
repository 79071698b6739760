"""Writing programmes of one's own, and when their steps come, in words."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError

from exercises import authoring_programmes as programmes
from exercises.authoring import NotYours
from exercises.authoring_programmes import NeedsSharing, ProgrammeChanged, StepChoice
from exercises.mode_words import days_in_words, when_it_comes
from exercises.models import Course, CourseStep, Exercise, Mode, Programme
from exercises.services import FormUsed
from practice import clock
from practice.models import AuditEntry, User
from tests.exercises.authoring import make_own, make_programme
from tests.exercises.factories import deeds, make_version, refuse_audit
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


def choices() -> list[StepChoice]:
    names = (("first", Mode.WHEN_DONE, 9), ("second", Mode.EVERY, 3), ("third", Mode.BEFORE_SESSION, 7))
    found = {name: Exercise.objects.filter(slug=name).first() or make_version(name).exercise for name, _, _ in names}
    return [StepChoice(found[name], mode, days) for name, mode, days in names]


def publish(actor: User, programme: Programme | None = None, **changes: Any) -> Programme:
    values: dict[str, Any] = {
        "actor": actor, "programme": programme, "title": "Slow weeks", "purpose": "", "nonce": uuid4(),
        "steps": changes.pop("steps", None) or choices(), **changes,
    }  # fmt: skip
    return programmes.publish_programme(**values)


def steps_of(programme: Programme) -> list[tuple[str, str, int]]:
    return list(programme.steps.values_list("exercise__slug", "mode", "days"))


def test_the_first_step_comes_at_the_start_and_days_count_where_the_mode_has_them() -> None:
    me = make_user()
    programme = publish(me)
    assert (programme.made_by, programme.version, programme.is_shared) == (me, 1, False)
    assert steps_of(programme) == [("first", "together", 0), ("second", "every", 3), ("third", "before_session", 0)]
    assert deeds()[-1:] == ["programme.publish"]


def test_a_change_replaces_the_steps_and_what_runs_keeps_its_own() -> None:
    client = make_client()
    programme = publish(client.counsellor)
    course = Course.unscoped.create(
        client=client, programme=programme, started_by=client.counsellor, personal_line="l", why="w", plan_when="p",
        starts_on=clock.today() + timedelta(days=1),
    )  # fmt: skip
    version = programme.steps.all()[0].exercise.versions.get()
    CourseStep.unscoped.create(course=course, client=client, position=1, version=version, mode="together")
    changed = publish(client.counsellor, programme, begun_from=1, steps=list(reversed(choices())))
    assert (changed.version, [slug for slug, _, _ in steps_of(changed)]) == (2, ["third", "second", "first"])
    assert [step.version for step in course.steps.all()] == [version]


def test_an_unchanged_programme_stays_as_it_is() -> None:
    me = make_user()
    programme = publish(me)
    assert publish(me, programme, begun_from=1).version == 1
    assert deeds().count("programme.publish") == 1


def test_the_same_form_sent_twice_makes_one_programme_and_anothers_is_refused() -> None:
    me, nonce = make_user(), uuid4()
    assert publish(me, nonce=nonce) == publish(me, nonce=nonce)
    with pytest.raises(FormUsed):
        publish(make_user(), nonce=nonce)
    assert Programme.objects.count() == 1


def test_a_form_that_began_from_older_steps_is_refused() -> None:
    me = make_user()
    programme = publish(me)
    publish(me, programme, begun_from=1, title="From the other window")
    with pytest.raises(ProgrammeChanged) as refused:
        publish(me, programme, begun_from=1, title="From this one")
    assert (refused.value.stands.title, refused.value.stands.version) == ("From the other window", 2)


def test_a_programme_needs_a_step() -> None:
    with pytest.raises(ValueError, match="needs a step"):
        programmes.publish_programme(
            actor=make_user(), programme=None, title="Empty", purpose="", steps=[], nonce=uuid4()
        )


@pytest.mark.parametrize("made_by", ["nobody", "another"])
def test_nobody_changes_what_is_not_theirs(made_by: str) -> None:
    programme = make_programme(None if made_by == "nobody" else make_user(), is_shared=made_by == "another")
    me = make_user()
    for deed in (
        programmes.put_programme_away, programmes.offer_programme_again, programmes.share_programme,
        programmes.unshare_programme,
    ):  # fmt: skip
        with pytest.raises(NotYours):
            deed(actor=me, programme=programme)
    with pytest.raises(NotYours):
        publish(me, programme, begun_from=1)


def test_put_away_and_offered_again_once_each() -> None:
    me = make_user()
    programme = make_programme(me)
    for deed in (
        programmes.put_programme_away, programmes.put_programme_away, programmes.offer_programme_again,
        programmes.offer_programme_again,
    ):  # fmt: skip
        deed(actor=me, programme=programme)
    programme.refresh_from_db()
    assert programme.put_away_at is None
    assert deeds()[-2:] == ["programme.put_away", "programme.restore"]


def test_shared_and_kept_to_oneself_once_each() -> None:
    me = make_user()
    programme = make_programme(me)
    for deed in (
        programmes.share_programme, programmes.share_programme, programmes.unshare_programme,
        programmes.unshare_programme,
    ):  # fmt: skip
        deed(actor=me, programme=programme)
    rows = AuditEntry.objects.filter(deed="programme.publish").order_by("id")
    assert [row.detail for row in rows] == [{"is_shared": True}, {"is_shared": False}]


def test_what_the_others_do_not_see_is_in_no_shared_programme() -> None:
    me = make_user()
    own = make_own(me, slug="mine").exercise
    programme = publish(me, steps=[StepChoice(own, Mode.TOGETHER)])
    with pytest.raises(NeedsSharing) as refused:
        programmes.share_programme(actor=me, programme=programme)
    assert refused.value.exercise == own
    shared = make_programme(me, is_shared=True)
    with pytest.raises(NeedsSharing):
        publish(me, shared, begun_from=1, steps=[StepChoice(own, Mode.TOGETHER)])
    assert [slug for slug, _, _ in steps_of(shared)] == ["first", "second"]


def test_without_its_row_in_the_trail_nothing_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    me = make_user()
    programme = make_programme(me)
    before = steps_of(programme)
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        publish(me, programme, begun_from=1)
    with pytest.raises(DatabaseError):
        programmes.put_programme_away(actor=me, programme=programme)
    programme.refresh_from_db()
    assert (programme.version, programme.put_away_at, steps_of(programme)) == (1, None, before)


@pytest.mark.parametrize(
    ("mode", "days", "is_first", "words"),
    [
        ("together", 0, True, "at the start"),
        ("when_done", 0, True, "at the start"),
        ("together", 0, False, "together with the one before"),
        ("when_done", 0, False, "as soon as the one before is done"),
        ("done_plus", 5, False, "five days after the one before is done"),
        ("done_plus", 1, True, "one day after the start"),
        ("every", 21, False, "21 days after the one before was sent"),
        ("on_date", 0, False, "on a date that you choose when it starts"),
        ("after_session", 0, False, "on the day of each session"),
        ("after_session", 2, False, "two days after each session"),
        ("before_session", 0, False, "the day before the next session"),
        ("weekdays", 0, False, "on the days of the week that you choose"),
    ],
)
def test_when_a_step_comes_is_said_in_words(mode: str, days: int, is_first: bool, words: str) -> None:
    assert when_it_comes(mode, days, is_first) == words


def test_a_mode_that_there_is_not_has_no_words() -> None:
    with pytest.raises(ValueError, match="is not a valid Mode"):
        when_it_comes("never")


def test_days_are_words_up_to_twelve() -> None:
    assert [days_in_words(days) for days in (1, 2, 12, 13)] == ["one day", "two days", "twelve days", "13 days"]
