"""What a counsellor sees of one assignment, reviews and takes back."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exercises.models import Answer, Assignment
from outbox import services as outbox
from outbox.models import Message
from outbox.services import Wanted
from practice import clock
from tests.exercises.factories import browser_of, make_assignment, make_token
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db
State = Assignment.State
VALUES = {"line": "You again", "page": "One.\nTwo.", "helpful": 7, "sound": "Warm", "in_the_way": ["No time"]}


def url(assignment: Assignment, deed: str = "assignment") -> str:
    return reverse(f"exercises:{deed}", args=[assignment.pk])


def read(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def page_of(assignment: Assignment) -> str:
    return read(browser_of(assignment.client.counsellor).get(url(assignment)))


def plan_mail(assignment: Assignment) -> None:
    now = timezone.now()
    outbox.plan(
        "exercise", subject_id=assignment.pk, owner_id=assignment.client_id, reference=assignment.client.reference,
        wanted=[Wanted("give", 1, now + timedelta(hours=1), now + timedelta(days=7))],
    )  # fmt: skip


def test_it_shows_what_was_sent_and_where_its_mail_stands() -> None:
    client = make_client(name="Juniper Testwell")
    assignment = make_assignment(client, before=make_session(client), is_practised_together=True)
    plan_mail(assignment)
    text = page_of(assignment)
    for words in (
        "A quiet minute", "Juniper Testwell", "For the walk home.", "You spoke of the harsh voice.", "after supper",
        "on the back step", "the session of", "With the client", "Nothing so far", "Planned", "Withdraw exercise",
    ):  # fmt: skip
        assert words in text
    assert text.count("<h1") == 1
    assert f"<title>Exercise for {client.reference}" in text


def test_a_shared_answer_is_shown_question_by_question() -> None:
    text = page_of(make_assignment(state=State.DONE, answer=VALUES))
    for words in ("You again", "One.<br>Two.", "0 is not at all, 10 is very", "Warm", "No time", "Mark reviewed"):
        assert words in text
    assert "Withdraw exercise" not in text


@pytest.mark.parametrize(
    ("fields", "badge", "words"),
    [
        ({"state": State.DONE, "answer": {}, "sharing": "done_only"}, "Done, kept private", "kept what they wrote"),
        ({"state": State.DONE, "answer": {}}, "Answered", "They shared it without filling anything in."),
        ({"state": State.DONE, "answer": {}, "reviewed_at": timezone.now()}, "Reviewed", "Save review"),
        ({"state": State.NOT_NOW}, "Not this week", "No reason was asked for."),
        ({"state": State.WITHDRAWN}, "Withdrawn", "You took this one back"),
        ({"due_on": clock.today() - timedelta(days=3)}, "Not yet answered", "Nothing so far"),
    ],
)
def test_every_state_has_its_word(fields: dict[str, Any], badge: str, words: str) -> None:
    text = page_of(make_assignment(**fields))
    assert (f">{badge}</span>" in text, words in text) == (True, True)
    assert "overdue" not in text.lower()


# --- review ---------------------------------------------------------------------------------------------
def test_reviewing_keeps_what_was_learned() -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    answer = browser_of(assignment.client.counsellor).post(url(assignment, "review"), {"learned": "It is tired."})
    assert answer.headers["Location"] == url(assignment)
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Marked as reviewed."]
    assignment.refresh_from_db()
    assert (assignment.learned, assignment.is_to_review) == ("It is tired.", False)


def test_reviewing_needs_no_words() -> None:
    assignment = make_assignment(state=State.NOT_NOW)
    browser_of(assignment.client.counsellor).post(url(assignment, "review"), {})
    assert Assignment.unscoped.get().is_to_review is False


@pytest.mark.parametrize("learned", ["a" * 50_001, "nul \x00"])
def test_a_review_that_cannot_be_taken_keeps_its_text(learned: str) -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    page = browser_of(assignment.client.counsellor).post(url(assignment, "review"), {"learned": learned})
    assert (page.status_code, learned[:5] in read(page)) == (422, True)
    assert Assignment.unscoped.get().is_to_review is True


def test_nothing_is_reviewed_before_it_came_back() -> None:
    assignment = make_assignment()
    answer = browser_of(assignment.client.counsellor).post(url(assignment, "review"), {"learned": "x"}, follow=True)
    assert "Nothing has come back so far" in read(answer)
    assert Assignment.unscoped.get().reviewed_at is None


# --- withdraw -------------------------------------------------------------------------------------------
def test_withdrawing_drops_the_mail_and_closes_the_clients_page() -> None:
    assignment = make_assignment()
    plan_mail(assignment)
    token = make_token(assignment)
    browser = browser_of(assignment.client.counsellor)
    answer = browser.post(url(assignment, "withdraw"), follow=True)
    assert "Exercise withdrawn. Its mail has been dropped." in read(answer)
    assert Message.objects.get().state == "dropped"
    assert browser.get(f"/x/{token}/").status_code == 410
    assert "Exercise withdrawn." in read(browser.post(url(assignment, "withdraw"), follow=True))


def test_a_mail_on_its_way_is_said_to_be() -> None:
    assignment = make_assignment()
    plan_mail(assignment)
    now = timezone.now()
    Message.objects.update(
        state="leased", token=assignment.pk, lease_until=now + timedelta(minutes=2), dispatched_at=now
    )
    answer = browser_of(assignment.client.counsellor).post(url(assignment, "withdraw"), follow=True)
    assert "Its mail is already on its way; the page behind it is closed." in read(answer)


def test_what_was_answered_meanwhile_stays() -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    answer = browser_of(assignment.client.counsellor).post(url(assignment, "withdraw"), follow=True)
    assert "The client has answered meanwhile" in read(answer)
    assert Assignment.unscoped.get().state == State.DONE


# --- who, and what is damaged -----------------------------------------------------------------------------
def test_anothers_assignment_is_not_found() -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    stranger = browser_of(make_user())
    answers = [
        stranger.get(url(assignment)), stranger.post(url(assignment, "review")),
        stranger.post(url(assignment, "withdraw")),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_an_admin_reads_no_answer() -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    admin = browser_of(make_user("admin"))
    answers = [
        admin.get(url(assignment)),
        admin.post(url(assignment, "review")),
        admin.post(url(assignment, "withdraw")),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


@pytest.mark.parametrize("deed", ["review", "withdraw"])
def test_deeds_are_not_done_by_looking(deed: str) -> None:
    assignment = make_assignment()
    assert browser_of(assignment.client.counsellor).get(url(assignment, deed)).status_code == 405


def test_what_does_not_open_is_marked_and_never_shown_as_empty() -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    with connection.cursor() as cursor:
        for table, column in (
            ("exercises_answer", '"values"'), ("exercises_assignment", "why"), ("exercises_assignment", "learned"),
        ):  # fmt: skip
            cursor.execute(f"SELECT {column} FROM {table}")
            blob = bytearray(cursor.fetchone()[0])
            blob[-1] ^= 1
            cursor.execute(f"UPDATE {table} SET {column} = %s", [bytes(blob)])
    text = page_of(assignment)
    for words in ("Answer could not be opened", "Could not be opened", "What was learned could not be opened"):
        assert words in text
    assert "Mark reviewed" not in text
    assert Answer.unscoped.count() == 1


def test_the_page_takes_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    plan_mail(assignment)
    browser = browser_of(assignment.client.counsellor)
    with django_assert_num_queries(4):
        browser.get(url(assignment))
