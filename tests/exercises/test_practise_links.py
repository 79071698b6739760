"""The client's link: used twice, too late, put away, or leading nowhere."""

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.links import revoke
from clients.models import ClientLink
from exercises.models import Answer, Assignment
from exercises.services import withdraw_assignment
from tests.exercises.factories import deeds, make_assignment
from tests.exercises.pages import heading, read
from tests.exercises.practising import FULL, VALUES, opened, saved, url
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db
State = Assignment.State


def test_the_same_form_twice_is_one_answer(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    browser.post(link, FULL)
    again = browser.post(link, FULL)
    assert (again.status_code, again.headers["Location"]) == (302, link)
    assert (Answer.unscoped.count(), deeds()) == (1, ["exercise.open", "exercise.answer"])


def test_another_text_after_the_answer_is_given_back(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    browser.post(link, FULL)
    late = browser.post(link, {**FULL, "q_line": "one thing more"})
    assert (late.status_code, heading(late)) == (409, "This could not be sent")
    assert "one thing more</textarea>" in read(late)
    assert Answer.unscoped.get().values == VALUES


def test_an_answer_after_not_this_week_is_given_back(browser: Browser) -> None:
    link = opened(browser, make_assignment(state=State.NOT_NOW))
    late = browser.post(link, FULL)
    assert (late.status_code, "You again</textarea>" in read(late)) == (409, True)


def test_not_this_week_after_an_answer_leaves_the_answer(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    browser.post(link, FULL)
    assert browser.post(link, {"deed": "not_now"}).headers["Location"] == link
    assert Assignment.unscoped.get().state == State.DONE


def test_a_withdrawn_page_is_put_away(browser: Browser) -> None:
    assignment = make_assignment(make_client(make_user(name="Rosemary Fernhill")))
    link = url(assignment)
    withdraw_assignment(actor=assignment.assigned_by, assignment=assignment)
    page = browser.get(link)
    assert (page.status_code, heading(page)) == (410, "This page has been put away")
    assert "Rosemary has taken it back for now." in read(page)
    assert [word for word in ("A quiet minute", "For the walk home") if word in read(page)] == []


def test_a_withdrawn_page_names_nobody_to_who_would_have_to_type_a_code(browser: Browser) -> None:
    assignment = make_assignment(make_client(make_user(name="Rosemary Fernhill"), page_code="word", page_word="heron"))
    link = url(assignment)
    withdraw_assignment(actor=assignment.assigned_by, assignment=assignment)
    page = browser.get(link)
    assert (page.status_code, "Rosemary" in read(page)) == (410, False)


def test_what_was_typed_into_a_page_that_was_put_away_is_given_back(browser: Browser) -> None:
    assignment = make_assignment()
    link = url(assignment)
    withdraw_assignment(actor=assignment.assigned_by, assignment=assignment)
    page = browser.post(link, FULL)
    assert (page.status_code, "You again</textarea>" in read(page)) == (410, True)
    assert Answer.unscoped.count() == 0


def test_a_link_that_has_run_out_says_nothing_of_whose_it_was(browser: Browser) -> None:
    client = make_client(make_user(name="Rosemary Fernhill"), name="Juniper Testwell")
    page = browser.get(url(make_assignment(client), days=-1))
    assert (page.status_code, heading(page)) == (410, "This link has run out")
    assert [word for word in ("Rosemary", "Juniper", "A quiet minute") if word in read(page)] == []
    assert "If you need someone now" in read(page)
    assert page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("deed", ["get", "post"])
@pytest.mark.parametrize("token", ["x", "a" * 43, "é" * 43, "a" * 5000])
def test_an_unknown_token_leads_nowhere(browser: Browser, deed: str, token: str) -> None:
    make_assignment()
    page = getattr(browser, deed)(f"/x/{token}/")
    assert (page.status_code, heading(page)) == (404, "There is nothing here")


def test_a_link_for_something_else_leads_nowhere(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    ClientLink.unscoped.update(purpose=ClientLink.Purpose.MAIL)
    assert browser.get(link).status_code == 404


def test_a_link_whose_exercise_is_gone_leads_nowhere(browser: Browser) -> None:
    assignment = make_assignment()
    link = url(assignment)
    assignment.delete()
    assert browser.get(link).status_code == 404


def test_a_revoked_link_is_closed_to_answers(browser: Browser) -> None:
    assignment = make_assignment()
    link = url(assignment)
    revoke(subject_id=assignment.pk)
    assert browser.post(link, {"deed": "not_now"}).status_code == 410
    assert Assignment.unscoped.get().state == State.ASSIGNED


def test_what_was_sent_is_read_again_by_the_link(browser: Browser) -> None:
    assignment = make_assignment(make_client(), state=State.DONE, answer=VALUES, answered_at=timezone.now())
    assert heading(browser.get(opened(browser, assignment))) == "What you sent"
    assert heading(browser.get(url(assignment, days=-1))) == "This link has run out"


def test_a_newer_one_leaves_what_was_written_to_read(browser: Browser) -> None:
    assignment = make_assignment()
    link = opened(browser, assignment)
    saved(browser, link, q_line="half a thought")
    Assignment.unscoped.update(state=State.GONE_BY)
    page = browser.get(link)
    assert (heading(page), "half a thought" in read(page)) == ("This one has been put aside", True)
    assert "<button" not in read(page)
