"""The page on which a programme is started for a client."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from exercises.models import Assignment, Course, CourseStep, Exercise, Mode
from practice import clock
from tests.exercises.assigning import MONDAY
from tests.exercises.factories import browser_of
from tests.exercises.pages import read
from tests.exercises.starting import make_programme, start_url, typed_start
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db
TWO = ((Mode.TOGETHER, 0), (Mode.WHEN_DONE, 0))


def steps_of(course: Course) -> list[tuple[str, str, int]]:
    return [(step.version.title, step.mode, step.days) for step in CourseStep.unscoped.filter(course=course)]


# --- what it shows -------------------------------------------------------------------------------------
def test_it_says_of_each_step_when_it_comes_and_of_the_first_the_moment() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client(preferred_hour=18)
        programme = make_programme(*TWO, (Mode.DONE_PLUS, 3), (Mode.AFTER_SESSION, 2), (Mode.BEFORE_SESSION, 0))
        text = read(browser_of(client.counsellor).get(start_url(client, programme)))
    for words in (
        "At the start", "Begun today: Monday 23 November, 18:00", "As soon as the one before is done",
        "Three days after the one before is done", "Two days after each session", "The day before the next session",
    ):  # fmt: skip
        assert words in text
    assert (text.count("Begun today"), text.count("<h1")) == (1, 1)


def test_nothing_is_said_to_come_first_where_it_waits_for_a_session() -> None:
    client = make_client()
    programme = make_programme((Mode.BEFORE_SESSION, 0))
    text = read(browser_of(client.counsellor).get(start_url(client, programme)))
    assert ("The day before the next session" in text, "Begun today" in text) == (True, False)


def test_a_client_who_may_not_be_mailed_is_no_form_worth_filling_in() -> None:
    client = make_client(may_email="no")
    text = read(browser_of(client.counsellor).get(start_url(client, make_programme(*TWO))))
    assert ("This client hasn't agreed to e-mail" in text, "Start programme</button>" in text) == (True, False)


# --- starting ------------------------------------------------------------------------------------------
def test_starting_gives_what_is_due_and_leads_to_the_courses_page() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client()
        programme = make_programme(*TWO)
        answer = browser_of(client.counsellor).post(
            start_url(client, programme), typed_start(programme, nudges="2", until_on="2026-12-24")
        )
    course = Course.unscoped.get()
    assert answer.headers["Location"] == reverse("exercises:course", args=[course.pk])
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "Started. Its mail is planned for Monday 23 November, 09:30."
    ]
    assert (course.programme, course.nudges, str(course.until_on), course.personal_line) == (
        programme, 2, "2026-12-24", "For the walk home.",
    )  # fmt: skip
    assert steps_of(course) == [("Step 1", "together", 0), ("Step 2", "when_done", 0)]
    assert Assignment.unscoped.get().version.title == "Step 1"


def test_steps_that_were_left_out_do_not_come() -> None:
    client = make_client()
    programme = make_programme(*TWO, (Mode.EVERY, 4))
    form = typed_start(programme)
    del form["step_1"]
    browser_of(client.counsellor).post(start_url(client, programme), form)
    assert steps_of(Course.unscoped.get()) == [("Step 2", "when_done", 0), ("Step 3", "every", 4)]


def test_a_step_on_a_date_gets_its_date() -> None:
    client = make_client()
    programme = make_programme((Mode.ON_DATE, 0))
    day = clock.today() + timedelta(days=5)
    browser_of(client.counsellor).post(start_url(client, programme), typed_start(programme, on_1=day.isoformat()))
    assert CourseStep.unscoped.get().on_date == day


def test_one_that_starts_later_gives_nothing_today() -> None:
    client = make_client()
    programme = make_programme(*TWO)
    day = (clock.today() + timedelta(days=3)).isoformat()
    answer = browser_of(client.counsellor).post(
        start_url(client, programme), typed_start(programme, starts_on=day), follow=True
    )
    assert "Started. The first leaves when its day comes." in read(answer)
    assert Assignment.unscoped.count() == 0


def test_the_same_form_twice_starts_once() -> None:
    client = make_client()
    programme = make_programme(*TWO)
    form, browser = typed_start(programme), browser_of(client.counsellor)
    answers = [browser.post(start_url(client, programme), form) for _ in range(2)]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert (Course.unscoped.count(), Assignment.unscoped.count()) == (1, 1)


def test_it_leads_back_to_the_session_from_which_it_began() -> None:
    client = make_client()
    session, programme = make_session(client), make_programme(*TWO)
    page = start_url(client, programme) + f"&back=session:{session.pk}"
    browser = browser_of(client.counsellor)
    back = reverse("sessions:detail", args=[session.pk])
    assert f'href="{back}">Cancel' in read(browser.get(page))
    assert browser.post(page, typed_start(programme)).headers["Location"] == back


# --- refused -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"personal_line": " "}, "Please write a line of your own."),
        ({"why": ""}, "Please say why: it is what makes it theirs."),
        ({"plan_when": ""}, "Please plan when, together if you can."),
        ({"starts_on": ""}, "Please choose the day on which it may begin."),
        ({"starts_on": "2020-01-01"}, "This day has already passed."),
        ({"until_on": "2020-01-01"}, "This day has already passed."),
        ({"until_on": "9999-12-31"}, "Please choose a day within the next year."),
        ({"step_2": ""}, "Please give its date, or leave this step out."),
        ({"on_1": "soon"}, "Please give a date, such as 24/11/2026."),
        ({"on_1": "2020-01-01"}, "This day has already passed."),
        ({"step_1": "", "step_2": ""}, "Please leave at least one step ticked."),
        ({"programme_version": "7"}, "This programme has changed since you opened the page."),
        ({"nudges": "3"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_taken_says_so_and_keeps_the_text(changes: dict[str, Any], message: str) -> None:
    client = make_client()
    programme = make_programme((Mode.ON_DATE, 0), (Mode.TOGETHER, 0))
    form = {**typed_start(programme, plan_where="on the quiet bench"), **changes}
    page = browser_of(client.counsellor).post(start_url(client, programme), {k: v for k, v in form.items() if v != ""})
    assert (page.status_code, message in read(page), "on the quiet bench" in read(page)) == (422, True, True)
    assert f'name="programme_version" value="{programme.version}"' in read(page)
    assert Course.unscoped.count() == 0


def test_a_last_day_before_the_first_is_refused() -> None:
    client = make_client()
    programme = make_programme(*TWO)
    days = {"starts_on": clock.today() + timedelta(days=5), "until_on": clock.today() + timedelta(days=2)}
    form = typed_start(programme, **{name: day.isoformat() for name, day in days.items()})
    page = browser_of(client.counsellor).post(start_url(client, programme), form)
    assert (page.status_code, "The last day lies before the first." in read(page)) == (422, True)


def test_a_programme_that_runs_already_is_not_started_again() -> None:
    client = make_client()
    programme, browser = make_programme(*TWO), browser_of(client.counsellor)
    browser.post(start_url(client, programme), typed_start(programme))
    page = browser.post(start_url(client, programme), typed_start(programme))
    assert (page.status_code, "This programme runs for them already." in read(page)) == (422, True)
    assert Course.unscoped.count() == 1


def test_a_client_who_said_no_meanwhile_is_refused_with_the_text_kept() -> None:
    client = make_client(may_email="no")
    programme = make_programme(*TWO)
    page = browser_of(client.counsellor).post(start_url(client, programme), typed_start(programme))
    assert (page.status_code, "For the walk home." in read(page)) == (422, True)
    assert Course.unscoped.count() == 0


# --- asked once ----------------------------------------------------------------------------------------
def test_what_is_long_or_best_met_together_is_asked_before_it_starts() -> None:
    client = make_client()
    programme = make_programme(*TWO)
    Exercise.objects.get(slug="gentle-1").versions.update(minutes=20)
    Exercise.objects.get(slug="gentle-2").versions.update(wants_together=True)
    browser = browser_of(client.counsellor)
    page = browser.post(start_url(client, programme), typed_start(programme))
    text = read(page)
    assert (page.status_code, "Before you send it" in text, "“Step 1”: It takes about 20 minutes." in text) == (
        422, True, True,
    )  # fmt: skip
    assert ('value="long-gentle-1 together"' in text, "You have not practised this together so far." in text) == (
        True, True,
    )  # fmt: skip
    assert Course.unscoped.count() == 0
    browser.post(start_url(client, programme), typed_start(programme, sure="long-gentle-1 together"))
    assert Course.unscoped.count() == 1


# --- who may come here, and what it costs ----------------------------------------------------------------
def test_anothers_client_and_an_unknown_programme_are_not_found() -> None:
    client = make_client()
    programme = make_programme(*TWO)
    stranger, own = browser_of(make_user()), browser_of(client.counsellor)
    page = start_url(client, programme)
    assert (stranger.get(page).status_code, stranger.post(page, typed_start(programme)).status_code) == (404, 404)
    assert own.get(reverse("exercises:start", args=[client.pk])).status_code == 404
    assert own.get(page + "x").status_code == 404


def test_anothers_programme_and_one_put_away_are_not_found() -> None:
    client = make_client()
    other = make_programme(*TWO, made_by=make_user())
    assert browser_of(client.counsellor).get(start_url(client, other)).status_code == 404


@pytest.mark.parametrize("number", [1, 4])
def test_the_page_takes_a_fixed_number_of_queries(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = make_client()
    programme = make_programme(*[(Mode.TOGETHER, 0)] * number)
    browser = browser_of(client.counsellor)
    with django_assert_num_queries(9):
        browser.get(start_url(client, programme))
