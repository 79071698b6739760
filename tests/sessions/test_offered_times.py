"""The next times that fit, on the pages that book and move."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from practice.models import User
from sessions.models import ClientSession, WaitingEntry
from sessions.services import book_session
from sessions.undoing import change_of, undo
from tests.factories import make_client, make_session, make_waiting
from tests.sessions.factories import FIFTY, in_days
from tests.sessions.pages import told

pytestmark = pytest.mark.django_db
BOOK = "/sessions/book/"
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("Europe/London"))


def seen(browser: Browser, counsellor: User, url: str, **query: str) -> str:
    with time_machine.travel(SUNDAY, tick=True):
        browser.force_login(counsellor)
        response = browser.get(url, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_next_three_that_fit_fill_the_form_in(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    make_session(make_client(counsellor), SUNDAY + timedelta(hours=22))
    page = seen(client, counsellor, BOOK, client=str(person.pk))
    href = f'href="/sessions/book/?client={person.pk}&amp;day=2026-11-23&amp;time='
    assert [page.count(f'{href}{clock}"') for clock in ("09:00", "11:00", "12:00")] == [1, 1, 1]
    filled = seen(client, counsellor, BOOK, client=str(person.pk), day="2026-11-23", time="11:00")
    assert 'name="starts_on" value="2026-11-23"' in filled
    assert 'name="clock_time" value="11:00"' in filled
    assert "Who on the waiting list would fit?" not in filled


def test_times_that_suit_who_waits_come_first(client: Browser, counsellor: User) -> None:
    entry = make_waiting(make_client(counsellor), times=["2-afternoon"])
    page = seen(client, counsellor, BOOK, client=str(entry.client_id))
    assert "Next times that suit them too" in page
    assert "day=2026-11-25&amp;time=12:00" in page


def test_an_empty_place_leads_to_who_would_take_it(client: Browser, counsellor: User) -> None:
    page = seen(client, counsellor, BOOK, day="2026-11-23", time="14:00")
    assert 'href="/sessions/gap/?day=2026-11-23&amp;time=14%3A00&amp;minutes=50"' in page
    assert "Who on the waiting list would fit?" not in seen(client, counsellor, BOOK)


@pytest.mark.parametrize(
    "query",
    [
        {"day": "someday"}, {"day": "2026-13-45"}, {"day": "9999-12-31"}, {"day": "0001-01-01"}, {"time": "25:99"},
        {"day": "2026-11-23", "time": "<b>"}, {"day": "\x00"},
    ],
)  # fmt: skip
def test_what_is_no_day_is_taken_for_today(client: Browser, counsellor: User, query: dict[str, str]) -> None:
    person = make_client(counsellor)
    session = make_session(person, SUNDAY + timedelta(days=1, hours=2))
    assert "Next times that fit" in seen(client, counsellor, BOOK, client=str(person.pk), **query)
    assert "Next times that fit" in seen(client, counsellor, f"/sessions/{session.pk}/move/", **query)


def test_times_to_move_to_do_not_mind_the_session_itself(client: Browser, counsellor: User) -> None:
    session = make_session(make_client(counsellor), SUNDAY + timedelta(hours=21))
    make_session(make_client(counsellor), SUNDAY + timedelta(hours=22))
    url = f"/sessions/{session.pk}/move/"
    page = seen(client, counsellor, url)
    assert [page.count(f'href="{url}?day=2026-11-23&amp;time={at}"') for at in ("09:00", "10:00", "11:00")] == [1, 0, 1]
    filled = seen(client, counsellor, url, day="2026-11-23", time="11:00")
    assert 'name="clock_time" value="11:00"' in filled
    assert client.get(f"/sessions/{uuid4()}/move/").status_code == 404


def typed(session_of: WaitingEntry, **changes: Any) -> dict[str, Any]:
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    values = {"client": str(session_of.client_id), "starts_on": day, "clock_time": "10:00", "minutes": "50"}
    return {**values, "mode": "phone", "place": "", "all_the_same": "1", **changes}


def test_a_booking_takes_a_client_off_the_list_and_says_so(client: Browser, counsellor: User) -> None:
    entry = make_waiting(make_client(counsellor))
    response = client.post(BOOK, typed(entry, minutes="80"))
    if response.status_code == 200:  # said before saving: no working day
        response = client.post(BOOK, {**typed(entry, minutes="80"), "said_of": response.context["form"].said_of})
    entry.refresh_from_db()
    assert (response.status_code, entry.left_why) == (302, "booked")
    assert told(response)[0].endswith("They are off the waiting list.")


def test_an_undone_booking_puts_them_back(counsellor: User) -> None:
    entry = make_waiting(make_client(counsellor), times=["0-morning"])
    session = booked(entry)
    change = change_of(session)
    assert change is not None
    undo(actor=counsellor, change=change)
    entry.refresh_from_db()
    assert (entry.left_at, entry.left_why, entry.times) == (None, "", ["0-morning"])


def test_an_undone_booking_brings_nobody_back_whom_it_did_not_take_off(counsellor: User) -> None:
    entry = make_waiting(make_client(counsellor))
    first = booked(entry)
    second = booked(entry, days=4)
    change = change_of(second)
    assert change is not None
    undo(actor=counsellor, change=change)
    entry.refresh_from_db()
    assert (entry.left_at, entry.left_why) == (first.booked_at, "booked")


def booked(entry: WaitingEntry, days: int = 3) -> ClientSession:
    counsellor = entry.client.counsellor
    return book_session(
        actor=counsellor, client=entry.client, starts_at=in_days(days), length=FIFTY, mode="phone"
    )  # fmt: skip
