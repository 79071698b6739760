"""The page on which an exercise is chosen and its form is shown."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from exercises.models import Assignment, Exercise, Mode
from tests.exercises.assigning import LONDON, MONDAY, typed, url
from tests.exercises.factories import browser_of, make_version
from tests.exercises.pages import read
from tests.exercises.starting import make_programme, start_url
from tests.factories import make_client, make_practice, make_session, make_user

pytestmark = pytest.mark.django_db


def due_day(answer: Any) -> str:
    (day,) = re.findall(r'name="due_on" value="([\d-]+)"', answer.content.decode())
    return str(day)


# --- choosing ------------------------------------------------------------------------------------------
def test_without_an_exercise_one_chooses_first() -> None:
    client = make_client()
    make_version("first", title="A first one")
    make_version("second", title="A second one")
    page = browser_of(client.counsellor).get(url(client, ""))
    assert page.templates[0].name == "exercises/choose.html"
    for slug in ("first", "second"):
        assert f'href="{url(client, slug)}"' in read(page)


def test_exercises_stand_under_their_way_and_programmes_lead_to_their_start() -> None:
    client = make_client()
    make_version("first")
    programme = make_programme((Mode.TOGETHER, 0))
    text = read(browser_of(client.counsellor).get(url(client, "")))
    assert re.findall(r'<h2 id="way-\d+">(.*?)</h2>', text) == ["Mindful noticing"]
    assert f'href="{start_url(client, programme)}">Gentle weeks' in text


def test_what_somebody_else_keeps_for_themselves_is_not_offered() -> None:
    client = make_client()
    version = make_version("secret", title="A private one")
    Exercise.objects.filter(pk=version.exercise_id).update(made_by=make_user())
    browser = browser_of(client.counsellor)
    assert "A private one" not in read(browser.get(url(client, "")))
    assert browser.get(url(client, "secret")).status_code == 404


def test_an_unknown_exercise_is_not_found() -> None:
    client = make_client()
    browser = browser_of(client.counsellor)
    assert browser.get(url(client, "no-such")).status_code == 404
    assert browser.post(url(client, "no-such"), typed()).status_code == 404


def test_with_no_exercise_published_the_page_says_so() -> None:
    client = make_client()
    assert "No exercises yet" in read(browser_of(client.counsellor).get(url(client, "")))


def test_the_newest_words_are_the_ones_assigned() -> None:
    client = make_client()
    make_version(title="Older words")
    newest = make_version(title="Newer words")
    browser_of(client.counsellor).post(url(client), typed())
    assert Assignment.unscoped.get().version == newest


# --- the form ------------------------------------------------------------------------------------------
def test_the_page_shows_where_to_go_slowly_and_one_heading() -> None:
    client = make_client(name="Juniper Testwell")
    make_version()
    text = read(browser_of(client.counsellor).get(url(client)))
    assert "Go slowly" in text
    assert "Do it together first." in text
    assert text.count("<h1") == 1
    assert "Juniper" not in re.findall(r"<title>(.*?)</title>", text)[0]


@pytest.mark.parametrize(
    ("session_in", "chosen", "shown"),
    [
        (None, "day", None),
        (timedelta(days=3), "session", "Before the next session, Thursday 26 November, and moves with it"),
        (timedelta(hours=3), "session", "Before the next session, Monday 23 November, and moves with it"),
    ],
)
def test_it_is_best_done_before_the_next_session_where_there_is_one(
    session_in: timedelta | None, chosen: str, shown: str | None
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client()
        make_version()
        if session_in is not None:
            make_session(client, MONDAY + session_in)
        page = browser_of(client.counsellor).get(url(client))
    (checked,) = re.findall(r'name="by" value="(\w+)"[^>]* checked', page.content.decode())
    assert (checked, due_day(page)) == (chosen, "2026-11-30")
    assert shown is None or shown in read(page)


def test_plans_that_suit_the_exercise_are_offered() -> None:
    client = make_client()
    make_version(plan_prompts=["after supper", "on the bus"])
    text = read(browser_of(client.counsellor).get(url(client)))
    assert re.findall(r'<option value="([a-z ]+)">', text) == ["after supper", "on the bus"]
    assert 'list="when-ideas"' in text


@pytest.mark.parametrize("wants_together", [True, False])
def test_a_caution_stands_by_the_tick_where_it_is_best_met_together(wants_together: bool) -> None:
    client = make_client()
    make_version(wants_together=wants_together)
    text = read(browser_of(client.counsellor).get(url(client)))
    assert ("It is kinder to try it together" in text) == wants_together


# --- the way back --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("place", "route"), [("session", "sessions:detail"), ("note", "notes:write")])
def test_it_leads_back_to_where_it_began(place: str, route: str) -> None:
    client = make_client()
    session = make_session(client)
    make_version()
    browser, there = browser_of(client.counsellor), reverse(route, args=[session.pk])
    mark = f"back={place}:{session.pk}"
    assert f'href="{url(client, "")}?exercise=quiet-minute&{mark}"' in read(browser.get(f"{url(client, '')}?{mark}"))
    page = f"{url(client)}&{mark}"
    text = read(browser.get(page))
    assert (f'href="{there}">Cancel' in text, f'href="{url(client, "")}?{mark}"' in text) == (True, True)
    assert browser.post(page, typed()).headers["Location"] == there


@pytest.mark.parametrize(
    "back",
    ["session:{other}", "note:{other}", "session:x", "session:", "https://elsewhere.test/", "//elsewhere.test", ""],
)
def test_what_is_no_page_of_theirs_leads_to_the_record(back: str) -> None:
    client = make_client()
    other = make_session(make_client(client.counsellor))
    make_version()
    page = f"{url(client)}&back={back.format(other=other.pk)}"
    browser = browser_of(client.counsellor)
    text = read(browser.get(page))
    assert f'href="{reverse("clients:record", args=[client.pk])}">Cancel' in text
    assert re.findall(r'href="[^"]*elsewhere', text) == []
    answer = browser.post(page, typed())
    assert answer.headers["Location"] == reverse("exercises:assignment", args=[Assignment.unscoped.get().pk])


@pytest.mark.parametrize(("route", "place"), [("sessions:detail", "session"), ("notes:write", "note")])
def test_session_and_note_lead_to_the_choice_in_one_click(route: str, place: str) -> None:
    client = make_client()
    session = make_session(client)
    text = read(browser_of(client.counsellor).get(reverse(route, args=[session.pk])))
    assert f'href="{url(client, "")}?back={place}:{session.pk}"' in text


# --- when it leaves ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("hour", "hours", "shown"),
    [
        (18, (8, 20), "At the hour they prefer: today, 18:00"),
        (9, (8, 20), "At the hour they prefer: Tuesday 24 November, 09:00"),
        (22, (8, 20), "At the hour they prefer: today, 19:30"),
        (7, (8, 20), "At the hour they prefer: Tuesday 24 November, 08:00"),
    ],
)
def test_the_preferred_hour_comes_next_within_the_mail_hours(hour: int, hours: tuple[int, int], shown: str) -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client(preferred_hour=hour)
        make_practice(mail_from_time=f"{hours[0]:02d}:00", mail_until_time=f"{hours[1]:02d}:00")
        make_version()
        text = read(browser_of(client.counsellor).get(url(client)))
    assert shown in text
    assert "Straight away: today, 09:30" in text


def test_straight_away_waits_for_the_morning() -> None:
    with time_machine.travel(MONDAY.replace(hour=23), tick=False):
        client = make_client()
        make_practice(mail_from_time="08:00", mail_until_time="20:00")
        make_version()
        text = read(browser_of(client.counsellor).get(url(client)))
    assert "Straight away: Tuesday 24 November, 08:00" in text
    assert "At the hour they prefer" not in text


def test_the_hour_that_the_clocks_leap_over_is_no_obstacle() -> None:
    with time_machine.travel(datetime(2027, 3, 27, 12, tzinfo=LONDON), tick=False):
        client = make_client(preferred_hour=1)
        make_version()
        text = read(browser_of(client.counsellor).get(url(client)))
    assert "At the hour they prefer: Sunday 28 March, 02:00" in text


# --- who may not come here -----------------------------------------------------------------------------
def test_anothers_client_is_not_found() -> None:
    client = make_client()
    make_version()
    stranger = browser_of(make_user())
    for link in (url(client, ""), url(client)):
        assert (stranger.get(link).status_code, stranger.post(link, typed()).status_code) == (404, 404)
    assert Assignment.unscoped.count() == 0


def test_an_admin_assigns_nothing() -> None:
    client = make_client()
    make_version()
    admin = browser_of(make_user("admin"))
    assert (admin.get(url(client)).status_code, admin.post(url(client), typed()).status_code) == (403, 403)


def test_the_form_takes_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = make_client()
    make_version()
    browser = browser_of(client.counsellor)
    with django_assert_num_queries(7):
        browser.get(url(client))
