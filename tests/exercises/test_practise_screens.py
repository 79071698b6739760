"""One question to a screen: forwards and back by buttons that save, without any script."""

from typing import Any

import pytest
from django.test import Client as Browser

from exercises.models import Answer, Draft
from tests.exercises.factories import make_assignment, make_version
from tests.exercises.pages import heading, read
from tests.exercises.practising import opened, saved

pytestmark = pytest.mark.django_db
# Two questions of its own, three of the closing ones that it does not ask itself; the words and the sending.
FIELDS: list[dict[str, Any]] = [
    {"name": "calm", "kind": "before_after", "label": "How calm?", "low": "not", "high": "very"},
    {"name": "line", "kind": "text", "label": "What did it say?"},
    {"name": "felt", "kind": "tick", "label": "What came?", "options": ["Calm", "Tears"]},
]
LAST = 9


def screens(browser: Browser) -> str:
    return opened(browser, make_assignment(version=make_version(fields=FIELDS)))


def test_the_first_screen_has_the_words_and_the_last_one_sends(browser: Browser) -> None:
    link = screens(browser)
    first = read(browser.get(f"{link}?show=one"))
    for words in ("1 of 9", "Before you begin", "How calm? (before)", "Sit <strong>down</strong>.", ">Start</button>",
                  ">Not this week</button>", "This was too much"):  # fmt: skip
        assert words in first
    assert "What did it say?" not in first
    last = read(browser.get(f"{link}?show=one&step={LAST}"))
    for words in ("9 of 9", "Who sees what you write?", ">Send answer</button>", ">Back</button>"):
        assert words in last
    assert ">Next</button>" not in last


@pytest.mark.parametrize(("step", "shown"), [("2", "2 of 9"), ("99", "9 of 9"), ("0", "1 of 9"), ("x", "1 of 9")])
def test_any_step_is_a_screen(browser: Browser, step: str, shown: str) -> None:
    assert shown in read(browser.get(f"{screens(browser)}?show=one&step={step}"))


def test_each_screen_asks_one_question_and_the_afterwards_come_last(browser: Browser) -> None:
    link = screens(browser)
    seen = [read(browser.get(f"{link}?show=one&step={step}")) for step in range(2, LAST)]
    asked = ["What did it say?", "What came?", "How calm? (after)", "How far did it go?", "How helpful was this?",
             "Has any of it shown up in your day?", "Did anything get in the way?"]  # fmt: skip
    assert [[label for label in asked if f"{label}</" in text] for text in seen] == [[label] for label in asked]
    assert [": afterwards" in text for text in seen] == [False] * 3 + [True] * 4


def test_next_and_back_save_and_go_on(browser: Browser) -> None:
    link = screens(browser)
    here = {"show": "one", "step": "2", "version": "0", "q_line": "a thought"}
    sent = browser.post(link, {**here, "deed": "next"})
    assert sent.headers["Location"] == f"{link}?show=one&step=3"
    ticked = {"show": "one", "step": "3", "version": "1", "asked": "q_felt", "q_felt": ["Tears"]}
    back = browser.post(link, {**ticked, "deed": "back"})
    assert back.headers["Location"] == f"{link}?show=one&step=2"
    assert Draft.unscoped.get().values == {"q_line": "a thought", "q_felt": ["Tears"]}
    assert "a thought</textarea>" in read(browser.get(back.headers["Location"]))


def test_the_way_to_see_it_is_remembered_and_turned_with_the_words_saved(browser: Browser) -> None:
    link = screens(browser)
    turned = browser.post(link, {"deed": "show_one", "show": "all", "q_line": "a thought", "version": "0"})
    assert turned.headers["Location"] == f"{link}?show=one"
    other = Browser()
    other.post(link, {"deed": "open"})
    assert "1 of 9" in read(other.get(link))
    turned = browser.post(link, {"deed": "show_all", "show": "one", "step": "2", "q_line": "a thought", "version": "1"})
    assert turned.headers["Location"] == f"{link}?show=all"
    assert "1 of 9" not in read(other.get(link))


def test_keeping_it_for_later_stays_on_the_screen(browser: Browser) -> None:
    link = screens(browser)
    kept = browser.post(link, {"deed": "save", "show": "one", "step": "2", "q_line": "a thought", "version": "0"})
    assert kept.headers["Location"] == f"{link}?show=one&step=2&kept"
    assert "Saved. You can close this page" in read(browser.get(kept.headers["Location"]))


def test_the_last_screen_sends_all_that_was_saved(browser: Browser) -> None:
    link = screens(browser)
    saved(browser, link, q_line="a thought", show="one", **{"q_calm-before": "3"})
    last = {"deed": "send", "show": "one", "step": "9", "version": "1"}
    refused = browser.post(link, last)
    assert (refused.status_code, "Please choose who sees what you write." in read(refused)) == (422, True)
    assert "a thought</textarea>" in read(refused)
    browser.post(link, {**last, "sharing": "shared"})
    assert Answer.unscoped.get().values == {"line": "a thought", "calm": {"before": 3}}
    assert heading(browser.get(f"{link}?sent")) == "Thank you"
