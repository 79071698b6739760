"""Long and strange texts on the client's page: kept as they are, or refused politely with everything still there."""

import html

import pytest
from django.test import Client as Browser
from django.test.client import encode_multipart

from exercises.models import Answer, Draft
from tests.exercises.factories import make_assignment
from tests.exercises.pages import heading, read
from tests.exercises.practising import opened, saved

pytestmark = pytest.mark.django_db
URLENCODED = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("words", ["a" * 300_000, "🌧️" * 150_000, "שלום وردة\u202e " * 20_000 + "."])
def test_three_hundred_thousand_characters_are_kept_as_draft_and_as_answer(browser: Browser, words: str) -> None:
    link = opened(browser, make_assignment())
    assert saved(browser, link, q_page=words, sharing="shared").status_code == 200
    assert html.escape(words) in browser.get(link).content.decode()
    browser.post(link, {"q_page": words, "sharing": "shared", "version": "1"})
    assert Answer.unscoped.get().values == {"page": words}


def test_more_is_refused_at_its_field_with_everything_still_there(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    words = "b" * 400_001
    answer = saved(browser, link, q_page=words)
    assert (answer.status_code, answer.json()) == (422, {"why": "too_long"})
    for deed in ("save", "send"):
        page = browser.post(link, {"deed": deed, "q_page": words, "q_line": "short", "sharing": "shared"})
        assert (page.status_code, words in page.content.decode()) == (422, True)
        assert "This is longer than fits here (400,000 characters)." in read(page)
        assert "short</textarea>" in read(page)
    assert (Answer.unscoped.count(), Draft.unscoped.count()) == (0, 0)


def test_more_than_the_server_takes_is_said_kindly(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    body = {"q_page": "c" * 4_300_000, "sharing": "shared"}
    page = browser.post(link, body)
    assert (page.status_code, heading(page)) == (413, "That was more than fits at once")
    assert "If you need someone now" in read(page)
    assert saved(browser, link, **body).json() == {"why": "too_large"}
    plain = browser.post(link, "q_page=" + "c" * 4_300_000, content_type=URLENCODED)
    assert plain.status_code == 413


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"deed=save&q_line=a%00b", "ab"),
        (b"deed=save&q_line=a%ED%A0%80b", "a\ufffd\ufffd\ufffdb"),
        (b"deed=save&q_line=a%FFb", "a\ufffdb"),
        (b"deed=save&q_line=one%0D%0Atwo", "one\ntwo"),
        (b"deed=save&q_line=%E2%80%AEabc", "\u202eabc"),
    ],
)
def test_what_no_text_can_hold_is_left_out(browser: Browser, body: bytes, kept: str) -> None:
    link = opened(browser, make_assignment())
    assert browser.post(link, body, content_type=URLENCODED).status_code == 302
    assert Draft.unscoped.get().values == {"q_line": kept}
    assert browser.get(link).status_code == 200


def test_half_a_character_in_another_encoding_is_no_error(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    sent = browser.post(link, b"deed=save&q_line=a+2AA-b", content_type=f"{URLENCODED}; charset=utf-7")
    assert sent.status_code < 500
    assert browser.get(link).status_code == 200


def test_fields_that_come_twice_or_as_files_are_no_error(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    sent = browser.post(
        link, b"deed=save&deed=open&version=1&version=x&step=-1&q_line=a&q_line=b&then=", content_type=URLENCODED
    )
    assert sent.status_code == 302
    body = encode_multipart("b", {"deed": "save", "version": "99999999999999999999", "q_helpful": "12345"})
    assert browser.post(link, body, content_type="multipart/form-data; boundary=b").status_code == 302
    assert browser.get(link).status_code == 200
    assert browser.post(link, b"--b\r\nbroken", content_type="multipart/form-data; boundary=b").status_code < 500
