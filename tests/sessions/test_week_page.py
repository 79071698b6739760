import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from practice.models import User
from practice.roles import Role
from sessions.calendar import Page
from tests.factories import make_client, make_session, make_user
from vault.services import cache, destroy_data_key

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
MONDAY = date(2026, 11, 23)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON)


def named(page: Page) -> dict[date, list[str]]:
    return {day.on: [item.name for item in day.sessions] for day in page.days if day.sessions}


def test_the_weeks_sessions_stand_by_day_in_order(client: Browser, counsellor: User) -> None:
    for name, when in (
        ("Late", at(24, 16)), ("Early", at(24, 9)), ("First", at(23, 0)), ("Last", at(29, 23, 30)),
        ("Before", at(22, 23)), ("After", at(30, 0, 30)),
    ):  # fmt: skip
        make_session(make_client(counsellor, name=name), when)
    week = client.get("/sessions/?day=2026-11-26").context["page"]
    assert named(week) == {MONDAY: ["First"], date(2026, 11, 24): ["Early", "Late"], date(2026, 11, 29): ["Last"]}


def test_without_a_day_it_is_this_week(client: Browser, counsellor: User) -> None:
    with time_machine.travel(at(25, 12), tick=True):
        client.force_login(counsellor)
        week = client.get("/sessions/").context["page"]
    assert (week.first, week.last, week.is_now) == (MONDAY, date(2026, 11, 29), True)
    assert [day.on for day in week.days if day.is_today] == [date(2026, 11, 25)]


def test_links_lead_to_the_weeks_beside_it(client: Browser, counsellor: User) -> None:
    page = client.get("/sessions/?day=2026-11-26").content.decode()
    assert [day for day in ("2026-11-16", "2026-11-30") if f'href="?view=week&amp;day={day}"' not in page] == []


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)], ids=["spring", "autumn"])
def test_a_week_with_a_clock_change_holds_its_last_evening(client: Browser, counsellor: User, day: date) -> None:
    evening = datetime(day.year, day.month, day.day, 23, 30, tzinfo=LONDON)
    make_session(make_client(counsellor, name="Owl"), evening)
    assert named(client.get(f"/sessions/?day={day}").context["page"]) == {day: ["Owl"]}
    assert named(client.get(f"/sessions/?day={day + timedelta(days=1)}").context["page"]) == {}


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Please choose a date."),
        ("someday", "Please give a date, such as 24/11/2026."),
        ("0001-01-01", "The diary begins in the year 2000."),
        ("9999-12-31", "The diary ends in the year 2100."),
    ],
)
def test_a_day_that_is_none_is_told_and_this_week_shown(
    client: Browser, counsellor: User, typed: str, error: str
) -> None:
    context = client.get("/sessions/", {"day": typed}).context
    assert context["form"].errors == {"day": [error]}
    assert (context["form"]["day"].value(), context["page"].is_now) == (typed, True)


def test_an_empty_week_says_so(client: Browser, counsellor: User) -> None:
    page = client.get("/sessions/?day=2026-11-26").content.decode()
    assert ("no sessions" in page, page.count(">Free<")) == (True, 7)


def test_another_counsellors_sessions_are_not_in_it(client: Browser, counsellor: User) -> None:
    make_session(make_client(name="Someone Elses"), at(24, 10))
    assert client.get("/sessions/?day=2026-11-26").context["page"].is_empty


def test_a_client_whose_name_does_not_open_is_shown_by_the_reference(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor, reference="C-0042")
    make_session(person, at(24, 10))
    make_session(make_client(counsellor, name="Bryony Testwell"), at(24, 12))
    destroy_data_key(person.pk)
    week = client.get("/sessions/?day=2026-11-26").context["page"]
    assert named(week) == {date(2026, 11, 24): ["C-0042 (the name does not open)", "Bryony Testwell"]}


def test_an_admin_has_no_diary(client: Browser) -> None:
    client.force_login(make_user(Role.ADMIN))
    assert client.get("/sessions/").status_code == 403


