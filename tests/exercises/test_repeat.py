"""The form that gives an exercise again and again: every day, or on certain days of the week."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse

from exercises.models import Assignment, Course, CourseStep
from outbox.models import Message
from practice import clock
from tests.exercises.assigning import MONDAY, typed, url
from tests.exercises.factories import browser_of, make_version
from tests.exercises.pages import read
from tests.factories import make_client, make_session

pytestmark = pytest.mark.django_db


def again(**fields: Any) -> dict[str, Any]:
    """Return the form for every day; what belongs to "once" is left as nobody looked at it."""
    until_on = (clock.today() + timedelta(days=9)).isoformat()
    form = typed(often="daily", until="day", until_on=until_on, minutes="", due_on="rubbish", send="")
    return {**form, **fields}


def test_every_day_starts_a_course_and_gives_todays() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client()
        version = make_version()
        answer = browser_of(client.counsellor).post(url(client), again(nudges="2", is_practised_together="on"))
    course, step = Course.unscoped.get(), CourseStep.unscoped.get()
    assert answer.headers["Location"] == reverse("exercises:course", args=[course.pk])
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "Started. Its mail is planned for Monday 23 November, 09:30."
    ]
    assert (course.programme, str(course.until_on), course.before, course.nudges, course.is_practised_together) == (
        None, "2026-12-02", None, 0, True,
    )  # fmt: skip
    assert (step.version, step.mode, step.weekdays) == (version, "weekdays", [0, 1, 2, 3, 4, 5, 6])
    given = Assignment.unscoped.get()
    assert (given.occurrence, given.personal_line, given.plan_when) == (
        "2026-11-23", "For the walk home.", "after supper",
    )  # fmt: skip
    assert Message.objects.filter(kind="exercise_nudge").count() == 0


def test_on_certain_days_it_waits_for_the_first_of_them() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client()
        make_version()
        browser_of(client.counsellor).post(url(client), again(often="days", weekdays=["2", "4"]))
    assert (CourseStep.unscoped.get().weekdays, Assignment.unscoped.count()) == ([2, 4], 0)


def test_until_the_next_session_it_follows_that_session() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client()
        session = make_session(client, MONDAY + timedelta(days=8))
        make_version()
        browser_of(client.counsellor).post(url(client), again(until="session", until_on=""))
    course = Course.unscoped.get()
    assert (course.before, str(course.until_on)) == (session, "2026-11-30")


def test_the_same_form_twice_starts_once() -> None:
    client, form = make_client(), again()
    make_version()
    browser = browser_of(client.counsellor)
    answers = [browser.post(url(client), form) for _ in range(2)]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert Course.unscoped.count() == 1


def test_what_runs_already_is_not_started_again() -> None:
    client = make_client()
    make_version()
    browser = browser_of(client.counsellor)
    browser.post(url(client), again())
    page = browser.post(url(client), again())
    assert (page.status_code, "They have this exercise again and again already." in read(page)) == (422, True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"often": "days"}, "Please tick at least one day."),
        ({"often": "days", "weekdays": ["9"]}, "Select a valid choice."),
        ({"often": "days", "weekdays": ["2"], "until_on": "2026-11-24"}, "None of these days comes before it ends."),
        ({"until": "session"}, "There is no session ahead any more. Please choose a day."),
        ({"until_on": ""}, "Please choose a day."),
        ({"until_on": "soon"}, "Please give a date, such as 24/11/2026."),
        ({"until_on": "2020-01-01"}, "This day has already passed."),
        ({"until_on": "9999-12-31"}, "Please choose a day within the next year."),
        ({"why": ""}, "Please say why: it is what makes it theirs."),
    ],
)
def test_what_cannot_be_taken_says_so_at_the_field_and_keeps_the_text(changes: dict[str, Any], message: str) -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client()
        make_version()
        page = browser_of(client.counsellor).post(url(client), again(plan_where="on the quiet bench") | changes)
    text = read(page)
    assert (page.status_code, message in text, "on the quiet bench" in text) == (422, True, True)
    assert (Course.unscoped.count(), Assignment.unscoped.count()) == (0, 0)


def test_its_length_is_the_exercises_own_and_is_asked_about() -> None:
    client = make_client()
    make_version(minutes=20, wants_together=True)
    browser, form = browser_of(client.counsellor), again(minutes="3")
    page = browser.post(url(client), form)
    assert (page.status_code, "It takes about 20 minutes." in read(page)) == (422, True)
    browser.post(url(client), form | {"sure": "long together"})
    assert Course.unscoped.count() == 1


def test_it_leads_back_to_the_note_from_which_it_began() -> None:
    client = make_client()
    session = make_session(client)
    make_version()
    answer = browser_of(client.counsellor).post(f"{url(client)}&back=note:{session.pk}", again())
    assert answer.headers["Location"] == reverse("notes:write", args=[session.pk])
