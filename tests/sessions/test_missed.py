"""Reminders that did not leave in time, on Today and on the session's page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from outbox.models import Message
from practice.models import User
from practice.roles import Role
from sessions.missed import missed
from sessions.models import ClientSession
from sessions.panels import missed_panel
from sessions.sentences import mail_lines
from tests.factories import make_client, make_session, make_user
from vault.services import cache

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 40, tzinfo=UTC)
SOON = NOW + timedelta(minutes=20)


@pytest.fixture(autouse=True)
def at_twenty_to_ten(client: Browser, counsellor: User) -> Any:
    with time_machine.travel(NOW, tick=True):
        client.force_login(counsellor)
        yield


def mail(session: ClientSession, state: str, rule: str = "lead:24h", revision: int = 1, **fields: Any) -> Message:
    sent = {"sent_at": NOW, "dispatched_at": NOW} if state == "sent" else {}
    values = {"kind": "session_reminder", "due_at": NOW - timedelta(hours=3), **sent, **fields}
    return Message.objects.create(
        subject_id=session.pk, owner_id=session.client_id, reference=session.client.reference, state=state,
        key=f"session_reminder:{session.pk}:{rule}:{revision}", expires_at=session.starts_at, **values,
    )  # fmt: skip


def fern(counsellor: User, starts_at: datetime = SOON, **fields: Any) -> ClientSession:
    return make_session(make_client(counsellor, name="Fern Testwell"), starts_at, **fields)


def names(counsellor: User) -> list[str]:
    return [row.name for row in missed(counsellor)]


def test_today_says_of_whom_no_reminder_went_and_how_to_reach_them(client: Browser, counsellor: User) -> None:
    session = fern(counsellor)
    mail(session, "expired", reason="its time had passed")
    page = client.get("/")
    html = page.content.decode()
    assert ("No reminder went" in html, f'href="/clients/{session.client_id}/"' in html) == (True, True)
    assert page.context["needs"] >= 1


def test_the_sessions_page_says_it_in_plain_words(counsellor: User) -> None:
    session = fern(counsellor)
    mail(session, "expired", reason="its time had passed")
    (line,) = mail_lines(session)
    assert (line.state, line.text, line.tone) == ("Too late to send", "Missed: it could not leave in time", "warn")


def test_where_all_went_there_is_no_panel(counsellor: User) -> None:
    mail(fern(counsellor), "sent")
    assert missed_panel(counsellor, None) is None


@pytest.mark.parametrize(
    ("hours", "status", "is_shown"),
    [
        (-0.5, "booked", True),
        (-0.5, "confirmed", True),
        (-23, "booked", True),
        (-25, "booked", False),
        (-3, "attended", False),
        (-3, "did_not_attend", False),
        (2, "booked", True),
        (2, "cancelled_by_client", False),
    ],
)
def test_it_stands_until_it_is_known_how_the_session_went_or_for_a_day(
    counsellor: User, hours: float, status: str, is_shown: bool
) -> None:
    mail(fern(counsellor, NOW + timedelta(hours=hours), status=status), "expired")
    assert bool(names(counsellor)) is is_shown


@pytest.mark.parametrize("other", ["sent", "planned", "leased", "unsure", "held", "failed"])
def test_where_another_rule_reminded_them_or_will_nothing_is_missed(counsellor: User, other: str) -> None:
    """A mail that needs a decision stands on the list of mail already."""
    session = fern(counsellor)
    mail(session, "expired", "eve:18:00")
    lease: dict[str, Any] = {"lease_until": NOW, "token": session.pk} if other == "leased" else {}
    mail(session, other, "lead:2h", **lease)
    assert names(counsellor) == []


def test_a_reminder_of_the_time_before_a_move_does_not_count(counsellor: User) -> None:
    session = fern(counsellor, revision=2)
    mail(session, "sent", revision=1)
    mail(session, "expired", revision=2)
    moved = make_session(make_client(counsellor, name="Moved Testwell"), SOON + timedelta(hours=2), revision=2)
    mail(moved, "expired", revision=1)
    mail(moved, "sent", revision=2)
    assert names(counsellor) == ["Fern Testwell"]


def test_who_would_not_have_been_mailed_is_not_missed(counsellor: User) -> None:
    session = make_session(make_client(counsellor, may_email="no"), SOON)
    mail(session, "expired")
    assert names(counsellor) == []


def test_an_expired_notice_is_no_reminder(counsellor: User) -> None:
    mail(fern(counsellor), "expired", kind="session_notice")
    assert names(counsellor) == []


def test_a_colleague_and_an_admin_see_nothing_of_it(counsellor: User) -> None:
    mail(fern(counsellor), "expired")
    assert [missed(make_user()), missed(make_user(Role.ADMIN))] == [[], []]


@pytest.mark.parametrize("count", [1, 3])
def test_three_take_as_many_queries_as_one(
    counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        mail(fern(counsellor, SOON + timedelta(hours=number)), "expired")
    cache.forget()
    # The sessions with their clients, their mail, the clients' keys.
    with django_assert_num_queries(3):
        missed(counsellor)


def test_where_nothing_is_missed_it_takes_one_query(
    counsellor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mail(fern(counsellor), "sent")
    with django_assert_num_queries(1):
        missed(counsellor)
