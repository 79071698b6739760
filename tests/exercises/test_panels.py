"""What exercises show on a client's record, on a session's page and in the timeline."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.timeline import timeline_of
from exercises import panels
from exercises.models import Assignment, Course
from practice import clock
from practice.models import AuditEntry
from practice.panels import Page, panels_for
from tests.exercises.factories import browser_of, make_assignment, make_version
from tests.exercises.pages import shown
from tests.exercises.running_courses import make_course
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db
State = Assignment.State


def titles(rows: list[dict[str, Any]]) -> list[str]:
    return [row["version"].title for row in rows]


# --- a client's record ------------------------------------------------------------------------------------
def test_the_record_shows_what_a_client_was_given_newest_first() -> None:
    client, now = make_client(), timezone.now()
    for days, title, state in ((5, "Older", State.DONE), (3, "Newer", State.GONE_BY), (1, "Now", State.ASSIGNED)):
        make_assignment(client, version=make_version(title=title), assigned_at=now - timedelta(days=days), state=state)
    make_assignment(make_client(client.counsellor))
    panel = panels.client_panel(client.counsellor, client)
    assert panel is not None
    assert (titles(panel.context["with_them"]), titles(panel.context["rows"])) == (["Now"], ["Newer", "Older"])
    assert "With the client" in shown(panel)


def test_the_record_shows_what_runs_and_what_comes_next() -> None:
    client, now = make_client(), timezone.now()
    course = make_course(client, started_at=now - timedelta(hours=2))
    make_course(client, title="A held one", state=Course.State.HELD, held_why=Course.Why.COUNSELLOR)
    make_course(client, title="An old one", state=Course.State.ENDED, closed_at=now)
    day = clock.today() + timedelta(days=5)

    panel = panels.client_panel(client.counsellor, client)

    assert panel is not None
    assert [(coming.title, coming.phrase) for coming in panel.context["running"]] == [
        ("A held one", "On hold"), ("Five weeks", f"Next: {day:%A} {day.day} {day:%B}"),
    ]  # fmt: skip
    assert f'href="{reverse("exercises:course", args=[course.pk])}"' in shown(panel)


def test_the_record_leads_to_how_it_has_gone_once_something_came_back() -> None:
    client = make_client()
    make_assignment(client)
    url = reverse("exercises:progress", args=[client.pk])
    before = shown(panels.client_panel(client.counsellor, client))
    make_assignment(client, state=State.NOT_NOW)
    after = shown(panels.client_panel(client.counsellor, client))
    assert [url in text for text in (before, after)] == [False, True]


def test_the_record_folds_what_is_older() -> None:
    client = make_client()
    for _ in range(10):
        make_assignment(client, state=State.NOT_NOW)
    assert "2 older" in shown(panels.client_panel(client.counsellor, client))


def test_an_empty_record_offers_the_first_exercise_while_the_work_goes_on() -> None:
    client = make_client()
    ended = make_client(client.counsellor, state="ended", ended_at=timezone.now())
    assert f'href="/exercises/assign/{client.pk}/"' in shown(panels.client_panel(client.counsellor, client))
    assert "Nothing was sent" in shown(panels.client_panel(client.counsellor, ended))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_record_takes_as_many_queries_at_any_length(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = make_client()
    for _ in range(rows):
        make_assignment(client, state=State.DONE, answer={})
        make_course(client)
    # What was given; courses with steps and their words; the same for the rules with what came, sessions, the practice.
    with django_assert_num_queries(9):
        shown(panels.client_panel(client.counsellor, client))


# --- a session --------------------------------------------------------------------------------------------
def test_a_session_shows_the_practice_since_the_previous_one_and_what_came_back() -> None:
    client, now = make_client(), timezone.now()
    session = make_session(client)
    make_session(client, now - timedelta(days=7), status="attended")
    make_assignment(client, version=make_version(title="Earlier"), assigned_at=now - timedelta(days=9))
    make_assignment(client, version=make_version(title="Also"), assigned_at=now - timedelta(days=3))
    make_assignment(client, version=make_version(title="Taken back"), state=State.WITHDRAWN)
    make_assignment(
        client, version=make_version(title="Last"), assigned_at=now - timedelta(days=2), state=State.DONE,
        answer={"line": "You again", "helpful": 7}, learned="It is tired.", reviewed_at=now,
    )  # fmt: skip
    make_assignment(client, version=make_version(title="Later"), assigned_at=now + timedelta(days=2))
    text = shown(panels.session_panel(client.counsellor, session))
    for words in ("Last", "You again", "7", "What we learned", "It is tired.", "Also since last time: 1", "Also<"):
        assert words in text
    assert [title for title in ("Earlier", "Taken back", "Later") if title in text] == []


def test_a_session_offers_the_review_where_it_waits() -> None:
    client = make_client()
    session = make_session(client)
    make_assignment(client, state=State.DONE, answer={}, sharing="done_only")
    text = shown(panels.session_panel(client.counsellor, session))
    assert ("kept what they wrote to themselves" in text, "Review it together" in text) == (True, True)


@pytest.mark.parametrize(
    ("answer", "sharing", "rows"), [({"line": "Hello, old friend"}, "shared", 1), ({}, "done_only", 0)]
)
def test_an_answer_shown_before_a_session_leaves_the_trace_of_being_read(
    answer: dict[str, str], sharing: str, rows: int
) -> None:
    session = make_session()
    given = make_assignment(session.client, state=State.DONE, answer=answer, sharing=sharing)
    page = browser_of(session.counsellor).get(reverse("sessions:detail", args=[session.pk]))
    assert ("Hello, old friend" in page.content.decode()) == bool(rows)
    traces = AuditEntry.objects.values_list("deed", "actor", "subject_id", "reference")
    assert list(traces) == [("answer.read", session.counsellor_id, given.pk, session.client.reference)] * rows


def test_a_session_without_practice_shows_nothing() -> None:
    session = make_session()
    assert panels.session_panel(session.counsellor, session) is None


# --- the timeline -------------------------------------------------------------------------------------------
def test_the_timeline_has_what_was_given_and_what_came_back() -> None:
    client, now = make_client(), timezone.now()
    for hours, state, answer, sharing in (
        (8, State.DONE, {"line": "A secret word"}, "shared"),
        (6, State.DONE, {}, "done_only"),
        (4, State.NOT_NOW, None, "shared"),
        (2, State.ASSIGNED, None, "shared"),
    ):
        is_back = state in (State.DONE, State.NOT_NOW)
        make_assignment(
            client, state=state, answer=answer, sharing=sharing, assigned_at=now - timedelta(hours=hours),
            answered_at=now - timedelta(hours=hours - 1) if is_back else None,
        )  # fmt: skip
    entries = [entry for entry in timeline_of(client, client.counsellor) if entry.kind in ("exercise", "answer")]
    assert [(entry.title, entry.badge) for entry in entries] == [
        ("Exercise: A quiet minute", "With the client"),
        ("Not this week: A quiet minute", "Not this week"),
        ("Exercise: A quiet minute", ""),
        ("Done: A quiet minute", "Done, kept private"),
        ("Exercise: A quiet minute", ""),
        ("Answer: A quiet minute", "Answered"),
        ("Exercise: A quiet minute", ""),
    ]


def test_the_timeline_has_what_was_too_much_what_went_by_and_programmes() -> None:
    client, now = make_client(), timezone.now()
    make_course(client, started_at=now - timedelta(days=9), state=Course.State.FINISHED, closed_at=now)
    make_course(client, programme=None, started_at=now - timedelta(days=8))
    make_assignment(client, state=State.GONE_BY, assigned_at=now - timedelta(days=7))
    make_assignment(
        client, state=State.TOO_MUCH, assigned_at=now - timedelta(days=6), answered_at=now - timedelta(days=5)
    )
    entries = [entry for entry in timeline_of(client, client.counsellor) if entry.kind in ("exercise", "answer")]
    assert [(entry.title, entry.badge, entry.tone) for entry in entries] == [
        ("Programme finished: Five weeks", "", ""),
        ("It was too much: A quiet minute", "Too much", "wait"),
        ("Exercise: A quiet minute", "", ""),
        ("Exercise: A quiet minute", "Gone by", "soft"),
        ("To be repeated: A step", "", ""),
        ("Programme begun: Five weeks", "", ""),
    ]


def test_what_comes_every_day_stands_once_in_the_timeline() -> None:
    client, now = make_client(), timezone.now()
    course = make_course(client, programme=None, started_at=now - timedelta(days=3))
    step = course.steps.get()
    make_assignment(client, step=step, occurrence="1", state=State.DONE, answer={})
    make_assignment(client, step=step, occurrence="2", assigned_at=now + timedelta(hours=1))
    entries = [entry for entry in timeline_of(client, client.counsellor) if entry.kind in ("exercise", "answer")]
    assert [entry.title for entry in entries] == [
        "Exercise: A quiet minute", "Answer: A quiet minute", "To be repeated: A step",
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
def test_the_timeline_takes_as_many_queries_at_any_length(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = make_client()
    for _ in range(rows):
        make_assignment(client, state=State.DONE, answer={})
        make_course(client)
    # What was given; courses, their steps, the words of those.
    with django_assert_num_queries(4):
        list(panels.timeline(client, client.counsellor))


def test_every_panel_is_registered() -> None:
    me = make_user()
    client = make_client(me)
    make_assignment(client, state=State.NOT_NOW)
    session = make_session(client)
    subjects: list[tuple[Page, object]] = [("today", None), ("client", client), ("session", session)]
    found = {panel.template for page, subject in subjects for panel in panels_for(page, me, subject)}
    ours = {f"exercises/_{page}_panel.html" for page, _ in subjects}
    assert ours - found == set()
