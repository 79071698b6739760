"""The page on which an exercise is chosen and its form is shown."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from exercises.models import Assignment
from tests.exercises.assigning import LONDON, MONDAY, typed, url
from tests.exercises.factories import browser_of, make_version
from tests.exercises.pages import read
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
    ("session_in", "preferred_hour", "expected"),
    [
        (None, None, "2026-11-30"),  # no session: a week ahead
        (timedelta(days=3), None, "2026-11-25"),  # the day before it
        (timedelta(hours=3), None, "2026-11-23"),  # a session today: never in the past
        (timedelta(days=1), 8, "2026-11-24"),  # mail leaves tomorrow at eight, so not before then
    ],
)
def test_the_due_day_lies_before_the_next_session(
    session_in: timedelta | None, preferred_hour: int | None, expected: str
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client(preferred_hour=preferred_hour)
        make_version()
        if session_in is not None:
            make_session(client, MONDAY + session_in)
        assert due_day(browser_of(client.counsellor).get(url(client))) == expected


@pytest.mark.parametrize(
    ("hour", "hours", "shown"),
    [
        (18, (8, 20), "At the hour they prefer: today, 18:00"),
        (9, (8, 20), "At the hour they prefer: Tuesday 24 November, 09:00"),
        (22, (8, 20), "At the hour they prefer: today, 20:00"),
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
