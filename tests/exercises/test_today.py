"""What Today shows of practice between sessions: what was too much, answers to read, programmes that stand still."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exercises import courses
from exercises.models import Assignment, Course
from exercises.today import today_panel
from practice.models import User
from practice.panels import Panel
from tests.exercises.factories import make_assignment, make_version
from tests.exercises.pages import shown
from tests.exercises.running_courses import make_course
from tests.factories import make_client, make_session, make_user
from vault.services import cache

pytestmark = pytest.mark.django_db
State = Assignment.State


def panel_of(viewer: User) -> Panel:
    panel = today_panel(viewer, None)
    assert panel is not None
    return panel


def told(viewer: User) -> list[tuple[str, str]]:
    return [(row.detail, row.badge.label) for row in panel_of(viewer).context["rows"]]


def answered(counsellor: User, title: str, hours_ago: int, **fields: Any) -> Assignment:
    return make_assignment(
        fields.pop("client", None) or make_client(counsellor), state=fields.pop("state", State.DONE),
        version=fields.pop("version", None) or make_version(f"slug-{title.lower()}", title=title),
        answered_at=timezone.now() - timedelta(hours=hours_ago), **{"answer": {"line": "A secret word"}, **fields},
    )  # fmt: skip


def test_what_waits_to_be_read_stands_the_longest_first() -> None:
    me = make_user()
    answered(me, "Second", 2)
    answered(me, "First", 9)
    answered(me, "Third", 1, state=State.NOT_NOW, answer=None)
    answered(me, "Reviewed", 3, reviewed_at=timezone.now())
    answered(make_user(), "Another's", 3)
    make_assignment(make_client(me))

    assert told(me) == [("First,", "Answered"), ("Second,", "Answered"), ("Third,", "Not this week")]
    assert panel_of(me).needs == 3
    assert "A secret word" not in shown(panel_of(me))


def test_what_was_too_much_stands_before_all_else() -> None:
    me = make_user()
    answered(me, "First", 9)
    fern = make_client(me, name="Fern Testwell", preferred_name="Fern")
    heavy = answered(me, "Breathing", 1, client=fern, state=State.TOO_MUCH, answer=None)

    first = panel_of(me).context["rows"][0]

    assert (first.name, first.detail, first.url) == (
        "Fern", "It was too much: Breathing,", reverse("exercises:assignment", args=[heavy.pk])
    )  # fmt: skip
    assert first.words == "Perhaps ring before the next session."
    assert "Perhaps ring before the next session." in shown(panel_of(me))


def test_a_programme_held_by_it_is_told_once() -> None:
    course = make_course(state=Course.State.HELD, held_why=Course.Why.TOO_MUCH)
    me = course.started_by
    heavy = answered(
        me, "A step", 1, client=course.client, state=State.TOO_MUCH, answer=None, step=course.steps.get(),
        occurrence="once",
    )  # fmt: skip

    assert told(me) == [("It was too much: A step,", "Too much")]
    assert panel_of(me).context["rows"][0].words.endswith("Nothing more of it comes until you say so.")
    Assignment.unscoped.filter(pk=heavy.pk).update(reviewed_at=timezone.now())
    assert told(me) == [("Five weeks", "On hold")]


def test_answers_to_one_exercise_are_one_row() -> None:
    me, version = make_user(), make_version("soothing", title="Soothing rhythm")
    client = make_client(me)
    for hours in (50, 26, 2):
        answered(me, "", hours, client=client, version=version)
    answered(me, "", 30, version=version)

    rows = panel_of(me).context["rows"]

    assert [(row.detail, row.badge.label) for row in rows] == [
        ("Soothing rhythm: 3 answers, the last", "3 to read"), ("Soothing rhythm,", "Answered"),
    ]  # fmt: skip
    assert rows[0].url == reverse("exercises:review_all", args=[client.pk, "soothing"])
    assert panel_of(me).needs == 2


def test_an_exercise_put_off_each_time_has_no_answers() -> None:
    me, version = make_user(), make_version("soothing", title="Soothing rhythm")
    client = make_client(me)
    for hours in (50, 2):
        answered(me, "", hours, client=client, version=version, state=State.NOT_NOW, answer=None)

    assert told(me) == [("Soothing rhythm: “not this week” 2 times, the last", "2 to read")]


def test_a_hold_of_ones_own_needs_nobody() -> None:
    course = make_course(state=Course.State.HELD, held_why=Course.Why.COUNSELLOR)
    assert today_panel(course.started_by, None) is None


def test_a_programme_that_its_client_stopped_is_said_until_they_meet() -> None:
    course = make_course()
    courses.end_course(actor=None, course=course)
    assert told(course.started_by) == [("Five weeks,", "Stopped by them")]

    Course.unscoped.filter(pk=course.pk).update(closed_at=timezone.now() - timedelta(days=3))
    make_session(course.client, timezone.now() - timedelta(days=1))

    assert today_panel(course.started_by, None) is None


def test_a_programme_that_the_counsellor_ended_needs_nobody() -> None:
    course = make_course()
    courses.end_course(actor=course.started_by, course=course)
    assert today_panel(course.started_by, None) is None


def test_a_programme_without_mail_stands_still() -> None:
    course = make_course(make_client(mail_stopped_at=timezone.now()))
    assert told(course.started_by) == [("Five weeks,", "E-mails stopped")]
    ended = make_course(make_client(mail_stopped_at=timezone.now(), state="ended", ended_at=timezone.now()))
    assert today_panel(ended.started_by, None) is None


def test_nothing_stands_where_all_is_read_or_for_an_admin() -> None:
    answered(make_user(), "Another's", 3)
    assert today_panel(make_user(), None) is None
    assert today_panel(make_user("admin"), None) is None


def test_eight_are_shown_and_the_rest_counted() -> None:
    me = make_user()
    for number in range(10):
        answered(me, f"Number {number}", 20 - number)
    panel = panel_of(me)
    assert (len(panel.context["rows"]), panel.needs) == (8, 10)
    assert "and 2 more" in shown(panel)


@pytest.mark.parametrize("rows", [1, 3])
def test_it_takes_as_many_queries_at_any_length(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    me = make_user()
    for number in range(rows):
        answered(me, f"Number {number}", number)
        make_course(make_client(me), state=Course.State.HELD, held_why=Course.Why.TOO_MUCH)
    cache.forget()
    # Answers, courses, their steps and the words of those, and the keys of all names.
    with django_assert_num_queries(5):
        shown(panel_of(me))
