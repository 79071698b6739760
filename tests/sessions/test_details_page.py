"""A session's details: how, where, which kind, the pause and the fee."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from practice.models import AuditEntry, User
from sessions.models import ClientSession, SessionType
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def counsellor() -> User:
    return make_user()


@pytest.fixture
def client(counsellor: User) -> Browser:
    browser = Browser()
    browser.force_login(counsellor)
    return browser


@pytest.fixture
def session(counsellor: User) -> ClientSession:
    return make_session(make_client(counsellor))


def typed(**more: Any) -> dict[str, Any]:
    return {"version": "1", "mode": "video", "place": "https://video.example.org/r/4", "fee": "£62.50",
            "buffer_minutes": "10", "session_type": "", **more}  # fmt: skip


def test_they_are_saved_and_traced_by_column_only(client: Browser, session: ClientSession) -> None:
    kind = SessionType.objects.create(name="Online")
    client.post(f"/sessions/{session.pk}/details/", typed(session_type=str(kind.pk)))
    kept = ClientSession.visible_to(session.counsellor).get()
    assert (kept.mode, kept.place, kept.fee_pence, kept.buffer, kept.session_type, kept.version) == (
        "video", "https://video.example.org/r/4", 6250, timedelta(minutes=10), kind, 2,
    )  # fmt: skip
    entry = AuditEntry.objects.get(deed="session.details")
    assert entry.detail == {"columns": "mode, place, session_type, buffer, fee_pence"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"fee": "sixty"}, "fee"), ({"fee": "-5"}, "fee"), ({"fee": "9" * 15}, "fee"), ({"fee": "🌿"}, "fee"),
        ({"buffer_minutes": "241"}, "buffer_minutes"), ({"buffer_minutes": "x"}, "buffer_minutes"),
        ({"place": "not a link"}, "place"), ({"place": "x" * 301, "mode": "phone"}, "place"),
        ({"mode": "pigeon"}, "mode"), ({"session_type": "nobody's"}, "session_type"), ({"version": "x"}, "version"),
    ],
)  # fmt: skip
def test_bad_input_is_said_at_its_field_and_kept(
    client: Browser, session: ClientSession, wrong: dict[str, str], field: str
) -> None:
    response = client.post(f"/sessions/{session.pk}/details/", typed(**wrong))
    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
    assert ClientSession.visible_to(session.counsellor).get().version == 1


def test_a_stale_form_keeps_its_words_and_can_be_sent_again(client: Browser, session: ClientSession) -> None:
    url = f"/sessions/{session.pk}/details/"
    client.post(url, typed())
    page = client.post(url, typed(place="https://video.example.org/r/5"))
    assert "changed elsewhere meanwhile" in page.content.decode()
    assert page.context["form"]["version"].value() == 2
    client.post(url, typed(place="https://video.example.org/r/5", version="2"))
    assert ClientSession.visible_to(session.counsellor).get().place == "https://video.example.org/r/5"


def test_a_booking_takes_from_its_kind_what_is_left_open(client: Browser, counsellor: User) -> None:
    kind = SessionType.objects.create(
        name="Room", place="Room 3", fee_pence=6000, buffer=timedelta(minutes=10), mode="in_person"
    )
    page = client.get(f"/sessions/book/?type={kind.pk}&day=2030-05-06&time=10:00").content.decode()
    assert 'data-minutes="50"' in page
    body = {"client": str(make_client(counsellor).pk), "session_type": str(kind.pk), "starts_on": "", "minutes": "50",
            "clock_time": "10:00", "mode": "in_person", "place": ""}  # fmt: skip
    day = make_session(make_client(counsellor)).starts_at.date() + timedelta(days=20)
    client.post("/sessions/book/", body | {"starts_on": str(day), "all_the_same": ""})
    booked = ClientSession.visible_to(counsellor).filter(session_type=kind).first()
    if booked is None:  # a bank holiday: said first
        page = client.post("/sessions/book/", body | {"starts_on": str(day + timedelta(days=2))}).content.decode()
        booked = ClientSession.visible_to(counsellor).get(session_type=kind)
    assert (booked.place, booked.fee_pence, booked.buffer) == ("Room 3", 6000, timedelta(minutes=10))


def test_a_cancelled_session_stays_as_it_is(client: Browser, counsellor: User) -> None:
    gone = make_session(make_client(counsellor), status="cancelled_late")
    assert client.get(f"/sessions/{gone.pk}/details/")["Location"] == f"/sessions/{gone.pk}/"
