"""What the button "This was too much" does: help at once, and the words stay with the client."""

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.links import revoke
from exercises import drafts
from exercises.drafts import DraftChanged
from exercises.models import Assignment, Draft
from tests.exercises.factories import deeds, make_assignment
from tests.exercises.pages import heading, read
from tests.exercises.practising import FULL, opened, run_out, saved
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db
State = Assignment.State


def test_it_stops_and_shows_help_at_once(browser: Browser) -> None:
    link = opened(browser, make_assignment(make_client(make_user(name="Rosemary Fernhill"))))
    sent = browser.post(link, {**FULL, "deed": "too_much", "version": "0"})
    assert sent.headers["Location"] == f"{link}?sent"
    page = browser.get(f"{link}?sent")
    text = read(page)
    assert heading(page) == "You stopped, and that was kind"
    order = [
        "feel your feet on the floor", "Nobody watches this page", "116 123", "Rosemary will see this when next",
        "What you wrote stays here for you", "That was hard.",
    ]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert text.count("If you need someone now") == 1
    assert Assignment.unscoped.get().state == State.TOO_MUCH
    assert deeds() == ["exercise.open", "exercise.start", "exercise.too_much"]


def test_later_the_page_still_shows_help_first(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    browser.post(link, {"deed": "too_much"})
    assert heading(browser.get(link)) == "You said it was too much"
    assert Draft.unscoped.count() == 0


def test_pressed_twice_or_after_going_back_it_is_once(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    form = {**FULL, "deed": "too_much", "version": "0"}
    assert [browser.post(link, form).status_code for _ in range(2)] == [302, 302]
    assert deeds().count("exercise.too_much") == 1
    assert browser.post(link, {**FULL, "version": "0"}).status_code == 302
    assert Assignment.unscoped.get().state == State.TOO_MUCH


def test_words_of_another_device_do_not_hold_it_up(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_line="by phone")
    browser.post(link, {"deed": "too_much", "q_line": "by laptop", "version": "0"})
    assert Assignment.unscoped.get().state == State.TOO_MUCH
    assert Draft.unscoped.get().values == {"q_line": "by phone\n\nby laptop"}


@pytest.mark.parametrize("state", [State.GONE_BY, State.NOT_NOW])
def test_it_is_heard_after_a_newer_one_came_or_it_was_put_off(browser: Browser, state: str) -> None:
    assignment = make_assignment()
    link = opened(browser, assignment)
    answered_at = timezone.now() if state == State.NOT_NOW else None
    Assignment.unscoped.update(state=state, answered_at=answered_at)

    assert browser.post(link, {"deed": "too_much"}).headers["Location"] == f"{link}?sent"

    assert Assignment.unscoped.get().state == State.TOO_MUCH
    assert deeds()[-1] == "exercise.too_much"


def test_by_a_link_that_has_run_out_it_is_heard_too(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    run_out()

    page = browser.post(link, {"deed": "too_much"})

    assert (page.status_code, "116 123" in page.content.decode()) == (200, True)
    assert Assignment.unscoped.get().state == State.TOO_MUCH


def test_after_an_answer_help_is_shown_and_the_answer_stays(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    browser.post(link, FULL)
    page = browser.post(link, {**FULL, "deed": "too_much"})
    text = read(page)
    assert (page.status_code, heading(page)) == (409, "You stopped, and that was kind")
    assert text.index("feel your feet on the floor") < text.index("116 123") < text.index("was not passed on from here")
    assert ("An answer was sent from this page before" in text, "That was hard" in text) == (True, False)
    assert Assignment.unscoped.get().state == State.DONE


def test_of_one_that_was_taken_back_help_comes_all_the_same(browser: Browser) -> None:
    assignment = make_assignment()
    link = opened(browser, assignment)
    Assignment.unscoped.update(state=State.WITHDRAWN)
    revoke(subject_id=assignment.pk)
    page = browser.post(link, {"deed": "too_much", "q_line": "too near"})
    text = read(page)
    assert heading(page) == "You stopped, and that was kind"
    assert [words in text for words in ("116 123", "had been taken back before", "too near</textarea>")] == [True] * 3
    assert "can be kept open" not in read(browser.post(link, {"deed": "too_much"}))


def test_words_that_cannot_be_kept_any_more_are_given_back_below_the_help(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    Assignment.unscoped.update(state=State.NOT_NOW, answered_at=timezone.now())
    page = browser.post(link, {"deed": "too_much", "q_line": "too near"})
    text = read(page)
    assert (page.status_code, text.index("116 123") < text.index("too near</textarea>")) == (200, True)


def test_a_device_that_writes_again_and_again_holds_nobody_up(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_line="by phone")
    draft = Draft.unscoped.get()

    def changed(**_: object) -> Draft:
        raise DraftChanged(draft, {"q_line": "by phone"})

    monkeypatch.setattr(drafts, "save_draft", changed)
    page = browser.post(link, {"deed": "too_much", "q_line": "by laptop", "version": "0"})
    assert (page.status_code, "by laptop</textarea>" in read(page)) == (200, True)
    assert Assignment.unscoped.get().state == State.TOO_MUCH
