"""How practice has gone for one client."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from exercises.models import Answer, Assignment
from exercises.progress import Progress, progress_of
from practice.models import AuditEntry
from tests.exercises.factories import browser_of, damage, make_assignment, make_version
from tests.exercises.pages import heading, read
from tests.factories import begin_trail, make_client, make_session, make_user, trail_queries
from vault.services import cache

pytestmark = pytest.mark.django_db
State = Assignment.State
CHECK = [
    {"name": "circles", "kind": "circles", "label": "Your three circles"},
    {"name": "calm", "kind": "before_after", "label": "How calm?", "low": "not at all", "high": "very"},
]


def came(client: Client, days_ago: int, answer: dict[str, Any] | None, **fields: Any) -> Assignment:
    version = fields.pop("version", None) or make_version("check", title="A check-in", fields=CHECK)
    at = timezone.now() - timedelta(days=days_ago)
    row = make_assignment(
        client, version=version, assigned_at=at, answered_at=at, answer=answer, **{"state": State.DONE, **fields}
    )
    Answer.unscoped.filter(assignment=row).update(sent_at=at)
    return row


def url(client: Client) -> str:
    return reverse("exercises:progress", args=[client.pk])


def page_of(client: Client) -> str:
    return read(browser_of(client.counsellor).get(url(client)))


def progress(client: Client) -> Progress:
    return progress_of(client.counsellor, client)


def test_what_was_noted_is_drawn_with_its_words_and_its_table() -> None:
    client = make_client()
    make_session(client, timezone.now() - timedelta(days=5), status="attended")
    for days, soothing in ((9, 2), (3, 4)):
        circles = {"threat": 7, "drive": 5, "soothing": soothing}
        came(client, days, {"circles": circles, "calm": {"before": 2, "after": soothing + 1}, "helpful": 6})

    found, text = progress(client), page_of(client)

    assert [chart.title for chart in found.charts] == [
        "Three circles", "Calm, before and after", "How helpful it was",
    ]  # fmt: skip
    assert [key.word for key in found.charts[0].keys] == ["a session"]
    assert [row.values for row in found.charts[0].rows] == [("7", "5", "2"), ("7", "5", "4")]
    assert text.count("The same figures as a table") == 3


def test_answers_stand_newest_first_with_what_the_closing_questions_brought() -> None:
    client = make_client()
    came(client, 9, {"how_far": "I gave it a try", "in_the_way": ["Hard feelings came up"]})
    came(client, 3, {"helpful": 0, "in_my_day": "A little", "in_the_way": ["Hard feelings came up", "Something else"]})

    found = progress(client)

    assert [(each.how_far, each.helpful, each.in_my_day) for each in found.came] == [
        ("", "0", "A little"), ("I gave it a try", "", ""),
    ]  # fmt: skip
    assert found.in_the_way == (
        "What got in the way: hard feelings came up twice and something else got in the way once."
    )
    assert found.in_my_day == "Has it shown up in their day? A little once."
    text = page_of(client)
    for words in ("helpful 0 of 10", "Showed up in their day: a little", "In the way: hard feelings came up"):
        assert words in text
    assert ("%" in text.replace("100%", ""), "overdue" in text.lower()) == (False, False)


def test_what_is_kept_only_done_put_off_or_too_much_has_no_words() -> None:
    client = make_client()
    kept = came(client, 1, None)
    Answer.unscoped.create(
        assignment=kept, client=client, sharing="kept", values={}, kept=b"sealed", kept_by_link=kept.pk
    )
    came(client, 2, {}, sharing="done_only")
    came(client, 3, None, state=State.NOT_NOW)
    came(client, 4, None, state=State.TOO_MUCH)

    found = progress(client)

    assert [each.badge.label for each in found.came] == [
        "Done, kept private", "Done, kept private", "Not this week", "Too much",
    ]  # fmt: skip
    assert (found.charts, found.in_the_way, found.in_my_day) == ([], "", "")
    assert AuditEntry.objects.count() == 0


def test_each_answer_of_the_list_leaves_the_trace_of_being_read() -> None:
    client = make_client()
    rows = [came(client, days, {"helpful": 5}) for days in (3, 2)]
    page_of(client)
    traces = AuditEntry.objects.values_list("deed", "subject_id")
    assert sorted(traces) == sorted(("answer.read", row.pk) for row in rows)


def test_twelve_are_listed_and_the_earlier_ones_counted() -> None:
    client = make_client()
    for days in range(14):
        came(client, days, {"helpful": 5})
    found = progress(client)
    assert (len(found.came), found.earlier) == (12, 2)
    assert [len(chart.rows) for chart in found.charts] == [14]
    assert "2 earlier on" in page_of(client)


def test_an_answer_that_does_not_open_is_marked() -> None:
    client = make_client()
    came(client, 1, {"helpful": 5})
    damage("exercises_answer", '"values"')
    text = page_of(client)
    assert "1 answer could not be opened, and is left out of the drawings." in text
    assert "Answer could not be opened" in text
    assert AuditEntry.objects.count() == 0


def test_without_answers_it_says_so() -> None:
    client = make_client(name="Juniper Testwell")
    make_assignment(client)
    page = browser_of(client.counsellor).get(url(client))
    assert heading(page) == "How it has gone"
    assert "Nothing has come back so far" in read(page)
    assert f"<title>Practice of {client.reference}" in read(page)


def test_who_may_not_see_it() -> None:
    client = make_client()
    came(client, 1, {"helpful": 5})
    codes = [browser_of(make_user(role)).get(url(client)).status_code for role in ("counsellor", "admin")]
    assert codes == [404, 403]


@pytest.mark.parametrize("rows", [1, 3])
def test_it_takes_as_many_queries_at_any_length(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = make_client()
    for days in range(rows):
        came(client, days, {"helpful": 5})
    browser = browser_of(client.counsellor)
    begin_trail()
    cache.forget()
    # Sign-in, the client, their key, what came back, sessions; for each answer a trace between savepoint and release.
    with django_assert_num_queries(7 + rows * (2 + trail_queries())):
        browser.get(url(client))
