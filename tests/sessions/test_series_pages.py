"""Booking, changing and ending a series in the browser's forms."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client as Browser

from clients.models import Client
from practice.keeping import kept_by
from practice.kept_pages import kept_page
from practice.models import User
from sessions.models import ClientSession, Series, WorkingHours
from sessions.series_forms import choices_in
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def december() -> Any:
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


@pytest.fixture
def counsellor() -> User:
    return make_user()


@pytest.fixture
def client(counsellor: User) -> Browser:
    browser = Browser()
    browser.force_login(counsellor)
    return browser


@pytest.fixture
def person(counsellor: User) -> Client:
    return make_client(counsellor)


def typed(person: Client, **more: Any) -> dict[str, Any]:
    return {
        "client": str(person.pk), "starts_on": "2026-12-04", "clock_time": "10:00", "minutes": "50",
        "mode": "in_person", "place": "Room 2", "repeats": "weekly", "ends": "count", "count": "5", **more,
    }  # fmt: skip


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def days(person: Client) -> list[date]:
    rows = ClientSession.visible_to(person.counsellor).filter(client=person, status__in=ClientSession.AHEAD)
    return [at.astimezone(LONDON).date() for at in rows.order_by("starts_at").values_list("starts_at", flat=True)]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "soon", "2026-12-04T10:00"])
def test_a_moment_that_is_none_is_no_word_about_a_day(at: str) -> None:
    assert choices_in({"on-2026-12-04": at}) == {}


def test_without_anything_in_the_way_it_is_booked_at_once_and_can_be_undone(client: Browser, person: Client) -> None:
    response = client.post("/sessions/book/", typed(person, count="3"))
    series = Series.visible_to(person.counsellor).get()
    assert (response["Location"], days(person)) == (
        f"/sessions/series/{series.pk}/", [date(2026, 12, 4), date(2026, 12, 11), date(2026, 12, 18)]
    )  # fmt: skip
    page = client.get(response["Location"])
    assert "Series booked: 3 sessions." in page.content.decode()
    undo = page.content.decode().split('action="/sessions/undo/')[1].split('"')[0]
    client.post(f"/sessions/undo/{undo}")
    assert days(person) == []


def test_what_it_runs_into_is_shown_first_and_each_day_has_its_choice(client: Browser, person: Client) -> None:
    response = client.post("/sessions/book/", typed(person))
    page = response.content.decode()
    assert (response.status_code, days(person)) == (200, [])
    assert "2 days need a word" in page
    assert "Christmas Day" in page
    assert "New Year" in page
    chosen = {"on-2026-12-25": "2026-12-24T14:00:00+00:00", "on-2027-01-01": "skip"}
    client.post("/sessions/book/", typed(person, **chosen))
    assert days(person)[3:] == [date(2026, 12, 24), date(2027, 1, 8)]


def test_back_to_the_form_keeps_every_word(client: Browser, person: Client) -> None:
    page = client.post("/sessions/book/", typed(person, edit="1", place="Room with 🌿")).content.decode()
    assert ("Room with 🌿" in page, 'value="5"' in page, days(person)) == (True, True, [])


@pytest.mark.parametrize(
    "choice", ["", "keep it", "2026-12-24", "9999-12-31T10:00:00+00:00", "2026-12-24T25:00:00Z", "💡"]
)
def test_a_choice_that_is_none_is_asked_for_again(client: Browser, person: Client, choice: str) -> None:
    chosen = {"on-2026-12-25": choice, "on-2027-01-01": "skip", "on-rubbish": "skip", "on-2026-13-45": "skip"}
    response = client.post("/sessions/book/", typed(person, **chosen))
    assert (response.status_code, days(person)) == (200, [])


def test_another_session_in_the_way_can_be_skipped_or_moved_but_not_kept(client: Browser, person: Client) -> None:
    make_session(make_client(person.counsellor), datetime(2026, 12, 11, 10, 30, tzinfo=LONDON))
    until = {"ends": "until", "until_on": "2026-12-18"}
    page = client.post("/sessions/book/", typed(person, **until)).content.decode()
    assert "You have another session from" in page
    assert 'value="keep"' not in page
    client.post("/sessions/book/", typed(person, **until, **{"on-2026-12-11": "keep"}))
    assert days(person) == []


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"count": ""}, "count", "Please say how many sessions."),
        ({"count": "61"}, "count", "Please give a whole number from 2 to 60."),
        ({"count": "99999999999999999999"}, "count", "Please give a whole number from 2 to 60."),
        ({"count": "🌿"}, "count", "Please give a whole number from 2 to 60."),
        ({"ends": "until"}, "until_on", "Please choose the last day."),
        ({"ends": "until", "until_on": "2026-12-01"}, "until_on", "This day is before the first session."),
        ({"ends": "until", "until_on": "2099-01-01"}, "until_on", "Please choose a day within the next two years."),
        ({"repeats": "weeks", "every": ""}, "every", "Please say every how many."),
        ({"repeats": "weeks", "every": "0"}, "every", "Please give a whole number from 1 to 12."),
        ({"repeats": "daily"}, "repeats", "Please choose one of the rhythms shown."),
        ({"ends": "never"}, "ends", "Please choose one of the answers shown."),
    ],
)
def test_bad_input_is_said_at_its_field(
    client: Browser, person: Client, wrong: dict[str, str], field: str, words: str
) -> None:
    response = client.post("/sessions/book/", typed(person, **wrong))
    assert (response.status_code, response.context["form"].errors.get(field)) == (200, [words])
    assert days(person) == []


def booked(client: Browser, person: Client) -> list[ClientSession]:
    client.post("/sessions/book/", typed(person, count="3"))
    rows = ClientSession.visible_to(person.counsellor).filter(client=person).select_related("series")
    return list(rows.order_by("starts_at"))


def change(session: ClientSession, **more: Any) -> dict[str, Any]:
    assert session.series is not None
    return {
        "scope": "following", "version": str(session.series.version), "starts_on": "2026-12-12",
        "clock_time": "11:00", "minutes": "50", "repeats": "weekly", "mode": "phone", "place": "", **more,
    }  # fmt: skip


def test_this_and_following_are_changed(client: Browser, person: Client) -> None:
    sessions = booked(client, person)
    response = client.post(f"/sessions/{sessions[1].pk}/series/", change(sessions[1]))
    assert response.status_code == 302
    assert days(person) == [date(2026, 12, 4), date(2026, 12, 12), date(2026, 12, 19)]


def test_of_two_windows_the_second_is_told(client: Browser, person: Client) -> None:
    sessions = booked(client, person)
    url = f"/sessions/{sessions[1].pk}/series/"
    client.post(url, change(sessions[1]))
    response = client.post(url, change(sessions[1], starts_on="2026-12-13"))
    assert response.status_code == 302
    assert days(person)[1] == date(2026, 12, 12)


def test_a_series_is_ended_from_one_session_on(client: Browser, person: Client) -> None:
    sessions = booked(client, person)
    body = {"by": "cancelled_by_client", "scope": "following", "series_version": "1"}
    response = client.post(f"/sessions/{sessions[1].pk}/cancel/", body)
    assert told(response)[-1].startswith("Series ended: 2 sessions cancelled.")
    assert days(person) == [date(2026, 12, 4)]


def test_this_one_alone_leaves_the_others(client: Browser, person: Client) -> None:
    sessions = booked(client, person)
    client.post(f"/sessions/{sessions[1].pk}/cancel/", {"by": "cancelled_by_client", "scope": "this"})
    assert days(person) == [date(2026, 12, 4), date(2026, 12, 18)]


def test_a_session_that_has_begun_takes_no_series_along(client: Browser, person: Client, december: Any) -> None:
    sessions = booked(client, person)
    december.move_to(NOW + timedelta(days=3, hours=2))
    response = client.post(f"/sessions/{sessions[0].pk}/series/", change(sessions[0]))
    assert told(response)[-1].startswith("This session has begun")
    assert "scope" not in client.get(f"/sessions/{sessions[0].pk}/cancel/").context["form"].fields


def test_a_series_page_takes_as_many_queries_for_five_sessions_as_for_two(
    client: Browser, person: Client, django_assert_num_queries: Any
) -> None:
    client.post("/sessions/book/", typed(person, count="2"))
    other = make_client(person.counsellor)
    client.post("/sessions/book/", typed(other, count="5", starts_on="2027-01-14"))
    for series in Series.visible_to(person.counsellor):
        client.get(f"/sessions/series/{series.pk}/")
        with django_assert_num_queries(5):
            client.get(f"/sessions/series/{series.pk}/")


def test_words_of_a_change_are_let_go_once_it_is_saved_by_way_of_the_days_that_need_a_word(
    client: Browser, counsellor: User, person: Client
) -> None:
    client.post("/sessions/book/", typed(person, count="3"))
    session = ClientSession.visible_to(counsellor).order_by("starts_at").first()
    assert session is not None
    url = f"/sessions/{session.pk}/series/"
    page = client.get(url).content.decode()
    token = page.split('name="keep_token"')[1].split('value="')[1].split('"')[0]
    body = {"keep_token": token, "fields": {"clock_time": "12:00"}}
    client.post("/practice/words/", body, content_type="application/json")
    assert [kept_page(row).title for row in kept_by(counsellor)] == ["Series to change"]
    make_session(make_client(counsellor), datetime(2026, 12, 11, 12, 0, tzinfo=LONDON))
    values = {
        **typed(person, clock_time="12:00"), "scope": "following", "keep_token": token,
        "version": page.split('name="version" value="')[1].split('"')[0],
    }  # fmt: skip
    asked = client.post(url, values)
    assert asked.templates[0].name == "sessions/series_hits.html"
    assert asked.content.decode().count(f'name="keep_token" value="{token}"') == 1
    assert kept_by(counsellor).count() == 1
    skipped = {f"on-{each.on.isoformat()}": "skip" for each in asked.context["occurrences"] if each.is_hit}
    saved = client.post(url, {**values, **skipped})
    assert (saved.status_code, kept_by(counsellor).count()) == (302, 0)


def test_hours_in_which_one_does_not_work_are_said_once_and_not_day_by_day(client: Browser, person: Client) -> None:
    WorkingHours.objects.create(counsellor=person.counsellor, weekday=0, from_time=time(9), until_time=time(17))
    page = client.post("/sessions/book/", typed(person, count="3"))
    assert [hit.text for hit in page.context["form"].warned] == ["This is outside your working hours."]
    assert "Book all the same" in page.content.decode()
    said = page.context["form"].said_of
    client.post("/sessions/book/", typed(person, count="3", all_the_same=said))
    assert days(person) == [date(2026, 12, 4), date(2026, 12, 11), date(2026, 12, 18)]
