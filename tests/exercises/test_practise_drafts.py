"""Half-written answers on the client's page: saved as they go, there on another device, and never lost."""

import pytest
from django.test import Client as Browser

from exercises.models import Answer, Assignment, Draft
from tests.exercises.factories import damage, deeds, make_assignment, make_version
from tests.exercises.pages import heading, read
from tests.exercises.practising import FULL, VALUES, opened, saved
from tests.factories import make_client

pytestmark = pytest.mark.django_db
State = Assignment.State


def test_what_changed_is_saved_and_counted_on(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    assert saved(browser, link, q_line="a thought").json() == {"version": 1}
    assert saved(browser, link, 1, q_page="more").json() == {"version": 2}
    assert Draft.unscoped.get().values == {"q_line": "a thought", "q_page": "more"}
    assert deeds() == ["exercise.open", "exercise.start"]


def test_it_is_there_on_another_device_and_by_another_link(browser: Browser) -> None:
    assignment = make_assignment()
    saved(browser, opened(browser, assignment), q_line="a thought", q_sound="Warm", q_helpful="7", asked="q_in_the_way",
          q_in_the_way=["No time"], sharing="done_only")  # fmt: skip
    other = Browser()
    text = read(other.get(opened(other, assignment)))
    assert "a thought</textarea>" in text
    for name, value in (("q_sound", "Warm"), ("q_helpful", "7"), ("q_in_the_way", "No time"), ("sharing", "done_only")):
        assert [part for part in text.split("<input") if f'name="{name}" value="{value}"' in part and "checked" in part]


def test_without_a_script_a_button_keeps_it(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    sent = browser.post(link, {**FULL, "sharing": "", "deed": "save", "version": "0"})
    assert sent.headers["Location"] == f"{link}?kept"
    page = browser.get(f"{link}?kept")
    assert "Saved. You can close this page" in read(page)
    assert "That was hard. Rest now.</textarea>" in read(page)


def test_nothing_typed_is_no_draft(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    assert saved(browser, link, q_line="", sharing="shared").json() == {"version": 0}
    assert (Draft.unscoped.count(), deeds()) == (0, ["exercise.open"])


def test_to_be_kept_is_chosen_before_a_word_is_written(browser: Browser) -> None:
    """So that no word of it ever lies under a key of the server's."""
    link = opened(browser, make_assignment())
    saved(browser, link, sharing="kept")
    draft = Draft.unscoped.get()
    assert (draft.sharing, draft.values, draft.kept is not None) == ("kept", {}, True)


def test_a_tick_that_was_taken_back_is_taken_back(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, asked="q_in_the_way", q_in_the_way=["No time"])
    saved(browser, link, 1, asked="q_in_the_way")
    assert Draft.unscoped.get().values == {"q_in_the_way": []}


def test_two_devices_at_the_same_words_are_both_shown_to_the_script(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_line="by phone")
    answer = saved(browser, link, 0, q_line="by laptop", q_page="only here")
    assert (answer.status_code, answer.json()) == (
        409, {"why": "changed", "elsewhere": {"q_line": "by phone"}, "version": 1},
    )  # fmt: skip
    assert Draft.unscoped.get().values == {"q_line": "by phone"}


@pytest.mark.parametrize("deed", ["save", "send"])
def test_two_devices_at_the_same_words_are_both_shown_on_the_page(browser: Browser, deed: str) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_line="by phone")
    page = browser.post(link, {**FULL, "q_line": "by laptop", "deed": deed, "version": "0"})
    text = read(page)
    assert (page.status_code, Answer.unscoped.count()) == (409, 0)
    assert "You also wrote on another device. Both are here." in text
    assert "by laptop</textarea>" in text
    assert 'On another device you wrote:</p> <p class="word" dir="auto">by phone</p>' in text
    assert 'name="version" value="1"' in text
    browser.post(link, {**FULL, "q_line": "both", "version": "1"})
    assert Answer.unscoped.get().values == {**VALUES, "line": "both"}


def test_sending_takes_along_what_another_device_saved(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_line="by phone")
    browser.post(link, {"q_page": "by laptop", "sharing": "shared", "version": "0"})
    assert Answer.unscoped.get().values == {"line": "by phone", "page": "by laptop"}
    assert Draft.unscoped.count() == 0


def test_only_saying_that_it_was_done_is_held_up_by_no_other_device(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_line="by phone")
    sent = browser.post(link, {"q_line": "by laptop", "sharing": "done_only", "version": "0"})
    assert (sent.status_code, Answer.unscoped.get().values, Draft.unscoped.count()) == (302, {}, 0)


def test_a_choice_that_was_taken_back_is_not_sent(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_sound="Warm", q_helpful="7", q_line="a thought")
    assert saved(browser, link, 1, q_helpful="").json() == {"version": 2}
    browser.post(link, {"q_sound": "", "q_line": "a thought", "sharing": "shared", "version": "2"})
    assert Answer.unscoped.get().values == {"line": "a thought"}


def test_saving_after_it_was_sent_is_refused_with_the_words_still_there(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    browser.post(link, FULL)
    answer = saved(browser, link, q_line="one thing more")
    assert (answer.status_code, answer.json()) == (409, {"why": "closed"})
    page = browser.post(link, {"deed": "save", "q_line": "one thing more"})
    assert (page.status_code, "one thing more</textarea>" in read(page)) == (409, True)


def test_what_was_written_stays_with_not_this_week(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_line="before")
    browser.post(link, {"deed": "not_now", "q_line": "before", "q_page": "and this", "version": "1"})
    page = browser.get(link)
    assert heading(page) == "Not this week"
    for words in ("What you wrote stays here for you", "before", "and this"):
        assert words in read(page)
    again = browser.post(link, {"deed": "not_now", "q_line": "before", "q_page": "and this", "version": "1"})
    assert again.status_code == 302


def test_not_this_week_keeps_the_words_of_both_devices(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_line="by phone", q_sound="Warm")
    browser.post(link, {"deed": "not_now", "q_line": "by laptop", "q_sound": "A bit flat", "version": "0"})
    assert Draft.unscoped.get().values == {"q_line": "by phone\n\nby laptop", "q_sound": "A bit flat"}
    assert Assignment.unscoped.get().state == State.NOT_NOW


def test_a_draft_that_does_not_open_is_said_to_be_there_and_holds_nobody_up(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_line="a thought")
    damage("exercises_draft", '"values"')
    page = browser.get(link)
    assert (page.status_code, "can't be shown just now" in read(page)) == (200, True)
    assert saved(browser, link, 1, q_line="anew").json() == {"why": "sealed"}
    browser.post(link, FULL)
    assert Answer.unscoped.get().values == VALUES


def test_a_required_question_holds_up_sending_and_not_saving(browser: Browser) -> None:
    fields = [{"name": "line", "kind": "text", "label": "What did it say?", "required": True}]
    link = opened(browser, make_assignment(make_client(), version=make_version(fields=fields)))
    assert saved(browser, link, q_line="").status_code == 200
    refused = browser.post(link, {"sharing": "shared"})
    assert (refused.status_code, "Please answer this one, even with a word." in read(refused)) == (422, True)
    assert browser.post(link, {"sharing": "done_only"}).status_code == 302


def test_what_could_not_be_sent_yet_is_saved(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    refused = browser.post(link, {**FULL, "sharing": "", "version": "0"})
    assert (refused.status_code, 'name="version" value="1"' in read(refused)) == (422, True)
    assert "That was hard. Rest now.</textarea>" in read(browser.get(link))
    again = browser.post(link, {**FULL, "q_line": "other", "sharing": "", "version": "0"})
    assert (again.status_code, "On another device you wrote:" in read(again)) == (409, True)
