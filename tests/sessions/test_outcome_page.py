from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from practice.models import User
from practice.roles import Role
from sessions.models import ClientSession
from tests.factories import make_client, make_session, make_user
from tests.sessions.factories import in_days
from tests.sessions.pages import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(counsellor: User) -> ClientSession:
    return make_session(make_client(counsellor), timezone.now() - timedelta(hours=1))


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [("attended", "Marked as attended."), ("did_not_attend", "Marked as did not attend.")],
)
def test_a_button_marks_it(client: Browser, session: ClientSession, outcome: str, sentence: str) -> None:
    response = client.post(f"/sessions/{session.pk}/outcome/", {"outcome": outcome})
    assert (response["Location"], told(response)) == (f"/sessions/{session.pk}/", [sentence])
    assert ClientSession.visible_to(session.counsellor).get().status == outcome


def test_from_today_one_comes_back_to_today(client: Browser, session: ClientSession) -> None:
    response = client.post(f"/sessions/{session.pk}/outcome/", {"outcome": "attended", "back": "today"})
    assert response["Location"] == "/"


def test_it_can_be_taken_back(client: Browser, session: ClientSession) -> None:
    for outcome in ("attended", "booked"):
        client.post(f"/sessions/{session.pk}/outcome/", {"outcome": outcome})
    assert ClientSession.visible_to(session.counsellor).get().status == "booked"


@pytest.mark.parametrize("typed", [{}, {"outcome": "overslept"}, {"outcome": "attended", "back": "//evil.test"}])
def test_anything_else_is_refused(client: Browser, session: ClientSession, typed: dict[str, str]) -> None:
    response = client.post(f"/sessions/{session.pk}/outcome/", typed)
    assert (response["Location"], told(response)) == (f"/sessions/{session.pk}/", ["Please choose how it went."])
    assert ClientSession.visible_to(session.counsellor).get().status == "booked"


def test_before_it_begins_nobody_can_say(client: Browser, counsellor: User) -> None:
    ahead = make_session(make_client(counsellor))
    response = client.post(f"/sessions/{ahead.pk}/outcome/", {"outcome": "attended"})
    assert told(response) == ["This session has not begun yet."]


def test_a_cancelled_one_can_be_corrected_if_its_time_is_free(client: Browser, counsellor: User) -> None:
    gone = make_session(make_client(counsellor), timezone.now() - timedelta(hours=1), status="cancelled_late")
    assert told(client.post(f"/sessions/{gone.pk}/outcome/", {"outcome": "attended"})) == ["Marked as attended."]
    client.post(f"/sessions/{gone.pk}/outcome/", {"outcome": "cancelled_late"})
    make_session(gone.client, gone.starts_at)
    assert told(client.post(f"/sessions/{gone.pk}/outcome/", {"outcome": "attended"}))[-1] == (
        "There is another session at that time by now, so this one stays cancelled."
    )


def test_a_cancelled_one_ahead_is_booked_again_from_its_page(client: Browser, counsellor: User) -> None:
    gone = make_session(make_client(counsellor), in_days(3), status="cancelled_late")
    page = client.get(f"/sessions/{gone.pk}/").content.decode()
    assert "Book it again" in page
    (said,) = told(client.post(f"/sessions/{gone.pk}/outcome/", {"outcome": "booked"}))
    assert said.startswith("Session booked again. A reminder is planned for ")
    assert "Book it again" not in client.get(f"/sessions/{gone.pk}/").content.decode()


def test_a_cancelled_one_stays_so_once_its_time_is_taken(client: Browser, counsellor: User) -> None:
    gone = make_session(make_client(counsellor), in_days(3), status="cancelled_late")
    make_session(gone.client, gone.starts_at)
    assert told(client.post(f"/sessions/{gone.pk}/outcome/", {"outcome": "booked"})) == [
        "There is another session at that time by now, so this one stays cancelled."
    ]


def test_a_cancelled_one_stays_so_once_the_work_has_ended(client: Browser, counsellor: User) -> None:
    ended = make_client(counsellor, state="ended", ended_at=timezone.now())
    gone = make_session(ended, in_days(3), status="cancelled_late")
    assert "Book it again" not in client.get(f"/sessions/{gone.pk}/").content.decode()
    assert told(client.post(f"/sessions/{gone.pk}/outcome/", {"outcome": "booked"})) == [
        "The work with this client has ended, so this session stays cancelled."
    ]


def test_a_link_alone_changes_nothing(client: Browser, session: ClientSession) -> None:
    assert client.get(f"/sessions/{session.pk}/outcome/?outcome=attended").status_code == 405


def test_another_counsellors_session_is_not_found(client: Browser, counsellor: User) -> None:
    assert client.post(f"/sessions/{make_session().pk}/outcome/", {"outcome": "attended"}).status_code == 404


def test_an_admin_marks_none(client: Browser) -> None:
    client.force_login(make_user(Role.ADMIN))
    assert client.post(f"/sessions/{make_session().pk}/outcome/", {"outcome": "attended"}).status_code == 403
