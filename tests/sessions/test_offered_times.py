"""The next times that fit, on the pages that book and move."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from practice.models import User
from sessions.models import ClientSession, SessionType, WaitingEntry
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


def sent(browser: Browser, counsellor: User, url: str, values: dict[str, str]) -> str:
    with time_machine.travel(SUNDAY, tick=True):
        browser.force_login(counsellor)
        response = browser.post(url, values)
    assert (response.status_code, response.context["form"].errors) == (200, {})
    assert response.wsgi_request.get_full_path() == url
    return " ".join(response.content.decode().split())


def offered(page: str) -> list[str]:
    """Return the times that the page's buttons fill in."""
    return re.findall(r'name="slot" value="([^"]+)"', page)


def test_the_next_three_that_fit_fill_the_form_in_and_what_was_typed_stays(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    make_session(make_client(counsellor), SUNDAY + timedelta(hours=22))
    page = seen(client, counsellor, BOOK, client=str(person.pk))
    assert offered(page) == ["2026-11-23T09:00", "2026-11-23T11:00", "2026-11-23T12:00"]
    values = {
        "client": str(person.pk), "starts_on": "", "clock_time": "", "minutes": "80", "mode": "video",
        "place": "https://video.example.org/42", "repeats": "weekly", "ends": "count", "count": "5",
    }  # fmt: skip
    filled = sent(client, counsellor, BOOK, values | {"slot": "2026-11-23T11:00"})
    assert 'name="starts_on" value="2026-11-23"' in filled
    assert 'name="clock_time" value="11:00"' in filled
    for words in (
        f'<option value="{person.pk}" selected>', 'name="minutes" value="80"', 'value="https://video.example.org/42"',
        '<option value="weekly" selected>', 'name="count" value="5"',
    ):  # fmt: skip
        assert words in filled
    assert ClientSession.visible_to(counsellor).filter(client=person).count() == 0
    assert "Who on the waiting list would fit?" not in filled


def test_the_times_follow_the_kind_and_the_length_in_the_form(client: Browser, counsellor: User) -> None:
    kind = SessionType.objects.create(name="Couple", length=timedelta(minutes=90), buffer=timedelta(minutes=30))
    values = {"client": "", "starts_on": "2026-11-23", "minutes": "90", "session_type": str(kind.pk), "look": "1"}
    page = sent(client, counsellor, BOOK, values)
    assert offered(page) == ["2026-11-23T09:00", "2026-11-23T11:00", "2026-11-23T13:00"]
    assert re.search(f'<option value="{kind.pk}"[^>]* selected', page)
    page = sent(client, counsellor, BOOK, values | {"session_type": "", "minutes": "240"})
    assert offered(page) == ["2026-11-23T09:00", "2026-11-23T13:00", "2026-11-24T09:00"]


@pytest.mark.parametrize("slot", ["someday", "T", "2026-13-45T99:99", "\x00T\x00", "<b>T<i>"])
def test_a_slot_that_is_none_books_nothing(client: Browser, counsellor: User, slot: str) -> None:
    page = sent(client, counsellor, BOOK, {"minutes": "many", "session_type": "no id", "slot": slot})
    assert "Next times that fit" in page
    assert "<b>" not in page


def test_enter_presses_no_time_that_fits(client: Browser, counsellor: User) -> None:
    form = seen(client, counsellor, BOOK).split('<form class="form"')[1]
    assert re.findall(r"<button[^>]*>", form)[0] == '<button class="sr" type="submit" tabindex="-1" aria-hidden="true">'


def test_times_that_suit_who_waits_come_first(client: Browser, counsellor: User) -> None:
    entry = make_waiting(make_client(counsellor), times=["2-afternoon"])
    page = seen(client, counsellor, BOOK, client=str(entry.client_id))
    assert "Next times that suit them too" in page
    assert offered(page)[0] == "2026-11-25T12:00"


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
    # Not at its own time either: that would be no move.
    assert offered(page) == ["2026-11-23T11:00", "2026-11-23T12:00", "2026-11-23T13:00"]
    values = {"starts_on": "2026-11-23", "clock_time": "09:00", "minutes": "80", "version": "1", "back": "day"}
    filled = sent(client, counsellor, url, values | {"slot": "2026-11-23T11:00"})
    for words in ('name="clock_time" value="11:00"', 'name="minutes" value="80"', 'name="back" value="day"'):
        assert words in filled
    assert offered(filled) == ["2026-11-23T11:00", "2026-11-23T12:30", "2026-11-23T14:00"]
    assert ClientSession.visible_to(counsellor).get(pk=session.pk).version == 1
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
