"""The page of a programme that runs for a client: its steps, what comes next, and what can be done."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from exercises import courses
from exercises.answers import decline_for_now, say_too_much
from exercises.giving import give_due
from exercises.models import Assignment, Course, Mode
from outbox.models import Message
from tests.exercises.assigning import MONDAY
from tests.exercises.factories import browser_of, damage
from tests.exercises.pages import read
from tests.exercises.starting import repeat, start
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db
TWO = ((Mode.TOGETHER, 0), (Mode.WHEN_DONE, 0))


def url(course: Course, deed: str = "course") -> str:
    return reverse(f"exercises:{deed}", args=[course.pk])


def page_of(course: Course) -> str:
    return read(browser_of(course.client.counsellor).get(url(course)))


# --- how it stands ---------------------------------------------------------------------------------------
def test_it_shows_each_step_with_what_came_of_it() -> None:
    with time_machine.travel(MONDAY, tick=False):
        course = start(make_client(name="Juniper Testwell"), *TWO)
        now = timezone.now()
        Message.objects.filter(kind="exercise").update(state="sent", sent_at=now, dispatched_at=now)
        Assignment.unscoped.update(opened_at=now, started_at=now)
        text = page_of(course)
    for words in (
        "Gentle weeks", "Juniper Testwell", ">Running</span>", "At the start", "As soon as the one before is done",
        "With the client", "· opened", "· begun", "For the walk home.", "You spoke of the harsh voice.", "after supper",
    ):  # fmt: skip
        assert words in text
    assert (text.count("<h1"), f"<title>Programme for {course.client.reference}" in text) == (1, True)


def test_a_repetition_names_its_days_and_folds_the_older_ones() -> None:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        course = repeat(make_client(), until_on=None)
        for _ in range(8):
            traveller.shift(timedelta(days=1))
            give_due(course.pk)
        text = page_of(course)
    assert ("Every day" in text, "2 older" in text, "Gone by" in text) == (True, True, True)


def test_days_of_the_week_are_listed() -> None:
    text = page_of(repeat(make_client(), weekdays=[0, 2, 4]))
    assert "On Mondays, Wednesdays and Fridays" in text


# --- what comes next ---------------------------------------------------------------------------------------
def said_next(course: Course) -> str:
    return page_of(course).partition('id="next-title">')[2].partition("<p>")[2].partition("</p>")[0]


def test_the_next_step_is_named_with_its_moment() -> None:
    with time_machine.travel(MONDAY, tick=False):
        course = start(make_client(preferred_hour=18), (Mode.TOGETHER, 0), (Mode.EVERY, 3), starts_on=MONDAY.date())
        assert said_next(course) == "Next: Step 1, on Monday 23 November at 18:00."


@pytest.mark.parametrize(
    ("modes", "sentence"),
    [
        (TWO, "The next step waits until the one before is answered."),
        ([(Mode.BEFORE_SESSION, 0)], "The next step waits for a session to be booked."),
        ([(Mode.AFTER_SESSION, 1)], "The next step waits for a session to be booked."),
        (TWO[:1], "All of it has come. It closes once the last one is answered."),
    ],
)
def test_what_it_waits_for_is_said(modes: Any, sentence: str) -> None:
    assert said_next(start(make_client(), *modes)) == sentence


def test_a_hold_is_said() -> None:
    course = start(make_client(), *TWO)
    courses.hold_course(actor=course.client.counsellor, course=course)
    assert said_next(course) == "Nothing comes while it is on hold."


def test_too_much_rests_it_and_advises_to_talk_first() -> None:
    course = start(make_client(), *TWO)
    say_too_much(assignment=Assignment.unscoped.get())
    text = page_of(course)
    for words in ("It was too much</h2>", "They said that it was too much, so it rests.", "Talk with them first"):
        assert words in text
    assert ("Take up again" in text, "Go on with the next step" in text) == (True, False)


def test_the_rest_after_not_this_week_is_said_with_what_comes_after_it() -> None:
    with time_machine.travel(MONDAY, tick=False):
        course = start(make_client(), (Mode.TOGETHER, 0), (Mode.EVERY, 3))
        decline_for_now(assignment=Assignment.unscoped.get())
        assert said_next(course) == (
            "They said “not this week”, so it rests until Monday 30 November."
            " Next: Step 2, on Monday 30 November at 09:00."
        )


def test_the_clients_own_pause_is_said() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client()
        course = start(client, (Mode.TOGETHER, 0), (Mode.EVERY, 3))
        Client.unscoped.update(paused_until=MONDAY.date() + timedelta(days=8))
        assert said_next(course) == (
            "They have asked for a pause until Tuesday 1 December. Next: Step 2, on Tuesday 1 December at 09:00."
        )


def test_a_client_who_may_not_be_mailed_is_said_to_be() -> None:
    course = start(make_client(), (Mode.TOGETHER, 0), (Mode.EVERY, 3))
    Client.unscoped.update(mail_stopped_at=timezone.now())
    assert said_next(course).startswith("This client has stopped e-mails, so nothing would be sent.")


def test_a_session_brings_the_step_that_waits_for_one() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client()
        make_session(client, MONDAY + timedelta(days=9))
        course = start(client, (Mode.BEFORE_SESSION, 0))
        assert said_next(course) == "Next: Step 1, on Tuesday 1 December at 09:00."


# --- deeds -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("deeds", "state", "said"),
    [
        (["course_hold"], "held", "On hold. Nothing of it comes until you take it up again."),
        (["course_hold", "course_resume"], "running", "Taken up again."),
        (["course_go_on"], "running", "It goes on without waiting."),
        (["course_hold", "course_go_on"], "held", "It is on hold. Please take it up again first."),
        (["course_end"], "ended", "Ended. What they have of it stays with them."),
        (["course_end", "course_hold"], "ended", "It has ended already, so nothing was changed."),
        (["course_end", "course_resume"], "ended", "It has ended already, so nothing was changed."),
        (["course_end", "course_go_on"], "ended", "It has ended already, so nothing was changed."),
    ],
)
def test_each_button_does_what_it_says(deeds: list[str], state: str, said: str) -> None:
    course = start(make_client(), *TWO)
    browser = browser_of(course.client.counsellor)
    for deed in deeds:
        answer = browser.post(url(course, deed), follow=True)
    assert (answer.redirect_chain[-1][0], said in read(answer)) == (url(course), True)
    assert Course.unscoped.get().state == state


def test_only_what_fits_is_offered() -> None:
    course = start(make_client(), *TWO)
    buttons = ("Go on with the next step", "Put on hold", "Take up again", "End programme")
    assert [button in page_of(course) for button in buttons] == [True, True, False, True]
    courses.end_course(actor=course.client.counsellor, course=course)
    text = page_of(course)
    assert [button in text for button in buttons] == [False, False, False, False]
    assert ("What comes next" in text, ">Ended</span>" in text) == (False, True)


# --- who, and what is damaged ------------------------------------------------------------------------------
DEEDS = ("course_hold", "course_resume", "course_go_on", "course_end")


def test_anothers_course_is_not_found_and_an_admin_does_nothing() -> None:
    course = start(make_client(), *TWO)
    stranger, admin = browser_of(make_user()), browser_of(make_user("admin"))
    for browser, status in ((stranger, 404), (admin, 403)):
        answers = [browser.get(url(course)), *(browser.post(url(course, deed)) for deed in DEEDS)]
        assert {answer.status_code for answer in answers} == {status}
    assert Course.unscoped.get().state == "running"


@pytest.mark.parametrize("deed", DEEDS)
def test_deeds_are_not_done_by_looking(deed: str) -> None:
    course = start(make_client(), *TWO)
    assert browser_of(course.client.counsellor).get(url(course, deed)).status_code == 405


@pytest.mark.parametrize(("mode", "offered"), [((Mode.WHEN_DONE, 0), True), ((Mode.EVERY, 3), False)])
def test_going_on_is_offered_only_where_it_brings_something_sooner(mode: tuple[str, int], offered: bool) -> None:
    course = start(make_client(), (Mode.TOGETHER, 0), mode)
    assert ("Go on with the next step" in page_of(course)) == offered
    decline_for_now(assignment=Assignment.unscoped.get())
    assert "Go on with the next step" in page_of(course)


def test_words_that_do_not_open_are_marked() -> None:
    course = start(make_client(), *TWO)
    damage("exercises_course", "personal_line", "why")
    text = page_of(course)
    assert ("Your line could not be opened" in text, "Could not be opened" in text) == (True, True)


@pytest.mark.parametrize("days", [1, 3])
def test_the_page_takes_a_fixed_number_of_queries(days: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        course = repeat(make_client())
        for _ in range(days):
            traveller.shift(timedelta(days=1))
            give_due(course.pk)
        browser = browser_of(course.client.counsellor)
        with django_assert_num_queries(9):
            browser.get(url(course))
