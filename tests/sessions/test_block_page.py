from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from practice import clock
from practice.models import User
from practice.roles import Role
from sessions.models import TimeOff
from tests.factories import make_client, make_session, make_user
from tests.sessions.factories import in_days
from tests.sessions.pages import told
from tests.sessions.time import make_time_off
from vault.services import cache, destroy_data_key

pytestmark = pytest.mark.django_db
NEW = "/sessions/blocked/new/"


def typed(days: int = 2, **fields: str) -> dict[str, str]:
    on = clock.local(in_days(days)).date()
    return {"on": on.isoformat(), "from_time": "10:00", "until_time": "12:00", "label": "Dentist 🦷", **fields}


def errors(page: Any) -> dict[str, list[str]]:
    return dict(page.context["form"].errors)


def test_time_is_blocked_and_the_day_shown_with_a_way_back(client: Browser, counsellor: User) -> None:
    page = client.post(NEW, typed())
    row = TimeOff.visible_to(counsellor).get()
    assert (row.starts_at, row.ends_at, row.label) == (in_days(2), in_days(2, 12), "Dentist 🦷")
    assert page.headers["Location"] == f"/sessions/?day={clock.local(row.starts_at):%Y-%m-%d}"
    assert told(page) == ["Time blocked."]


def test_a_click_in_the_diary_fills_in_when(client: Browser, counsellor: User) -> None:
    form = client.get(f"{NEW}?day=2026-12-01&time=23:30").context["form"]
    assert [str(form[name].value()) for name in ("on", "from_time", "until_time")] == [
        "2026-12-01", "23:30:00", "00:30:00",
    ]  # fmt: skip


@pytest.mark.parametrize("query", ["day=someday&time=noon", "day=&time=", "day=2026-02-30", "time=25:00", ""])
def test_what_is_no_day_or_time_is_passed_over(client: Browser, counsellor: User, query: str) -> None:
    assert client.get(f"{NEW}?{query}").context["form"].initial == {}


def test_all_day_needs_no_times_and_midnight_ends_a_day(client: Browser, counsellor: User) -> None:
    client.post(NEW, typed(2, is_all_day="on", from_time="", until_time=""))
    client.post(NEW, typed(3, from_time="22:00", until_time="00:00"))
    spans = [(row.starts_at, row.ends_at) for row in TimeOff.visible_to(counsellor).order_by("starts_at")]
    assert spans == [(in_days(2, 0), in_days(3, 0)), (in_days(3, 22), in_days(4, 0))]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"on": ""}, {"on": ["Please choose a day."]}),
        ({"on": "yesterday"}, {"on": ["Please give a day, such as 24/11/2026."]}),
        ({"on": "2020-01-01"}, {"on": ["This has passed already."]}),
        ({"on": "0001-01-01"}, {"on": ["This has passed already."]}),
        ({"on": "9999-12-31", "is_all_day": "on"}, {"on": ["Please choose a day within the next two years."]}),
        ({"on": "2099-12-31"}, {"on": ["Please choose a day within the next two years."]}),
        ({"from_time": ""}, {"from_time": ["Please choose a time."]}),
        ({"until_time": "late"}, {"until_time": ["Please give a time, such as 14:30."]}),
        ({"until_time": "10:00"}, {"until_time": ["This is not after the beginning. Please choose a later time."]}),
        ({"until_time": "09:00"}, {"until_time": ["This is not after the beginning. Please choose a later time."]}),
        ({"label": "🦷" * 81}, {"label": ["At most 80 characters, please (there are 81)."]}),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    client: Browser, counsellor: User, fields: dict[str, str], expected: dict[str, list[str]]
) -> None:
    page = client.post(NEW, typed() | fields)
    assert (page.status_code, errors(page), TimeOff.unscoped.count()) == (200, expected, 0)


@time_machine.travel("2027-03-01T12:00:00Z", tick=True)
def test_an_hour_that_does_not_exist_is_said(client: Browser, counsellor: User) -> None:
    client.force_login(counsellor)
    page = client.post(NEW, typed(on="2027-03-28", from_time="01:30", until_time="04:00"))
    assert errors(page) == {
        "from_time": ["This time does not exist on Sunday 28 March: the clocks go forward over it."]
    }


@time_machine.travel("2026-10-01T12:00:00Z", tick=True)
def test_a_whole_day_with_a_clock_change_is_twenty_five_hours(client: Browser, counsellor: User) -> None:
    client.force_login(counsellor)
    client.post(NEW, typed(on="2026-10-25", is_all_day="on"))
    row = TimeOff.visible_to(counsellor).get()
    assert (row.ends_at - row.starts_at).total_seconds() == 25 * 3600
    page = client.get(f"/sessions/time-off/{row.pk}/")
    assert (page.context["form"]["is_all_day"].value(), page.context["off"].last_on) == (True, date(2026, 10, 25))


