"""What a counsellor sees of one assignment, reviews and takes back."""

import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exercises.models import Answer, Assignment
from outbox import services as outbox
from outbox.models import Message
from outbox.services import Wanted
from practice import clock
from practice.models import AuditEntry
from tests.exercises.factories import blob_of, browser_of, damage, make_assignment, make_token
from tests.factories import begin_trail, make_client, make_session, make_user, trail_queries

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


@pytest.mark.parametrize("reviewed_at", [None, timezone.now()])
def test_what_was_learned_before_and_does_not_open_is_not_written_over(reviewed_at: datetime | None) -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES, learned="It is tired.", reviewed_at=reviewed_at)
    damage("exercises_assignment", "learned")
    before = Assignment.unscoped.values_list("reviewed_at").get(), blob_of("exercises_assignment", "learned")
    page = browser_of(assignment.client.counsellor).post(url(assignment, "review"), {"learned": "It was late."})
    assert page.status_code == 409
    text = read(page)
    assert ("What was learned could not be opened" in text, "It was late.</textarea>" in text) == (True, True)
    assert (Assignment.unscoped.values_list("reviewed_at").get(), blob_of("exercises_assignment", "learned")) == before


# --- the trace of reading --------------------------------------------------------------------------------
def test_reading_an_answer_leaves_one_row_a_page_view() -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    page_of(assignment)
    page_of(assignment)
    rows = AuditEntry.objects.values_list("deed", "actor", "subject_id", "reference", "detail")
    one: tuple[object, ...] = ("answer.read", assignment.assigned_by_id, assignment.pk, assignment.client.reference, {})
    assert list(rows) == [one, one]


@pytest.mark.parametrize(
    "fields", [{}, {"state": State.NOT_NOW}, {"state": State.DONE, "answer": {}, "sharing": "done_only"}]
)
def test_where_there_is_no_answer_none_was_read(fields: dict[str, Any]) -> None:
    page_of(make_assignment(**fields))
    assert AuditEntry.objects.count() == 0


# --- send again -----------------------------------------------------------------------------------------
def sent(assignment: Assignment, state: str = "sent") -> None:
    """Plan its mail and take it as having left, or as something else that became of it."""
    plan_mail(assignment)
    Message.objects.update(state=state, sent_at=timezone.now(), dispatched_at=timezone.now())


@pytest.mark.parametrize(
    ("state", "after"),
    [("sent", "sent"), ("expired", "expired"), ("dropped", "dropped"), ("failed", "dropped"), ("unsure", "dropped")],
)
def test_a_mail_can_be_sent_again_while_the_exercise_is_with_the_client(state: str, after: str) -> None:
    assignment = make_assignment()
    sent(assignment, state)
    assert "Send the mail again" in page_of(assignment)
    answer = browser_of(assignment.client.counsellor).post(url(assignment, "send_again"), follow=True)
    assert "Its mail is planned for" in read(answer)
    assert "Send the mail again" not in read(answer)
    mails = Message.objects.filter(kind="exercise").order_by("key")
    assert [(each.key.rpartition("give:")[2], each.state) for each in mails] == [("1", after), ("2", "planned")]
    row = AuditEntry.objects.get()
    assert (row.deed, row.actor, row.reference) == (
        "exercise.send_again", assignment.assigned_by, assignment.client.reference,
    )  # fmt: skip


def test_a_second_click_plans_no_third_mail() -> None:
    assignment = make_assignment()
    sent(assignment)
    browser = browser_of(assignment.client.counsellor)
    browser.post(url(assignment, "send_again"))
    again = browser.post(url(assignment, "send_again"), follow=True)
    assert "A mail of this exercise is waiting to leave already." in read(again)
    assert (Message.objects.filter(kind="exercise").count(), AuditEntry.objects.count()) == (2, 1)


def test_it_can_be_sent_a_third_time() -> None:
    assignment = make_assignment()
    for _ in range(2):
        sent(assignment)
        browser_of(assignment.client.counsellor).post(url(assignment, "send_again"))
        Message.objects.update(state="sent", sent_at=timezone.now())
    keys = Message.objects.filter(kind="exercise").values_list("key", flat=True)
    assert sorted(key.rpartition("give:")[2] for key in keys) == ["1", "2", "3"]


@pytest.mark.parametrize("state", [State.DONE, State.NOT_NOW, State.WITHDRAWN])
def test_what_is_no_longer_with_the_client_is_not_sent_again(state: str) -> None:
    assignment = make_assignment(state=state)
    sent(assignment)
    assert "Send the mail again" not in page_of(assignment)
    answer = browser_of(assignment.client.counsellor).post(url(assignment, "send_again"), follow=True)
    assert "This exercise is no longer with the client, so nothing is sent." in read(answer)
    assert Message.objects.count() == 1


def test_nothing_is_sent_again_to_somebody_who_said_no() -> None:
    assignment = make_assignment(make_client(may_email="no"))
    sent(assignment)
    assert "Send the mail again" not in page_of(assignment)
    answer = browser_of(assignment.client.counsellor).post(url(assignment, "send_again"), follow=True)
    assert "This client hasn't agreed to e-mail" in read(answer)
    assert Message.objects.count() == 1


def test_an_address_that_does_not_open_is_said_to_be_so() -> None:
    assignment = make_assignment()
    sent(assignment)
    damage("clients_client", "email")
    answer = browser_of(assignment.client.counsellor).post(url(assignment, "send_again"), follow=True)
    assert "The e-mail address on this client's record could not be opened" in read(answer)
    assert Message.objects.count() == 1


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
        stranger.post(url(assignment, "withdraw")), stranger.post(url(assignment, "send_again")),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]


def test_an_admin_reads_no_answer() -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    admin = browser_of(make_user("admin"))
    answers = [
        admin.get(url(assignment)),
        admin.post(url(assignment, "review")),
        admin.post(url(assignment, "withdraw")),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


@pytest.mark.parametrize("deed", ["review", "withdraw", "send_again"])
def test_deeds_are_not_done_by_looking(deed: str) -> None:
    assignment = make_assignment()
    assert browser_of(assignment.client.counsellor).get(url(assignment, deed)).status_code == 405


def test_what_does_not_open_is_marked_and_never_shown_as_empty() -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    damage("exercises_answer", '"values"')
    damage("exercises_assignment", "why", "learned")
    text = page_of(assignment)
    for words in ("Answer could not be opened", "Could not be opened", "What was learned could not be opened"):
        assert words in text
    assert "Mark reviewed" not in text
    assert AuditEntry.objects.count() == 0
    assert Answer.unscoped.count() == 1


def test_the_page_takes_a_fixed_number_of_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assignment = make_assignment(state=State.DONE, answer=VALUES)
    plan_mail(assignment)
    browser = browser_of(assignment.client.counsellor)
    begin_trail()
    # Seven that read, one for words that are not saved; the trace of reading, between a savepoint and its release.
    with django_assert_num_queries(9 + trail_queries()):
        browser.get(url(assignment))
