from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from outbox import services as outbox
from outbox.models import Message
from practice.models import Practice, User
from practice.roles import Role
from tests.factories import make_user
from tests.practice.rows import make_message


def test_a_stranger_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


@pytest.mark.parametrize(
    ("hour", "greeting"), [(8, "Good morning"), (12, "Good afternoon"), (17, "Good afternoon"), (21, "Good evening")]
)
def test_it_greets_by_first_name_and_tells_the_day(
    client: Client, practice: Practice, hour: int, greeting: str
) -> None:
    with time_machine.travel(datetime(2026, 11, 24, hour, tzinfo=UTC), tick=False):
        client.force_login(make_user(name="Rowan Testling"))
        page = client.get("/").content.decode()
    assert f"{greeting}, Rowan" in page
    assert '<time datetime="2026-11-24">Tuesday 24 November 2026</time>' in page


@pytest.mark.parametrize("role", Role.values)
def test_with_nothing_to_do_all_is_in_hand(client: Client, practice: Practice, role: str) -> None:
    client.force_login(make_user(role))
    page = client.get("/")
    assert page.context["needs"] == 0
    assert "All is in hand" in page.content.decode()


def test_a_mail_that_waits_for_a_decision_is_a_need_of_those_who_run_the_practice(
    as_admin: Client, counsellor: User
) -> None:
    make_message(Message.State.UNSURE)
    page = as_admin.get("/")
    assert page.context["needs"] == 1
    assert "All is in hand" not in page.content.decode()
    as_admin.force_login(counsellor)
    assert as_admin.get("/").context["needs"] == 0


def test_the_watchdog_tells_the_admin_why_and_leads_to_the_mail(as_admin: Client) -> None:
    outbox.pause("The mail server does not accept our sign-in.")
    make_message(due_at=timezone.now() - timedelta(minutes=1))
    page = as_admin.get("/").content.decode()
    assert "1 message should have gone by now." in page
    assert "The mail server does not accept our sign-in." in page
    assert "Look at the mail" in page
    assert "All is in hand" not in page


def test_the_watchdog_tells_a_counsellor_the_sentence_only(as_counsellor: Client) -> None:
    outbox.pause("The mail server does not accept our sign-in.")
    page = as_counsellor.get("/").content.decode()
    assert "Mail is waiting." in page
    assert "does not accept" not in page
    assert "Look at the mail" not in page


def test_an_admin_without_clients_sees_the_practice(as_admin: Client) -> None:
    page = as_admin.get("/").content.decode()
    assert '<h2 id="today-practice">The practice</h2>' in page
    assert "1 works here" in page


def test_a_counsellor_does_not(as_counsellor: Client) -> None:
    assert "today-practice" not in as_counsellor.get("/").content.decode()


def test_it_changes_nothing_by_post(as_admin: Client) -> None:
    assert as_admin.post("/").status_code == 405
