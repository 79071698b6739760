from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from outbox.models import Message
from practice.models import User
from practice.roles import Role
from sessions.models import ClientSession
from sessions.services import cancel_session
from tests.factories import make_client, make_session, make_user
from tests.sessions.factories import book

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=LONDON)
THURSDAY_TEN = datetime(2026, 11, 26, 10, 0, tzinfo=LONDON)
PERSON = {"name": "Juniper Testwell", "preferred_name": "Junie"}


def mail_of(browser: Browser, session: ClientSession) -> list[tuple[str, str, str]]:
    lines = browser.get(f"/sessions/{session.pk}/").context["mail"]
    return [(line.label, line.state, line.text) for line in lines]


def test_it_shows_with_whom_when_and_where(client: Browser, counsellor: User) -> None:
    with time_machine.travel(MONDAY, tick=True):
        session = book(make_client(counsellor, **PERSON), THURSDAY_TEN, place="12 Willow Lane")
        page = client.get(f"/sessions/{session.pk}/").content.decode()
    for words in ("Junie", "Thursday 26 November, 10:00", "12 Willow Lane", "50 minutes", "(UK time)", "Booked"):
        assert words in page
    assert "<title>Session · Beside</title>" in page


def test_its_planned_reminder_stands_with_its_time(client: Browser, counsellor: User) -> None:
    with time_machine.travel(MONDAY, tick=True):
        session = book(make_client(counsellor), THURSDAY_TEN)
        lines = mail_of(client, session)
    assert lines == [("Session reminder", "Planned", "Planned for Wed 25 Nov, 10:00 (UK time)")]


def test_what_became_of_the_reminder_stands_there(client: Browser, counsellor: User) -> None:
    with time_machine.travel(MONDAY, tick=True):
        session = book(make_client(counsellor), THURSDAY_TEN)
        Message.objects.update(state="sent", sent_at=THURSDAY_TEN - timedelta(hours=24))
        assert mail_of(client, session)[0][1:] == ("Sent", "Sent Wed 25 Nov, 10:00 (UK time)")
        Message.objects.update(state="planned", sent_at=None)
        cancel_session(actor=counsellor, session=session, by=ClientSession.Status.CANCELLED_BY_CLIENT)
        assert mail_of(client, session)[0][1:] == ("Not needed", "Session cancelled")


def test_why_the_reminder_will_not_leave_stands_beside_it(client: Browser, counsellor: User) -> None:
    session = make_session(make_client(counsellor, may_email="no"))
    context = client.get(f"/sessions/{session.pk}/").context
    assert context["no_reminder"] == "No reminder, since this client hasn't agreed to e-mail."


ACTIONS = {"Move": "/move/", "Cancel": "/cancel/", "Outcome": "/outcome/"}


@pytest.mark.parametrize(
    ("status", "begins_in", "offered"),
    [
        ("booked", timedelta(days=1), ["Move", "Cancel"]),
        ("booked", timedelta(minutes=-10), ["Move", "Cancel", "Outcome"]),
        ("booked", timedelta(days=-1), ["Cancel", "Outcome"]),
        ("attended", timedelta(days=-1), ["Outcome"]),
        ("cancelled_late", timedelta(days=1), ["Outcome"]),
        ("cancelled_by_client", timedelta(days=-1), ["Outcome"]),
    ],
)
def test_what_can_be_done_is_offered(
    client: Browser, counsellor: User, status: str, begins_in: timedelta, offered: list[str]
) -> None:
    session = make_session(make_client(counsellor), timezone.now() + begins_in, status=status)
    page = client.get(f"/sessions/{session.pk}/").content.decode()
    assert [name for name, path in ACTIONS.items() if f"/sessions/{session.pk}{path}" in page] == offered


def test_a_place_that_does_not_open_leaves_the_page_standing(client: Browser, counsellor: User) -> None:
    session = make_session(make_client(counsellor), place="12 Willow Lane")
    other = make_session(make_client(counsellor), timezone.now() + timedelta(days=2), place="13 Willow Lane")
    _copy_sealed_place(other, session)
    response = client.get(f"/sessions/{session.pk}/")
    assert (response.status_code, response.context["place"].is_damaged) == (200, True)
    assert "This could not be opened." in response.content.decode()


@pytest.mark.parametrize("page", ["", "move/", "cancel/"])
def test_another_counsellors_session_is_not_found(client: Browser, counsellor: User, page: str) -> None:
    session = make_session()
    assert client.get(f"/sessions/{session.pk}/{page}").status_code == 404


@pytest.mark.parametrize("page", ["", "move/", "cancel/"])
def test_an_admin_opens_none(client: Browser, page: str) -> None:
    client.force_login(make_user(Role.ADMIN))
    assert client.get(f"/sessions/{make_session().pk}/{page}").status_code == 403


@pytest.mark.parametrize("page", ["", "move/", "cancel/"])
def test_a_stranger_is_asked_to_sign_in(client: Browser, page: str) -> None:
    url = f"/sessions/{make_session().pk}/{page}"
    assert client.get(url)["Location"] == f"/accounts/login/?next={url}"


def _copy_sealed_place(source: ClientSession, target: ClientSession) -> None:
    """Put one row's ciphertext into another: it opens nowhere but in its own row."""
    table = ClientSession._meta.db_table
    pk = ClientSession._meta.pk
    ids = [pk.get_db_prep_value(each.pk, connection) for each in (source, target)]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET place = (SELECT place FROM {table} WHERE id = %s) WHERE id = %s", ids)
