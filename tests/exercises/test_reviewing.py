"""Several answers of one exercise, read together and reviewed in one go."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from exercises.models import Answer, Assignment, ExerciseVersion
from exercises.reviewing import review_all
from exercises.services import NothingToReview
from practice.models import AuditEntry
from tests.exercises.factories import browser_of, deeds, make_assignment, make_version, refuse_audit
from tests.exercises.pages import heading, read
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db
State = Assignment.State


def answered(client: Client, version: ExerciseVersion, days_ago: int, **fields: Any) -> Assignment:
    values = {"state": State.DONE, "answer": {"line": f"{days_ago} days ago"}, **fields}
    at = timezone.now() - timedelta(days=days_ago)
    return make_assignment(client, version=version, assigned_at=at, answered_at=at, **values)


def url(client: Client, slug: str = "quiet-minute") -> str:
    return reverse("exercises:review_all", args=[client.pk, slug])


def stored() -> list[tuple[str, bool]]:
    return [(row.learned, row.reviewed_at is not None) for row in Assignment.unscoped.order_by("answered_at")]


def test_all_that_were_shown_are_reviewed_and_the_latest_keeps_what_was_learned() -> None:
    client, version = make_client(), make_version()
    rows = [answered(client, version, days) for days in (3, 2, 1)]

    done = review_all(
        actor=client.counsellor, client=client, shown=[row.pk for row in rows], learned="Evenings are kinder."
    )

    assert {row.pk for row in done} == {row.pk for row in rows}
    assert stored() == [("", True), ("", True), ("Evenings are kinder.", True)]
    assert deeds() == ["exercise.review"] * 3
    assert set(AuditEntry.objects.values_list("subject_id", flat=True)) == {row.pk for row in rows}


def test_what_was_not_shown_or_was_reviewed_before_stays_as_it_is() -> None:
    client, version, then = make_client(), make_version(), timezone.now() - timedelta(days=1)
    before = answered(client, version, 3, reviewed_at=then, learned="Rest first.")
    shown = answered(client, version, 2)
    answered(client, version, 1)
    another = answered(make_client(), version, 4)

    ids = [before.pk, shown.pk, another.pk]
    review_all(actor=client.counsellor, client=client, shown=ids, learned="x")

    assert stored() == [("", False), ("Rest first.", True), ("x", True), ("", False)]
    assert deeds() == ["exercise.review"]


def test_there_is_nothing_to_review_a_second_time() -> None:
    client = make_client()
    row = answered(client, make_version(), 1)
    review_all(actor=client.counsellor, client=client, shown=[row.pk], learned="x")
    with pytest.raises(NothingToReview):
        review_all(actor=client.counsellor, client=client, shown=[row.pk], learned="y")
    assert stored() == [("x", True)]


def test_what_cannot_be_audited_is_not_reviewed(monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client()
    row = answered(client, make_version(), 1)
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        review_all(actor=client.counsellor, client=client, shown=[row.pk], learned="x")
    assert stored() == [("", False)]


# --- the page -------------------------------------------------------------------------------------------
def test_the_page_shows_every_answer_that_waits_and_leaves_their_traces() -> None:
    client, version = make_client(), make_version()
    rows = [answered(client, version, days) for days in (3, 2)]
    answered(client, version, 1, state=State.NOT_NOW, answer=None)
    answered(client, version, 5, reviewed_at=timezone.now())

    page = browser_of(client.counsellor).get(url(client))

    text = read(page)
    assert heading(page) == "A quiet minute"
    assert [words in text for words in ("3 days ago", "2 days ago", "“Not this week”", "5 days ago")] == [
        True, True, True, False,
    ]  # fmt: skip
    traces = AuditEntry.objects.filter(deed="answer.read").values_list("subject_id", flat=True)
    assert set(traces) == {row.pk for row in rows}
    assert f"<title>Answers of {client.reference}" in text


def test_what_is_kept_or_only_done_is_shown_without_words() -> None:
    client, version = make_client(), make_version()
    answered(client, version, 2, sharing="done_only", answer={})
    row = answered(client, version, 1, answer=None)
    Answer.unscoped.create(
        assignment=row, client=client, sharing="kept", values={}, kept=b"sealed", kept_by_link=row.pk
    )

    text = read(browser_of(client.counsellor).get(url(client)))

    assert "only the link in their mail opens it" in text
    assert text.count("kept what they wrote to themselves") == 2
    assert AuditEntry.objects.count() == 0


def test_marking_reviews_what_stood_on_the_page() -> None:
    client, version = make_client(), make_version()
    rows = [answered(client, version, days) for days in (3, 2)]
    browser = browser_of(client.counsellor)
    browser.get(url(client))
    answered(client, version, 1)

    shown = " ".join(str(row.pk) for row in rows)
    page = browser.post(url(client), {"shown": f"{shown} nonsense", "learned": "Less is more."}, follow=True)

    assert "2 marked as reviewed." in read(page)
    assert stored() == [("", True), ("Less is more.", True), ("", False)]


@pytest.mark.parametrize("learned", ["a" * 50_001, "nul \x00"])
def test_words_that_cannot_be_taken_stay_on_the_page(learned: str) -> None:
    client = make_client()
    row = answered(client, make_version(), 1)
    page = browser_of(client.counsellor).post(url(client), {"shown": str(row.pk), "learned": learned})
    assert (page.status_code, learned.strip("\x00") in read(page)) == (422, True)
    assert f'value="{row.pk}"' in read(page)
    assert stored() == [("", False)]


def test_without_answers_it_leads_to_the_record() -> None:
    client = make_client()
    page = browser_of(client.counsellor).get(url(client, "nothing-like-this"))
    assert page.headers["Location"] == reverse("clients:record", args=[client.pk])


def test_a_second_press_says_that_nothing_waits() -> None:
    client = make_client()
    row = answered(client, make_version(), 1)
    browser = browser_of(client.counsellor)
    form = {"shown": str(row.pk), "learned": "Once."}
    browser.post(url(client), form)
    page = browser.post(url(client), {**form, "learned": "Twice, and typed."})
    assert "None of these waits to be reviewed any more." in read(page)
    assert "Twice, and typed." in read(page)
    assert stored() == [("Once.", True)]


def test_anothers_clients_answers_are_not_found() -> None:
    client = make_client()
    row = answered(client, make_version(), 1)
    stranger = browser_of(make_user())
    answers = [stranger.get(url(client)), stranger.post(url(client), {"shown": str(row.pk)})]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert stored() == [("", False)]


def test_an_answers_page_leads_to_reading_them_together() -> None:
    client, version = make_client(), make_version()
    row = answered(client, version, 2)
    browser, page = browser_of(client.counsellor), reverse("exercises:assignment", args=[row.pk])
    alone = url(client) in read(browser.get(page))
    answered(client, version, 1)
    assert (alone, url(client) in read(browser.get(page))) == (False, True)
