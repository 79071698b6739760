"""The client's page: read, practise, answer, or say "not this week"."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from exercises.models import Answer, Assignment
from exercises.publishing import publish_shipped
from practice import clock
from practice.models import AuditEntry
from tests.exercises.factories import damage, deeds, make_assignment, make_version
from tests.exercises.pages import heading, read
from tests.exercises.practising import FULL, VALUES, opened, url
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db
State = Assignment.State


# --- reading -------------------------------------------------------------------------------------------
def test_it_shows_the_counsellors_words_and_the_exercise(browser: Browser) -> None:
    client = make_client(make_user(name="Rosemary Fernhill"))
    page = browser.get(opened(browser, make_assignment(client, due_on=clock.today() + timedelta(days=2))))
    text = read(page)
    due = clock.today() + timedelta(days=2)
    assert heading(page) == "A quiet minute"
    for words in (
        "From Rosemary", "For the walk home.", "You spoke of the harsh voice.", "after supper, on the back step",
        "About 5 minutes", f"Best before {due:%A} {due.day} {due:%B}, if that suits you", "Sit <strong>down</strong>.",
        "Another way, without the breath", "Feel your <em>hands</em>.", "If you want to stop",
        "You can stop at any line.", "Your answer is yours. You can leave any question empty.",
        "0 is not at all", "10 is very", "Share my answer with Rosemary", "What you wrote is not kept.",
        "Keep it to myself", "This was too much",
        "If you need someone now", "Leave this page",
    ):  # fmt: skip
        assert words in text
    for name in ("Send answer", "Not this week", "Keep for later", "Show one question at a time"):
        assert f">{name}</button>" in text


@pytest.mark.parametrize(
    ("column", "kept", "gone"),
    [
        ("personal_line", ["You spoke of the harsh voice.", "after supper, on the back step"], "For the walk home."),
        ("why", ["For the walk home.", "after supper, on the back step"], "harsh voice"),
        ("plan_when", ["For the walk home.", "You spoke of the harsh voice."], "after supper"),
        ("plan_where", ["For the walk home.", "You spoke of the harsh voice."], "back step"),
    ],
)
def test_words_that_do_not_open_are_said_to_be_there(browser: Browser, column: str, kept: list[str], gone: str) -> None:
    assignment = make_assignment()
    damage("exercises_assignment", column)
    page = browser.get(opened(browser, assignment))
    text = read(page)
    assert (page.status_code, text.count("This part can't be shown just now."), gone in text) == (200, 1, False)
    assert [words in text for words in kept] == [True, True]
    assert "Send answer" in text


def test_a_discreet_page_names_nobody(browser: Browser) -> None:
    client = make_client(make_user(name="Rosemary Fernhill"), is_discreet=True, name="Juniper Testwell")
    text = read(browser.get(opened(browser, make_assignment(client))))
    assert [name for name in ("Rosemary", "Juniper", "Testwell", "Willow Practice") if name in text] == []
    assert "Share my answer with my counsellor" in text


def test_the_tab_says_nothing_and_nobody_keeps_or_learns_the_address(browser: Browser) -> None:
    page = browser.get(opened(browser, make_assignment()))
    assert "<title>For you</title>" in read(page)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert list(page.cookies) == ["beside_door"]


def test_what_a_counsellor_typed_is_no_markup(browser: Browser) -> None:
    text = browser.get(opened(browser, make_assignment(why="<script>alert(1)</script>"))).content.decode()
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("deed", ["get", "head", "options"])
def test_a_mail_scanner_that_opens_the_link_changes_nothing(browser: Browser, deed: str) -> None:
    assignment = make_assignment()
    link = url(assignment)
    for query in ("", "?sent", "?deed=not_now", "?sharing=shared&q_line=x"):
        getattr(browser, deed)(link + query)
    assert Assignment.unscoped.get().state == State.ASSIGNED
    assert (Answer.unscoped.count(), AuditEntry.objects.count()) == (0, 0)


def test_every_exercise_that_ships_has_its_page(browser: Browser) -> None:
    client = make_client()
    for version in publish_shipped():
        page = browser.get(opened(browser, make_assignment(client, version=version)))
        assert (page.status_code, heading(page)) == (200, version.title)


def test_a_page_without_breath_offers_no_other_way(browser: Browser) -> None:
    page = browser.get(opened(browser, make_assignment(version=make_version(instead_of_breath=""))))
    assert "without the breath" not in read(page)


def test_the_page_takes_three_queries(browser: Browser, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    link = opened(browser, make_assignment())
    # The link, the assignment with its words, the practice; the client's data key is still warm.
    with django_assert_num_queries(3):
        browser.get(link)


# --- answering -----------------------------------------------------------------------------------------
def test_an_answer_is_kept_thanked_for_and_shown_again(browser: Browser) -> None:
    client = make_client(make_user(name="Rosemary Fernhill"))
    link = opened(browser, make_assignment(client))

    sent = browser.post(link, FULL)

    assert (sent.status_code, sent.headers["Location"]) == (302, f"{link}?sent")
    answer = Answer.unscoped.get()
    assert (answer.sharing, answer.values) == ("shared", VALUES)
    entry = AuditEntry.objects.get(deed="exercise.answer")
    assert (entry.actor, entry.reference) == (None, client.reference)
    thanks = browser.get(f"{link}?sent")
    assert heading(thanks) == "Thank you"
    assert "Your answer is with Rosemary, who will read it when they are next at work." in read(thanks)
    again = browser.get(link)
    assert heading(again) == "What you sent"
    for words in ("You again", "That was hard.<br>Rest now.", "0 is not at all, 10 is very", "Warm", "Something else"):
        assert words in read(again)


def test_only_done_is_kept_without_its_words(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    browser.post(link, {**FULL, "sharing": "done_only"})
    answer = Answer.unscoped.get()
    assert (answer.sharing, answer.values) == ("done_only", {})
    assert "will see that you did it, and nothing you wrote" in read(browser.get(f"{link}?sent"))
    again = browser.get(link)
    assert heading(again) == "You did this one"
    assert "What you wrote was not kept." in read(again)
    assert "You again" not in read(again)


def test_every_question_may_stay_empty(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    browser.post(link, {"sharing": "shared"})
    assert Answer.unscoped.get().values == {}
    assert "You left the questions empty" in read(browser.get(link))


@pytest.mark.parametrize("words", ["🌧️ then ☀️", "שלום, زهرة", "<b>x</b> & 'y'", "a" * 50_000, "{{ x }} %s"])
def test_any_writing_is_kept_as_it_is(browser: Browser, words: str) -> None:
    link = opened(browser, make_assignment())
    browser.post(link, {"q_page": words, "sharing": "shared"})
    assert Answer.unscoped.get().values == {"page": words}
    assert words in html.unescape(browser.get(link).content.decode())


def test_not_this_week_is_one_tap_and_fine(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    sent = browser.post(link, {"deed": "not_now"})
    assert sent.headers["Location"] == f"{link}?sent"
    assert Assignment.unscoped.get().state == State.NOT_NOW
    assert heading(browser.get(f"{link}?sent")) == "That is quite all right"
    assert heading(browser.get(link)) == "Not this week"
    assert deeds() == ["exercise.open", "exercise.not_now"]


# --- what does not validate ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sharing": ""}, "Please choose who sees what you write."),
        ({"sharing": "everyone"}, "Please choose who sees what you write."),
        ({"q_helpful": "11"}, "Please choose a number from 0 to 10, or leave it empty."),
        ({"q_helpful": "seven"}, "Please choose a number from 0 to 10, or leave it empty."),
        ({"q_sound": "Loud"}, "Please pick from the answers shown, or leave it empty."),
        ({"q_in_the_way": ["No time", "Aliens"]}, "Please pick from the answers shown, or leave it empty."),
        ({"q_line": "a" * 400_001}, "This is longer than fits here (400,000 characters)."),
    ],
)
def test_what_cannot_be_taken_says_so_at_the_field_and_keeps_the_text(
    browser: Browser, changes: dict[str, Any], message: str
) -> None:
    page = browser.post(opened(browser, make_assignment()), {**FULL, **changes})
    text = read(page)
    assert page.status_code == 422
    assert "Something needs another look. What you wrote is still here." in text
    assert text.count(message) == 2
    assert "That was hard." in text
    if "q_line" in changes:
        assert html.unescape(changes["q_line"])[:1000] in text
    assert (Answer.unscoped.count(), Assignment.unscoped.get().state) == (0, State.ASSIGNED)


def test_questions_that_were_not_asked_are_passed_over(browser: Browser) -> None:
    browser.post(opened(browser, make_assignment()), {**FULL, "q_other": "x", "values": "y"})
    assert Answer.unscoped.get().values == VALUES
