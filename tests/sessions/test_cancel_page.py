from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser

from outbox.models import Message
from practice.models import User
from sessions.models import ClientSession
from tests.factories import make_client, make_session
from tests.sessions.factories import book
from tests.sessions.pages import told

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=LONDON)
THURSDAY_TEN = datetime(2026, 11, 26, 10, 0, tzinfo=LONDON)
YOURSELF = "Nothing is sent to the client about it, so please let them know yourself."


@pytest.fixture
def session(counsellor: User) -> ClientSession:
    with time_machine.travel(MONDAY, tick=True):
        return book(make_client(counsellor), THURSDAY_TEN)


def test_it_says_beforehand_what_happens_to_the_reminder(client: Browser, session: ClientSession) -> None:
    with time_machine.travel(MONDAY, tick=True):
        client.force_login(session.counsellor)
        before = client.get(f"/sessions/{session.pk}/cancel/").context["reminder"]
        Message.objects.update(state="sent", sent_at=MONDAY)
        after = client.get(f"/sessions/{session.pk}/cancel/").context["reminder"]
    assert before == f"Its reminder, planned for Wednesday 25 November, 10:00, will be dropped. {YOURSELF}"
    assert after == f"Its reminder has left already. {YOURSELF}"


@pytest.mark.parametrize("by", ClientSession.CANCELLED)
def test_it_is_cancelled_and_the_reminder_dropped(client: Browser, session: ClientSession, by: str) -> None:
    response = client.post(f"/sessions/{session.pk}/cancel/", {"by": by})
    assert (response.status_code, response["Location"]) == (302, f"/sessions/{session.pk}/")
    assert told(response) == ["Session cancelled. Its reminder has been dropped."]
    assert ClientSession.visible_to(session.counsellor).get().status == by


@pytest.mark.parametrize(
    ("mail", "sentence"),
    [
        (
            {
                "state": "leased",
                "dispatched_at": MONDAY,
                "token": "0" * 32,
                "lease_until": MONDAY + timedelta(minutes=2),
            },
            "Session cancelled. Its reminder is already on its way.",
        ),
        (
            {"state": "sent", "sent_at": MONDAY},
            "Session cancelled. Its reminder had left already, so please let the client know yourself.",
        ),
        ({"state": "dropped"}, "Session cancelled."),
    ],
    ids=["on its way", "sent", "none"],
)
def test_it_says_what_became_of_mail_that_was_not_waiting(
    client: Browser, session: ClientSession, mail: dict[str, object], sentence: str
) -> None:
    Message.objects.update(**mail)
    response = client.post(f"/sessions/{session.pk}/cancel/", {"by": "cancelled_by_client"})
    assert told(response) == [sentence]


@pytest.mark.parametrize(
    ("by", "error"),
    [("", "Please choose who cancels."), ("attended", "Please choose one of the answers shown.")],
)
def test_it_asks_who_cancels(client: Browser, session: ClientSession, by: str, error: str) -> None:
    response = client.post(f"/sessions/{session.pk}/cancel/", {"by": by})
    assert (response.status_code, response.context["form"].errors) == (200, {"by": [error]})
    assert ClientSession.visible_to(session.counsellor).get().status == "booked"


def test_a_second_submit_changes_nothing(client: Browser, session: ClientSession) -> None:
    for by in ("cancelled_late", "cancelled_by_client"):
        response = client.post(f"/sessions/{session.pk}/cancel/", {"by": by})
    assert response.status_code == 302
    assert ClientSession.visible_to(session.counsellor).get().status == "cancelled_late"


def test_another_counsellors_session_cannot_be_cancelled(client: Browser, counsellor: User) -> None:
    other = make_session()
    assert client.post(f"/sessions/{other.pk}/cancel/", {"by": "cancelled_late"}).status_code == 404
    assert ClientSession.visible_to(other.counsellor).get().status == "booked"
