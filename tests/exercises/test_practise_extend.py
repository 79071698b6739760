"""A client's link whose time is up: kept open by a button, with everything that was typed."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.links import revoke
from clients.models import ClientLink
from exercises.models import Answer, Assignment, Draft
from tests.exercises.factories import deeds, make_assignment
from tests.exercises.pages import heading, read
from tests.exercises.practising import FULL, SCRIPT, opened, run_out, saved
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


def test_it_says_nothing_of_whose_it_was_and_can_be_kept_open(browser: Browser) -> None:
    client = make_client(make_user(name="Rosemary Fernhill"), name="Juniper Testwell")
    link = opened(browser, make_assignment(client))
    run_out()
    page = browser.get(link)
    assert (page.status_code, heading(page)) == (410, "This link has run out")
    assert [word for word in ("Rosemary", "Juniper", "A quiet minute") if word in read(page)] == []
    assert ">Keep this page open</button>" in read(page)
    kept = browser.post(link, {"deed": "extend"})
    assert (kept.status_code, kept.headers["Location"]) == (302, link)
    assert heading(browser.get(link)) == "A quiet minute"
    assert deeds() == ["exercise.open", "exercise.extend"]
    assert ClientLink.unscoped.get().expires_at > timezone.now() + timedelta(days=13)


def test_a_look_keeps_nothing_open(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    run_out()
    assert browser.get(f"{link}?deed=extend").status_code == 410
    assert ClientLink.unscoped.get().expires_at < timezone.now()


def test_words_typed_meanwhile_are_in_the_form_again(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    run_out()
    page = browser.post(link, {**FULL, "deed": "send", "version": "0"})
    assert (page.status_code, "what you typed is in it again" in read(page)) == (410, True)
    carried: dict[str, list[str]] = {}
    for name, value in page.context["carried"]:
        carried.setdefault(name, []).append(value)
    assert carried["then"] == ["save"]
    kept = browser.post(link, {**carried, "deed": "extend"})
    assert kept.headers["Location"] == f"{link}?kept"
    assert "That was hard. Rest now.</textarea>" in read(browser.get(link))
    assert Answer.unscoped.count() == 0


@pytest.mark.parametrize(
    ("deed", "title"), [("too_much", "You stopped, and that was kind"), ("not_now", "That is quite all right")]
)
def test_leaving_is_heard_at_once_and_keeps_nothing_open(browser: Browser, deed: str, title: str) -> None:
    link = opened(browser, make_assignment(make_client(make_user(name="Rosemary Fernhill"))))
    run_out()
    page = browser.post(link, {"deed": deed, "q_line": "a thought", "version": "0"})
    assert (page.status_code, heading(page), Assignment.unscoped.get().state) == (200, title, deed)
    assert ("Rosemary" in read(page), "a thought" in read(page)) == (False, False)
    assert Draft.unscoped.get().values == {"q_line": "a thought"}
    assert ClientLink.unscoped.get().expires_at < timezone.now()


@pytest.mark.parametrize("deed", ["too_much", "not_now"])
def test_with_a_code_leaving_goes_on_through_the_door(browser: Browser, deed: str) -> None:
    link = opened(browser, make_assignment(make_client(page_code="word", page_word="heron")), "heron")
    run_out()
    stranger = Browser()
    page = stranger.post(link, {"deed": deed})
    assert (page.status_code, page.context["carried"]) == (410, [("then", deed)])
    assert "what you chose and typed goes on with you" in read(page)
    shut = stranger.post(link, {"deed": "extend", "then": deed})
    assert (shut.status_code, shut.context["carried"]) == (403, [("then", deed)])
    assert Assignment.unscoped.get().state == "assigned"
    stranger.post(link, {"deed": "open", "then": deed, "code": "heron"})
    assert Assignment.unscoped.get().state == deed


def test_words_go_on_through_a_shut_door_too(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    run_out()
    stranger = Browser()
    shut = stranger.post(link, {"deed": "extend", "then": "save", "q_line": "a thought"})
    assert (shut.status_code, ("q_line", "a thought") in shut.context["carried"]) == (403, True)
    stranger.post(link, {"deed": "open", "then": "save", "q_line": "a thought"})
    assert Draft.unscoped.get().values == {"q_line": "a thought"}


def test_a_draft_survives_a_link_that_has_run_out(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    saved(browser, link, q_line="a thought", sharing="kept")
    run_out()
    answer = saved(browser, link, 1, q_line="a thought more")
    assert (answer.status_code, answer.json()) == (410, {"why": "run_out"})
    browser.post(link, {"deed": "extend"})
    assert "a thought</textarea>" in read(browser.get(link, **{**SCRIPT, "HTTP_ACCEPT": "text/html"}))


def test_one_that_ran_out_long_ago_stays_shut_and_gives_the_words_back(browser: Browser) -> None:
    link = opened(browser, make_assignment())
    run_out(days=61)
    page = browser.get(link)
    assert (page.status_code, "Keep this page open" in read(page)) == (410, False)
    for deed in ("send", "extend"):
        back = browser.post(link, {**FULL, "deed": deed})
        assert (back.status_code, heading(back)) == (410, "This could not be sent")
        assert "You again</textarea>" in read(back)
    assert browser.post(link, {"deed": "extend"}).status_code == 410
    assert ClientLink.unscoped.get().expires_at < timezone.now()


def test_one_that_was_revoked_or_whose_work_has_ended_stays_shut(browser: Browser) -> None:
    assignment = make_assignment()
    link = opened(browser, assignment)
    revoke(subject_id=assignment.pk)
    assert "Keep this page open" not in read(browser.get(link))
    other = opened(browser, assignment)
    run_out()
    client = assignment.client
    client.state = "ended"
    client.ended_at = timezone.now()
    client.save()
    page = browser.get(other)
    assert (page.status_code, "Keep this page open" in read(page)) == (410, False)
    assert browser.post(other, {"deed": "extend"}).status_code == 410