@pytest.mark.parametrize("view", ["day", "week", "month", "agenda"])
@pytest.mark.parametrize("count", [3, 60])
def test_sixty_sessions_take_as_many_queries_as_three(
    client: Browser, counsellor: User, view: str, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        starts_at = at(23, 8) + timedelta(days=number % 7, hours=number // 7)
        make_session(make_client(counsellor), starts_at, status="attended" if number % 2 else "booked")
    cache.forget()
    # The web session, the user, the sessions with their clients, time off, the keys, working hours, the practice.
    with django_assert_num_queries(7):
        client.get(f"/sessions/?view={view}&day=2026-11-23")


def test_a_session_has_its_deeds_beside_it(client: Browser, counsellor: User) -> None:
    with time_machine.travel(at(23, 12), tick=True):
        client.force_login(counsellor)
        ahead, over = (
            make_session(make_client(counsellor), at(24, 10)),
            make_session(make_client(counsellor), at(23, 9)),
        )
        page = client.get("/sessions/?day=2026-11-24").content.decode()
    links = [f"/sessions/{ahead.pk}/{deed}" for deed in ("", "move/", "cancel/")]
    assert [link for link in (*links, f"/notes/session/{over.pk}/") if f'href="{link}"' not in page] == []
    assert f'href="/sessions/{over.pk}/move/"' not in page
    deeds = re.findall(r'formaction="/sessions/([0-9a-f-]+)/outcome/"\s+name="outcome"\s+value="(\w+)"', page)
    assert sorted(deeds) == sorted(
        [(str(ahead.pk), "confirmed"), (str(over.pk), "attended"), (str(over.pk), "did_not_attend")]
    )


def test_what_is_moved_or_said_comes_back_to_the_same_view(client: Browser, counsellor: User) -> None:
    session = make_session(make_client(counsellor), timezone.now() + timedelta(days=3))
    day = timezone.localtime(session.starts_at).date()
    url = f"/sessions/{session.pk}/outcome/"
    for view in ("day", "week", "agenda"):
        response = client.post(url, {"outcome": "confirmed", "back": view})
        assert response.headers["Location"] == f"/sessions/?view={view}&day={day}#s-{session.pk}"


def test_an_unknown_view_is_the_week(client: Browser, counsellor: User) -> None:
    assert client.get("/sessions/?view=year").context["page"].view == "week"


def test_names_are_put_away_until_they_are_wanted_again(client: Browser, counsellor: User) -> None:
    make_session(make_client(counsellor, name="Bryony Testwell", reference="C-0042"), at(24, 10))
    there = {"view": "month", "day": "2026-11-24"}
    response = client.post("/sessions/looks/", {**there, "hides_names": "1"})
    assert response.headers["Location"] == "/sessions/?view=month&day=2026-11-24"
    for view in ("day", "week", "month", "agenda"):
        page = client.get(f"/sessions/?view={view}&day=2026-11-24").content.decode()
        assert ("Bryony" in page, "C-0042" in page) == (False, True)
    client.post("/sessions/looks/", there)
    assert "Bryony" in client.get("/sessions/?day=2026-11-24").content.decode()


def test_looks_that_make_no_sense_change_nothing(client: Browser, counsellor: User) -> None:
    response = client.post("/sessions/looks/", {"hides_names": "1", "view": "year", "day": "someday"})
    assert (response.headers["Location"], "diary_looks" in client.session) == ("/sessions/", False)


@pytest.mark.parametrize("view", ["day", "week", "month", "agenda"])
def test_a_page_carries_no_inline_style_and_no_name_in_its_title(client: Browser, counsellor: User, view: str) -> None:
    make_session(make_client(counsellor, name="Bryony Testwell"), at(24, 10))
    page = client.get(f"/sessions/?view={view}&day=2026-11-24").content.decode()
    assert ("style=" in page, "Bryony" in page, "<title>Diary · Beside</title>" in page) == (False, True, True)


def test_sessions_of_one_shape_keep_their_own_words(client: Browser, counsellor: User) -> None:
    """Each shape is written once (sessions/templatetags/diary.py): a session's own words are filled in, escaped."""
    rows = [make_session(make_client(counsellor, name=name), at(24, hour)) for name, hour in (("<b>Al", 9), ("Bo", 11))]
    page = client.get("/sessions/?day=2026-11-24").content.decode()
    assert [page.count(words) for words in ("<b>Al", "&lt;b&gt;Al", ">Bo<", "\ue000", "4000-8000-0000")] == [
        0,
        1,
        1,
        0,
        0,
    ]
    assert [page.count(f'id="s-{row.pk}" href="/sessions/{row.pk}/"') for row in rows] == [1, 1]
    assert [page.count(f'popovertarget="m-{row.pk}"') for row in rows] == [1, 1]
