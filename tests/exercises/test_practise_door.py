"""The neutral page before a client's exercise: nothing is shown, and nothing lost, at a shut door."""

from typing import Any

import pytest
from django.test import Client as Browser

from exercises.models import Answer, Assignment, Draft
from practice.models import AuditEntry
from tests.exercises.factories import deeds, make_assignment
from tests.exercises.pages import heading, read
from tests.exercises.practising import FULL, SCRIPT, VALUES, opened, saved, url
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db
State = Assignment.State


def hidden(page: Any, name: str) -> list[str]:
    """Return what a page carries along under a name."""
    return [value for key, value in page.context["carried"] if key == name]


def test_a_shut_door_tells_nothing_and_notes_nothing(browser: Browser) -> None:
    client = make_client(make_user(name="Rosemary Fernhill"), name="Juniper Testwell")
    page = browser.get(url(make_assignment(client)))
    assert (page.status_code, heading(page)) == (200, "For you")
    assert "<title>For you</title>" in read(page)
    secret = ("Rosemary", "Juniper", "A quiet minute", "For the walk home", "counsel", "exercise", "therap")
    assert [word for word in secret if word in read(page)] == []
    assert "If you need someone now" in read(page)
    assert [name for name in ("Open", "Not this week") if f">{name}</button>" in read(page)] == [
        "Open",
        "Not this week",
    ]
    assert (page.cookies, AuditEntry.objects.count()) == ({}, 0)


def test_the_button_opens_and_is_noted_once(browser: Browser) -> None:
    assignment = make_assignment()
    link = url(assignment)
    sent = browser.post(link, {"deed": "open"})
    assert (sent.status_code, sent.headers["Location"]) == (302, link)
    assert sent.cookies["beside_door"]["path"] == link
    assert heading(browser.get(link)) == "A quiet minute"
    browser.post(link, {"deed": "open"})
    assert deeds() == ["exercise.open"]
    assert Assignment.unscoped.get().opened_at is not None


def test_another_browser_has_a_door_of_its_own(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    assert heading(Browser().get(link)) == "For you"


def test_not_this_week_can_be_said_from_outside(browser: Browser) -> None:
    link = url(make_assignment())
    sent = browser.post(link, {"deed": "not_now"})
    assert sent.headers["Location"] == f"{link}?sent"
    assert heading(browser.get(f"{link}?sent")) == "That is quite all right"
    assert deeds() == ["exercise.not_now"]
    assert Assignment.unscoped.get().opened_at is None


# --- with a code -------------------------------------------------------------------------------------
def with_word(**fields: Any) -> Assignment:
    return make_assignment(make_client(page_code="word", page_word="heron", **fields))


def test_a_word_is_asked_for_and_opens(browser: Browser) -> None:
    link = url(with_word())
    page = browser.get(link)
    assert "The word you agreed" in read(page)
    assert "Not this week" not in read(page)
    browser.post(link, {"deed": "open", "code": " Heron "})
    assert heading(browser.get(link)) == "A quiet minute"


def test_a_year_of_birth_is_asked_for(browser: Browser) -> None:
    assignment = make_assignment(make_client(page_code="birth_year", date_of_birth="1985-06-01"))
    assert "Your year of birth" in read(browser.get(url(assignment)))
    assert heading(browser.get(opened(browser, assignment, "1985"))) == "A quiet minute"


def test_without_the_word_nothing_can_be_done(browser: Browser) -> None:
    link = url(with_word())
    for fields in ({"deed": "not_now"}, {"deed": "too_much"}, FULL, {"deed": "open", "code": "crow"}):
        assert browser.post(link, fields).status_code in (403, 422)
    assert (Answer.unscoped.count(), Assignment.unscoped.get().state, AuditEntry.objects.count()) == (0, "assigned", 0)


def test_a_wrong_word_is_said_kindly_and_the_sixth_waits(browser: Browser) -> None:
    link = url(with_word())
    wrong = browser.post(link, {"deed": "open", "code": "crow", "then": "send", **FULL})
    assert (wrong.status_code, "That does not seem to be it." in read(wrong)) == (422, True)
    for _ in range(4):
        last = browser.post(link, {"deed": "open", "code": "crow", "then": "send", **FULL})
    assert (last.status_code, "Please try again at" in read(last)) == (429, True)
    assert 800 < int(last.headers["Retry-After"]) <= 900
    right = browser.post(link, {"deed": "open", "code": "heron", "then": "send", **FULL})
    assert (right.status_code, hidden(right, "q_line"), hidden(right, "then")) == (429, ["You again"], ["send"])


def test_a_word_that_the_record_lacks_leads_to_a_person(browser: Browser) -> None:
    client = make_client(page_code="birth_year", date_of_birth="")
    page = browser.post(url(make_assignment(client)), {**FULL, "deed": "save"})
    assert "This page can't be opened just now" in read(page)
    assert "You again</textarea>" in read(page)
    assert (read(page).count("<textarea"), page.context["typed"]) == (2, ["You again", "That was hard.\nRest now."])
    assert ">Open</button>" not in read(page)


def test_another_word_shuts_the_door(browser: Browser) -> None:
    assignment = with_word()
    link = opened(browser, assignment, "heron")
    assert heading(browser.get(link)) == "A quiet minute"
    client = assignment.client
    client.page_word = "kingfisher"
    client.save()
    assert heading(browser.get(link)) == "For you"


# --- the door has shut meanwhile -----------------------------------------------------------------------
def test_words_go_on_through_the_door_with_their_deed(browser: Browser) -> None:
    link = url(make_assignment())
    shut = browser.post(link, {**FULL, "deed": "send", "version": "0", "asked": "q_in_the_way"})
    assert (shut.status_code, heading(shut)) == (403, "For you")
    assert "everything you typed goes on with you" in read(shut)
    assert hidden(shut, "q_page") == ["That was hard.\nRest now."]
    assert hidden(shut, "q_in_the_way") == ["No time", "Something else"]
    carried: dict[str, list[str]] = {}
    for name, value in shut.context["carried"]:
        carried.setdefault(name, []).append(value)
    sent = browser.post(link, {**carried, "deed": "open"})
    assert sent.headers["Location"] == f"{link}?sent"
    assert Answer.unscoped.get().values == VALUES
    assert deeds() == ["exercise.open", "exercise.answer"]


def test_the_script_is_told_that_the_door_has_shut(browser: Browser) -> None:
    answer = saved(browser, url(make_assignment()), q_line="a thought")
    assert (answer.status_code, answer.json()) == (403, {"why": "door"})
    assert Draft.unscoped.count() == 0


def test_what_was_held_up_as_a_draft_is_saved(browser: Browser) -> None:
    link = url(make_assignment())
    browser.post(link, {"deed": "open", "then": "save", "q_line": "a thought"})
    assert Draft.unscoped.get().values == {"q_line": "a thought"}


def test_a_look_with_the_door_open_changes_no_row(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    for query in ("", "?show=one&step=2", "?sent", "?kept", "?deed=too_much"):
        assert browser.get(link + query, **SCRIPT).status_code == 200
    assert (deeds(), Draft.unscoped.count(), Assignment.unscoped.get().state) == (["exercise.open"], 0, State.ASSIGNED)