def test_the_same_twice_is_said(client: Browser, counsellor: User) -> None:
    client.post(NEW, typed())
    assert errors(client.post(NEW, typed())) == {"on": ["This stands in your diary already."]}


# --- sessions in it -----------------------------------------------------------------------------------
def test_sessions_in_it_are_said_before_it_is_saved(client: Browser, counsellor: User) -> None:
    session = make_session(make_client(counsellor, name="Juniper"), in_days(2, 11))
    page = client.post(NEW, typed())
    html = page.content.decode()
    assert TimeOff.unscoped.count() == 0
    assert "A session stands in this time" in html
    assert f'href="/sessions/{session.pk}/">Juniper' in html
    said = page.context["all_the_same"]
    assert client.post(NEW, typed(all_the_same=said)).status_code == 302
    assert TimeOff.visible_to(counsellor).count() == 1
    session.refresh_from_db()
    assert session.status == "booked"


def test_whoever_was_told_of_one_is_told_of_another(client: Browser, counsellor: User) -> None:
    make_session(make_client(counsellor), in_days(2, 11))
    said = client.post(NEW, typed()).context["all_the_same"]
    make_session(make_client(counsellor), in_days(2, 10))
    page = client.post(NEW, typed(all_the_same=said))
    assert (len(page.context["found"]), TimeOff.unscoped.count()) == (2, 0)


def test_what_touches_it_is_not_in_it(client: Browser, counsellor: User) -> None:
    make_session(make_client(counsellor), in_days(2, 12))
    make_session(make_client(counsellor), in_days(2, 11), status="cancelled_by_client")
    make_session(make_client(), in_days(2, 11))
    assert client.post(NEW, typed()).status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_three_sessions_in_it_take_as_many_queries_as_one(
    client: Browser, counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        make_session(make_client(counsellor), in_days(2, 9 + number))
    body = typed(from_time="08:00", until_time="18:00")
    cache.forget()
    # The web session, the user, the sessions with their clients, the clients' keys.
    with django_assert_num_queries(4):
        client.post(NEW, body)


# --- changed and removed --------------------------------------------------------------------------------
def test_it_opens_as_it_stands_and_is_changed(client: Browser, counsellor: User) -> None:
    row = make_time_off(counsellor, in_days(2), ends_at=in_days(2, 11))
    page = client.get(f"/sessions/time-off/{row.pk}/")
    form = page.context["form"]
    assert (form["label"].value(), str(form["until_time"].value()), form["is_all_day"].value()) == (
        "Dentist", "11:00:00", False,
    )  # fmt: skip
    answer = client.post(f"/sessions/time-off/{row.pk}/", typed(3, version="1", label="Dentist"))
    row.refresh_from_db()
    assert (answer.status_code, row.starts_at, row.label) == (302, in_days(3), "Dentist")
    assert told(answer) == ["Blocked time changed."]


def test_a_stale_form_is_told_and_shows_what_stands(client: Browser, counsellor: User) -> None:
    row = make_time_off(counsellor, in_days(2), version=4)
    answer = client.post(f"/sessions/time-off/{row.pk}/", typed(3, version="3"))
    assert answer.headers["Location"] == f"/sessions/time-off/{row.pk}/"
    assert told(answer) == ["This was changed or removed in another window. Here it is as it stands now."]


def test_a_label_that_does_not_open_is_said_and_not_written_over(client: Browser, counsellor: User) -> None:
    row = make_time_off(counsellor, in_days(2))
    destroy_data_key(counsellor.pk)
    assert "What it is could not be opened" in client.get(f"/sessions/time-off/{row.pk}/").content.decode()
    assert "What it is could not be opened" in client.get("/sessions/time-off/").content.decode()
    client.post(f"/sessions/time-off/{row.pk}/", typed(3, version="1", label=""))
    row.refresh_from_db()
    assert row.starts_at == in_days(3)
    assert "What it is could not be opened" in client.get(f"/sessions/time-off/{row.pk}/").content.decode()


def test_it_is_removed(client: Browser, counsellor: User) -> None:
    row = make_time_off(counsellor, in_days(2))
    answer = client.post(f"/sessions/time-off/{row.pk}/", {"remove": "1"})
    assert (answer.headers["Location"], TimeOff.unscoped.count()) == ("/sessions/time-off/", 0)
    assert told(answer)[0].startswith("Taken out of your diary.")


def test_a_colleague_finds_nothing_and_an_admin_may_not(client: Browser, counsellor: User) -> None:
    row = make_time_off(make_user(), in_days(2))
    assert client.get(f"/sessions/time-off/{row.pk}/").status_code == 404
    client.force_login(make_user(Role.ADMIN))
    assert [client.get(page).status_code for page in (NEW, "/sessions/leave/new/", "/sessions/time-off/")] == [403] * 3
