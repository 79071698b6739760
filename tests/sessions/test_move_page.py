from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from outbox.models import Message
from practice.models import User
from sessions.models import ClientSession
from tests.factories import make_client, make_session
from tests.sessions.factories import book, in_days
from tests.sessions.pages import told

pytestmark = pytest.mark.django_db


def typed(**changes: str) -> dict[str, str]:
    day = timezone.localdate() + timedelta(days=5)
    return {"starts_on": day.isoformat(), "clock_time": "14:00", "minutes": "60", **changes}


def test_the_form_begins_with_the_time_as_it_is(client: Browser, counsellor: User) -> None:
    session = book(make_client(counsellor), in_days(3))
    form = client.get(f"/sessions/{session.pk}/move/").context["form"]
    assert (form["starts_on"].value(), form["minutes"].value()) == (in_days(3).date(), 50)
    assert f"{form['clock_time'].value():%H:%M}" == "10:00"


def test_it_moves_and_says_that_the_reminder_follows(client: Browser, counsellor: User) -> None:
    session = book(make_client(counsellor), in_days(3))
    response = client.post(f"/sessions/{session.pk}/move/", typed())
    assert (response.status_code, response["Location"]) == (302, f"/sessions/{session.pk}/")
    assert told(response) == ["Session moved. The reminder follows it."]
    moved = ClientSession.visible_to(counsellor).get()
    assert (moved.starts_at, moved.length) == (in_days(5, 14), timedelta(hours=1))


def test_it_says_that_only_the_length_has_changed(client: Browser, counsellor: User) -> None:
    session = book(make_client(counsellor), in_days(5, 14))
    response = client.post(f"/sessions/{session.pk}/move/", typed(minutes="80"))
    assert told(response) == ["Session’s length changed. The reminder follows it."]


def test_it_says_when_no_reminder_can_follow(client: Browser, counsellor: User) -> None:
    session = book(make_client(counsellor, may_email="no"), in_days(3))
    response = client.post(f"/sessions/{session.pk}/move/", typed())
    assert told(response) == ["Session moved. No reminder, since this client hasn't agreed to e-mail."]


def test_it_says_when_the_reminder_of_the_old_time_had_left(client: Browser, counsellor: User) -> None:
    session = book(make_client(counsellor), in_days(3))
    Message.objects.update(state="sent", sent_at=timezone.now())
    response = client.post(f"/sessions/{session.pk}/move/", typed())
    old = "The one for the old time had left already, so please let the client know yourself."
    assert told(response) == [f"Session moved. The reminder follows it. {old}"]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("starts_on", "", "Please choose a date."),
        ("starts_on", "2020-01-01", "This time has already passed."),
        ("clock_time", "noon", "Please give a time, such as 14:30."),
        ("minutes", "0", "A session takes at least 10 minutes."),
    ],
)
def test_bad_input_is_told_at_its_field_and_stays(
    client: Browser, counsellor: User, field: str, value: str, error: str
) -> None:
    session = book(make_client(counsellor), in_days(3))
    response = client.post(f"/sessions/{session.pk}/move/", typed(**{field: value}))
    form = response.context["form"]
    assert (response.status_code, form.errors, form[field].value()) == (200, {field: [error]}, value)
    assert ClientSession.visible_to(counsellor).get().revision == 1


def test_a_taken_time_is_told_at_the_time(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    session = book(person, in_days(3))
    book(person, in_days(5, 13, 30))
    response = client.post(f"/sessions/{session.pk}/move/", typed())
    sentence = "You already have a session from 13:30 to 14:20. Please choose another time."
    assert response.context["form"].errors == {"clock_time": [sentence]}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("status", ["cancelled_late", "attended"])
def test_a_closed_session_sends_back_to_its_page(client: Browser, counsellor: User, method: str, status: str) -> None:
    session = make_session(make_client(counsellor), status=status)
    response = getattr(client, method)(f"/sessions/{session.pk}/move/", typed())
    assert (response.status_code, response["Location"]) == (302, f"/sessions/{session.pk}/")
    assert told(response) == ["This session is over or was cancelled, so it stays as it is."]
    assert Message.objects.count() == 0


def test_another_counsellors_session_cannot_be_moved(client: Browser, counsellor: User) -> None:
    session = make_session()
    assert client.post(f"/sessions/{session.pk}/move/", typed()).status_code == 404
