"""What a client keeps to themselves: opened by their own link, and by nothing else."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import ClientLink
from exercises.models import Answer, Draft
from tests.exercises.factories import blob_of, make_assignment, make_version
from tests.exercises.pages import heading, read
from tests.exercises.practising import FULL, opened, saved
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db
KEPT = {**FULL, "sharing": "kept"}


def test_the_choice_says_what_is_true(browser: Browser) -> None:
    client = make_client(make_user(name="Rosemary Fernhill"))
    text = read(browser.get(opened(browser, make_assignment(client))))
    assert "Sealed with a key that is only in the link in your mail: Rosemary can't read it" in text
    assert "While you write, your words pass through the server" in text
    assert f"The link works until {_until()}. When it has run out, a button on its page keeps it open" in text


def _until() -> str:
    day = timezone.localtime(ClientLink.unscoped.get().expires_at - timedelta(minutes=1))
    return f"{day:%A} {day.day} {day:%B}"


def test_it_is_read_again_by_the_same_link_alone(browser: Browser) -> None:
    assignment = make_assignment()
    link = opened(browser, assignment)
    browser.post(link, KEPT)
    answer = Answer.unscoped.get()
    assert (answer.sharing, answer.values, b"That was hard" in bytes(answer.kept or b"")) == ("kept", {}, False)
    sent = read(browser.get(f"{link}?sent"))
    assert "keep the mail if you would like to read them again" in sent
    assert f"The link works until {_until()}. When it has run out, a button on its page keeps it open" in sent
    assert "after about two months more it can’t be opened again" in sent
    again = browser.get(link)
    assert (heading(again), "That was hard.<br>Rest now." in read(again)) == ("You did this one", True)
    other = browser.get(opened(browser, assignment))
    assert "opens only by the link in the mail from which you wrote it" in read(other)
    assert "That was hard" not in read(other)


def test_the_same_form_twice_loses_nothing(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    assert [browser.post(link, KEPT).status_code for _ in range(2)] == [302, 302]
    assert browser.post(link, {**KEPT, "q_line": "other words"}).status_code == 409


def test_a_draft_is_sealed_as_soon_as_it_is_chosen(browser: Browser) -> None:
    assignment = make_assignment()
    link = opened(browser, assignment)
    saved(browser, link, q_line="for me")
    assert saved(browser, link, 1, q_page="alone", sharing="kept").json() == {"version": 2}
    assert Draft.unscoped.get().values == {}
    assert b"for me" not in blob_of("exercises_draft", "kept")
    assert "for me</textarea>" in read(browser.get(link))


def test_by_another_link_they_can_begin_anew_and_the_first_stays_until_they_send(browser: Browser) -> None:
    assignment = make_assignment()
    first = opened(browser, assignment)
    saved(browser, first, q_line="for me", sharing="kept")
    laptop = Browser()
    second = opened(laptop, assignment)
    page = laptop.get(f"{second}?show=one")
    assert "Only the link in that mail opens those words" in read(page)
    assert ("for me" in read(page), "1 of" in read(page)) == (False, False)
    refused = saved(laptop, second, q_line="anew")
    assert (refused.status_code, refused.json()) == (409, {"why": "sealed"})
    by_button = laptop.post(second, {"deed": "save", "q_line": "anew"})
    assert (by_button.status_code, "anew</textarea>" in read(by_button)) == (409, True)
    assert "for me</textarea>" in read(browser.get(first))
    laptop.post(second, {"q_line": "anew", "sharing": "shared"})
    assert (Answer.unscoped.get().values, Draft.unscoped.count()) == ({"line": "anew"}, 0)


def test_not_this_week_leaves_what_is_sealed_to_its_own_link(browser: Browser) -> None:
    assignment = make_assignment()
    first = opened(browser, assignment)
    saved(browser, first, q_line="for me", sharing="kept")
    laptop = Browser()
    second = opened(laptop, assignment)
    promises = read(laptop.get(second))
    assert ("stays here for you" in promises, "saved as you go" in promises) == (False, False)
    page = laptop.post(second, {"deed": "not_now", "q_line": "written here"})
    assert (page.status_code, "written here" in read(page)) == (200, True)
    assert "opens only by the link in the mail" in read(laptop.get(second))
    assert "for me" in read(browser.get(first))


def test_an_exercise_that_stays_private_begins_with_it_chosen(browser: Browser) -> None:
    version = make_version(stays_private=True)
    link = opened(browser, make_assignment(version=version))
    (kept,) = [part for part in read(browser.get(link)).split("<input") if 'value="kept"' in part]
    assert "checked" in kept
    assert 'name="sharing" value="kept"' in read(browser.get(f"{link}?show=one"))
