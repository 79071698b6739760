"""The caseload, week by week."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exercises import overview
from exercises.models import Answer, Assignment
from exercises.overview import Week, week_of
from outbox.models import Message
from practice.models import AuditEntry, User
from tests.exercises.assigning import LONDON
from tests.exercises.factories import browser_of, make_assignment, make_version
from tests.exercises.pages import read
from tests.exercises.running_courses import make_course
from tests.factories import make_client, make_user
from vault.services import cache

pytestmark = pytest.mark.django_db
State = Assignment.State
WEDNESDAY = datetime(2026, 11, 25, 12, 0, tzinfo=LONDON)


def cells(viewer: User, week: str = "") -> list[tuple[str, list[tuple[str, str, str, int]]]]:
    """Return each client's marks: week, exercise, standing, how many."""
    rows = overview.caseload(viewer, week_of(week)).rows
    return [
        (
            row.name,
            [
                (week.name, given.title, mark.standing.word, mark.count)
                for week, cell in row.weeks
                for given in cell
                for mark in given.marks.values()
            ],
        )
        for row in rows
    ]


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "not sent yet"),
        ({"has_left": True}, "sent"),
        ({"has_left": True, "opened_at": WEDNESDAY}, "opened"),
        ({"has_left": True, "opened_at": WEDNESDAY, "started_at": WEDNESDAY}, "started"),
        ({"state": State.DONE, "answer": {"line": "Hush"}, "opened_at": WEDNESDAY}, "done"),
        ({"state": State.DONE, "answer": {}, "sharing": "done_only"}, "kept private"),
        ({"state": State.NOT_NOW}, "not this week"),
        ({"state": State.TOO_MUCH}, "too much"),
        ({"state": State.GONE_BY}, "gone by"),
    ],
)
@time_machine.travel(WEDNESDAY, tick=False)
def test_each_standing_has_its_word(fields: dict[str, Any], word: str) -> None:
    has_left = fields.pop("has_left", False)
    client = make_client()
    given = make_assignment(client, **fields)
    if has_left:
        now = timezone.now()
        Message.objects.create(
            kind="exercise", subject_id=given.pk, key=f"exercise:{given.pk}:give:1", state=Message.State.SENT,
            due_at=now, expires_at=now, dispatched_at=now, sent_at=now, token=uuid4(), owner_id=client.pk,
        )  # fmt: skip
    page = read(browser_of(client.counsellor).get(reverse("exercises:overview")))
    assert cells(client.counsellor) == [(client.name, [("2026-W48", "A quiet minute", word, 1)])]
    assert reverse("exercises:assignment", args=[given.pk]) in page
    assert ("overdue" in page.lower(), "Hush" in page) == (False, False)


@time_machine.travel(WEDNESDAY, tick=False)
def test_what_is_kept_is_private() -> None:
    given = make_assignment(state=State.DONE)
    Answer.unscoped.create(
        assignment=given, client=given.client, sharing="kept", values={}, kept=b"sealed", kept_by_link=given.pk
    )
    assert cells(given.assigned_by)[0][1][0][2] == "kept private"


@time_machine.travel(WEDNESDAY, tick=False)
def test_six_weeks_stand_the_newest_last_and_a_repeated_exercise_is_counted() -> None:
    client, version = make_client(name="Juniper Testwell"), make_version()
    for days in (2, 1, 0, 6, 37, 38):
        make_assignment(
            client, version=version, assigned_at=WEDNESDAY - timedelta(days=days),
            state=State.GONE_BY if days == 0 else State.NOT_NOW,
        )  # fmt: skip
    make_assignment(client, version=version, state=State.WITHDRAWN)

    assert cells(client.counsellor) == [
        (
            "Juniper Testwell",
            [
                ("2026-W43", "A quiet minute", "not this week", 1),
                ("2026-W47", "A quiet minute", "not this week", 1),
                ("2026-W48", "A quiet minute", "not this week", 2),
                ("2026-W48", "A quiet minute", "gone by", 1),
            ],
        )
    ]
    caseload = overview.caseload(client.counsellor, week_of(""))
    assert [week.name for week in caseload.weeks] == [f"2026-W{number}" for number in range(43, 49)]
    assert (caseload.earlier.name, caseload.later) == ("2026-W42", None)
    assert cells(client.counsellor, "2026-W42") == [
        ("Juniper Testwell", [("2026-W42", "A quiet minute", "not this week", 1)])
    ]


@time_machine.travel(WEDNESDAY, tick=False)
@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("", date(2026, 11, 23)),
        ("2026-W40", date(2026, 9, 28)),
        ("2027-W01", date(2026, 11, 23)),
        ("2026-W99", date(2026, 11, 23)),
        ("0001-W01", date(2026, 11, 23)),
        ("nonsense", date(2026, 11, 23)),
        ("99999999999999999999-W1", date(2026, 11, 23)),
    ],
)
def test_a_week_is_read_from_an_address(text: str, monday: date) -> None:
    assert week_of(text) == Week(monday)


@time_machine.travel(WEDNESDAY, tick=False)
def test_later_weeks_never_lie_ahead() -> None:
    me = make_user()
    assert overview.caseload(me, week_of("2026-W46")).later == Week(date(2026, 11, 23))
    assert overview.caseload(me, week_of("2026-W20")).later == Week(date(2026, 6, 22))


def test_only_ones_own_active_clients_stand_there_and_those_without_practice_in_a_line() -> None:
    me = make_user()
    for name, fields in (("Ash", {}), ("Birch", {}), ("Cedar", {"state": "ended", "ended_at": timezone.now()})):
        make_assignment(make_client(me, name=f"{name} Testwell", **fields))
    make_course(make_client(me, name="Dogwood Testwell"))
    make_client(me, name="Elder Testwell")
    make_assignment(make_client(name="Fig Testwell"))

    page = read(browser_of(me).get(reverse("exercises:overview")))

    caseload = overview.caseload(me, week_of(""))
    assert [row.name for row in caseload.rows] == ["Ash Testwell", "Birch Testwell", "Dogwood Testwell"]
    assert [name for _, name in caseload.nothing] == ["Elder Testwell"]
    assert "Nothing given so far:" in page
    assert "Nothing in these weeks" in page
    assert [name in page for name in ("Elder", "Cedar", "Fig")] == [True, False, False]


def test_the_legend_says_what_stands_on_the_page_and_no_more() -> None:
    given = make_assignment(state=State.TOO_MUCH)
    caseload = overview.caseload(given.assigned_by, week_of(""))
    assert [standing.word for standing in overview.legend_of(caseload.rows)] == ["too much"]


def test_without_practice_the_page_leads_to_the_exercises() -> None:
    me = make_user()
    make_client(me)
    page = read(browser_of(me).get(reverse("exercises:overview")))
    assert "Once a client has been given an exercise" in page


def test_an_admin_sees_no_weeks() -> None:
    assert browser_of(make_user("admin")).get(reverse("exercises:overview")).status_code == 403


@pytest.mark.parametrize("clients", [1, 3])
def test_the_page_takes_as_many_queries_for_one_client_as_for_three(
    clients: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    me = make_user()
    for _ in range(clients):
        make_assignment(make_client(me), state=State.DONE, answer={"line": "Hush"})
    browser = browser_of(me)
    cache.forget()
    # Sign-in: two. Clients, their keys, what was given, its mails, who ever had something: twice.
    with django_assert_num_queries(8):
        browser.get(reverse("exercises:overview"))
    assert AuditEntry.objects.count() == 0
