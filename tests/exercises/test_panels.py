"""What exercises show on Today, on a client's record, on a session's page and in the timeline."""

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.timeline import timeline_of
from exercises import panels
from exercises.models import Assignment
from practice.models import AuditEntry, User
from practice.panels import Page, Panel, panels_for
from tests.exercises.factories import browser_of, make_assignment, make_version
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db
State = Assignment.State


def shown(panel: Panel | None) -> str:
    assert panel is not None
    return " ".join(render_to_string(panel.template, {"panel": panel.context}).split())


def titles(rows: list[dict[str, Any]]) -> list[str]:
    return [row["version"].title for row in rows]


def answered(counsellor: User, title: str, hours_ago: int, **fields: Any) -> Assignment:
    return make_assignment(
        make_client(counsellor), state=fields.pop("state", State.DONE), version=make_version(title=title),
        answered_at=timezone.now() - timedelta(hours=hours_ago), **{"answer": {"line": "A secret word"}, **fields},
    )  # fmt: skip


# --- Today ----------------------------------------------------------------------------------------------
def test_today_shows_what_waits_to_be_read_the_longest_first() -> None:
    me = make_user()
    answered(me, "Second", 2)
    answered(me, "First", 9)
    answered(me, "Third", 1, state=State.NOT_NOW, answer=None)
    answered(me, "Reviewed", 3, reviewed_at=timezone.now())
    answered(make_user(), "Another's", 3)
    make_assignment(make_client(me))
    panel = panels.today_panel(me, None)
    assert panel is not None
    assert (titles(panel.context["rows"]), panel.needs) == (["First", "Second", "Third"], 3)
    text = shown(panel)
    assert ("Answers to read" in text, "Not this week" in text, "A secret word" in text) == (True, True, False)


def test_today_shows_nothing_where_all_is_read_or_for_an_admin() -> None:
    answered(make_user(), "Another's", 3)
    assert panels.today_panel(make_user(), None) is None
    assert panels.today_panel(make_user("admin"), None) is None


def test_today_shows_eight_and_counts_the_rest() -> None:
    me = make_user()
    for number in range(10):
        answered(me, f"Number {number}", 20 - number)
    panel = panels.today_panel(me, None)
    assert panel is not None
    assert (len(panel.context["rows"]), panel.needs) == (8, 10)
    assert "and 2 more" in shown(panel)


@pytest.mark.parametrize("rows", [1, 3])
def test_today_takes_one_query_at_any_length(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    me = make_user()
    for number in range(rows):
        answered(me, f"Number {number}", number)
    with django_assert_num_queries(1):
        shown(panels.today_panel(me, None))


# --- a client's record ------------------------------------------------------------------------------------
def test_the_record_shows_what_a_client_was_given_newest_first() -> None:
    client, now = make_client(), timezone.now()
    for days, title in ((3, "Older"), (1, "Newer")):
        make_assignment(client, version=make_version(title=title), assigned_at=now - timedelta(days=days))
    make_assignment(make_client(client.counsellor))
    panel = panels.client_panel(client.counsellor, client)
    assert panel is not None
    assert titles(panel.context["rows"]) == ["Newer", "Older"]
    assert "With the client" in shown(panel)


def test_the_record_folds_what_is_older() -> None:
    client = make_client()
    for _ in range(10):
        make_assignment(client)
    assert "2 older" in shown(panels.client_panel(client.counsellor, client))


def test_an_empty_record_offers_the_first_exercise_while_the_work_goes_on() -> None:
    client = make_client()
    ended = make_client(client.counsellor, state="ended", ended_at=timezone.now())
    assert f'href="/exercises/assign/{client.pk}/"' in shown(panels.client_panel(client.counsellor, client))
    assert "Nothing was sent" in shown(panels.client_panel(client.counsellor, ended))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_record_takes_one_query_at_any_length(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = make_client()
    for _ in range(rows):
        make_assignment(client, state=State.DONE, answer={})
    with django_assert_num_queries(1):
        shown(panels.client_panel(client.counsellor, client))


# --- a session --------------------------------------------------------------------------------------------
def test_a_session_shows_the_last_practice_before_it_and_what_came_back() -> None:
    client, now = make_client(), timezone.now()
    session = make_session(client)
    make_assignment(client, version=make_version(title="Earlier"), assigned_at=now - timedelta(days=9))
    make_assignment(client, version=make_version(title="Taken back"), state=State.WITHDRAWN)
    make_assignment(
        client, version=make_version(title="Last"), assigned_at=now - timedelta(days=2), state=State.DONE,
        answer={"line": "You again", "helpful": 7}, learned="It is tired.", reviewed_at=now,
    )  # fmt: skip
    make_assignment(client, version=make_version(title="Later"), assigned_at=now + timedelta(days=2))
    text = shown(panels.session_panel(client.counsellor, session))
    for words in ("Last", "You again", "7", "What we learned", "It is tired."):
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


@pytest.mark.parametrize("rows", [1, 3])
def test_the_timeline_takes_one_query_at_any_length(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = make_client()
    for _ in range(rows):
        make_assignment(client, state=State.DONE, answer={})
    with django_assert_num_queries(1):
        list(panels.timeline(client, client.counsellor))


def test_every_panel_is_registered() -> None:
    me = make_user()
    answered(me, "First", 1)
    client = make_client(me)
    make_assignment(client)
    session = make_session(client)
    subjects: list[tuple[Page, object]] = [("today", None), ("client", client), ("session", session)]
    found = {panel.template for page, subject in subjects for panel in panels_for(page, me, subject)}
    ours = {f"exercises/_{page}_panel.html" for page, _ in subjects}
    assert ours - found == set()
