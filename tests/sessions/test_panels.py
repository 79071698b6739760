"""The diary on Today, on a client's record and in their timeline."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from clients.timeline import TimelineEntry
from practice.models import User
from practice.roles import Role
from sessions import panels
from sessions.models import ClientSession
from tests.factories import make_client, make_session, make_user
from vault.services import cache

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZoneInfo("Europe/London"))


def test_today_shows_todays_sessions_in_order_and_the_next_days(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        for name, hours in (("Later", 4), ("Earlier", -2), ("Tomorrow", 24), ("Next week", 24 * 7), ("Gone", -24)):
            make_session(make_client(counsellor, name=name), NOON + timedelta(hours=hours))
        today, coming = panels.today_panel(counsellor, None), panels.coming_panel(counsellor, None)
    assert today is not None
    assert [row.name for row in today.context["rows"]] == ["Earlier", "Later"]
    assert coming is not None
    days = [(day, [row.name for row in rows]) for day, rows in coming.context["days"]]
    assert days == [((NOON + timedelta(days=1)).date(), ["Tomorrow"])]


@pytest.mark.parametrize(
    ("status", "hours", "offered"),
    [
        ("booked", -2, {"Attended", "Did not attend", "Write note"}),
        ("booked", -0.5, {"Attended", "Did not attend"}),
        ("booked", 2, {"Open"}),
        ("attended", -2, {"Write note"}),
        ("attended", -0.5, {"Write note"}),
        ("did_not_attend", -2, {"Write note"}),
        ("did_not_attend", -0.5, set()),
        ("cancelled_late", 2, set()),
        ("cancelled_late", -2, set()),
    ],
)
def test_each_of_todays_sessions_has_its_next_action(
    client: Browser, counsellor: User, status: str, hours: float, offered: set[str]
) -> None:
    with time_machine.travel(NOON, tick=True):
        make_session(make_client(counsellor, name="Juniper"), NOON + timedelta(hours=hours), status=status)
        client.force_login(counsellor)
        page = client.get("/").content.decode()
    words = ("Attended", "Did not attend", "Open", "Write note")
    assert {word for word in words if f'{word}<span class="sr">: Juniper</span>' in page} == offered


def test_an_admin_sees_no_session_on_today() -> None:
    make_session(starts_at=NOON)
    admin = make_user(Role.ADMIN)
    assert (panels.today_panel(admin, None), panels.coming_panel(admin, None)) == (None, None)


@pytest.mark.parametrize("count", [1, 3])
def test_three_sessions_take_as_many_queries_as_one(
    counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with time_machine.travel(NOON, tick=True):
        for number in range(count):
            make_session(make_client(counsellor), NOON + timedelta(hours=number))
            make_session(make_client(counsellor), NOON + timedelta(days=1, hours=number))
        cache.forget()
        # Each panel: the sessions with their clients, the clients' keys, what is agreed.
        with django_assert_num_queries(6):
            panels.today_panel(counsellor, None)
            panels.coming_panel(counsellor, None)


def test_a_record_shows_the_next_sessions_and_the_last(counsellor: User) -> None:
    person = make_client(counsellor)
    with time_machine.travel(NOON, tick=True):
        made = {days: make_session(person, NOON + timedelta(days=days)) for days in (-30, -21, -14, -7, 7, 14, 21, 28)}
        gone = make_session(person, NOON + timedelta(days=3), status="cancelled_by_client")
        make_session(make_client(counsellor), NOON + timedelta(days=1, hours=2))
        panel = panels.client_panel(counsellor, person)
    assert panel is not None
    assert panel.context["coming"] == [made[7], made[14], made[21]]
    assert panel.context["past"] == [gone, made[-7], made[-14]]


def test_the_record_page_shows_them(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    session = make_session(person)
    assert f'href="/sessions/{session.pk}/"' in client.get(f"/clients/{person.pk}/").content.decode()


def test_the_timeline_has_each_session_with_its_status(counsellor: User) -> None:
    person = make_client(counsellor)
    session = make_session(person, NOON, status=ClientSession.Status.ATTENDED, mode="video")
    make_session(make_client(counsellor), NOON + timedelta(hours=2))
    assert list(panels.timeline(person, counsellor)) == [
        TimelineEntry(
            at=NOON,
            kind="session",
            title="Session, video link",
            url=f"/sessions/{session.pk}/",
            badge="Attended",
            tone="ok",
        )
    ]


def test_another_counsellor_sees_nothing_of_a_client() -> None:
    session = make_session()
    assert list(panels.timeline(session.client, make_user())) == []
