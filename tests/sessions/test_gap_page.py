"""Who would take a gap in the diary."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries, Settings

from practice.models import User
from tests.factories import make_client, make_session, make_waiting
from vault.services import cache

pytestmark = pytest.mark.django_db
URL = "/sessions/gap/"
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("Europe/London"))
MONDAY = {"day": "2026-11-23", "time": "14:00", "minutes": "50"}


@pytest.fixture
def signed_in(client: Browser, counsellor: User) -> Browser:
    """Return a browser signed in on that Sunday, however far from today it lies."""
    with time_machine.travel(SUNDAY, tick=True):
        client.force_login(counsellor)
    return client


def seen(browser: Browser, **query: str) -> str:
    with time_machine.travel(SUNDAY, tick=True):
        response = browser.get(URL, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_only_those_who_fit_are_shown_each_with_a_way_to_book(signed_in: Browser, counsellor: User) -> None:
    ash, birch = make_client(counsellor, name="Ash Testwell"), make_client(counsellor, name="Birch Testwell")
    make_waiting(ash)
    make_waiting(birch, urgency="soon", times=["0-afternoon"])
    make_waiting(make_client(counsellor, name="Cedar Testwell"), times=["0-morning"])
    make_waiting(make_client(name="Someone Elses"))
    page = seen(signed_in, **MONDAY)
    assert f'href="/sessions/book/?client={birch.pk}&amp;day=2026-11-23&amp;time=14:00"' in page
    assert 0 < page.index("Birch Testwell") < page.index("Ash Testwell")
    assert "Cedar" not in page
    assert "Someone Elses" not in page
    assert "Your diary is not free then." not in page


def test_nobody_who_fits_is_said(signed_in: Browser, counsellor: User) -> None:
    make_waiting(make_client(counsellor), times=["0-morning"])
    assert "Nobody on the list would fit" in seen(signed_in, **MONDAY)


def test_a_time_that_is_taken_is_said(signed_in: Browser, counsellor: User) -> None:
    make_session(make_client(counsellor), SUNDAY + timedelta(days=1, hours=2, minutes=30))
    make_waiting(make_client(counsellor, name="Ash Testwell"))
    page = seen(signed_in, **MONDAY)
    assert "Your diary is not free then." in page
    assert "Ash Testwell" in page


def test_without_a_gap_there_is_a_form_for_one(signed_in: Browser) -> None:
    page = seen(signed_in)
    assert "Say when there is a gap" in page
    assert "Something needs another look" not in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"day": "someday"}, "Please give a date, such as 24/11/2026."),
        ({"day": "9999-12-31"}, "Please choose a day within the next two years."),
        ({"day": "0001-01-01"}, "This time has already passed."),
        ({"day": ""}, "Please choose a date."),
        ({"time": "25:00"}, "Please give a time, such as 14:30."),
        ({"time": "\x00"}, "Please give a time, such as 14:30."),
        ({"minutes": "0"}, "At least 10 minutes, please."),
        ({"minutes": "99999999999999999999"}, "At most 480 minutes (eight hours), please."),
        ({"minutes": "fifty"}, "Please give the minutes as a whole number, such as 50."),
        ({"day": "2027-03-28", "time": "01:30"}, "This time does not exist on Sunday 28 March"),
        ({"day": "2026-11-21"}, "This time has already passed."),
    ],
)
def test_what_is_no_gap_is_said(signed_in: Browser, changes: dict[str, str], words: str) -> None:
    page = seen(signed_in, **{**MONDAY, **changes})
    assert words in page
    assert "Nobody on the list" not in page


def test_the_first_day_of_time_is_none_east_of_london_either(signed_in: Browser, settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Kathmandu"
    assert "This time has already passed." in seen(signed_in, **{**MONDAY, "day": "0001-01-01", "time": "00:00"})


@pytest.mark.parametrize("count", [1, 3])
def test_three_who_fit_take_as_many_queries_as_one(
    signed_in: Browser, counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        make_waiting(make_client(counsellor))
    seen(signed_in, **MONDAY)
    cache.forget()
    # Sign-in and account (2), the diary (4), who waits and their keys.
    with django_assert_num_queries(8):
        seen(signed_in, **MONDAY)
