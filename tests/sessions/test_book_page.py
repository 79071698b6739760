from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.utils import timezone
from django.utils.dateformat import format as shown
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from practice.models import User
from practice.roles import Role
from sessions.models import ClientSession
from tests.factories import make_client, make_session, make_user
from tests.sessions.factories import in_days
from tests.sessions.pages import told
from vault.services import cache

pytestmark = pytest.mark.django_db
URL = "/sessions/book/"


def typed(person: Client, **changes: object) -> dict[str, object]:
    day = timezone.localdate() + timedelta(days=3)
    values = {
        "client": str(person.pk), "starts_on": day.isoformat(), "clock_time": "10:00", "minutes": "50",
        "mode": "in_person", "place": "Room 2",
    }  # fmt: skip
    return {**values, **changes}


def test_a_session_is_booked_and_its_page_opens(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    response = client.post(URL, typed(person))
    session = ClientSession.visible_to(counsellor).get()
    assert (session.client, session.starts_at, session.place) == (person, in_days(3), "Room 2")
    assert (response.status_code, response["Location"]) == (302, f"/sessions/{session.pk}/")


def test_it_says_when_the_reminder_is_planned(client: Browser, counsellor: User) -> None:
    response = client.post(URL, typed(make_client(counsellor)))
    due = shown(timezone.localdate() + timedelta(days=2), "l j F")
    assert told(response) == [f"Session booked. A reminder is planned for {due}, 10:00."]


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ({"may_email": "no"}, "this client hasn't agreed to e-mail"),
        ({"may_email": "not_asked"}, "this client hasn't agreed to e-mail"),
        ({"mail_stopped_at": timezone.now()}, "this client has stopped e-mails"),
        ({"email": ""}, "there is no e-mail address on the client's record"),
    ],
)
def test_it_says_why_no_reminder_will_leave(
    client: Browser, counsellor: User, rules: dict[str, object], why: str
) -> None:
    response = client.post(URL, typed(make_client(counsellor, **rules)))
    assert told(response) == [f"Session booked. No reminder, since {why}."]


def test_only_ones_own_active_clients_can_be_chosen_by_name(client: Browser, counsellor: User) -> None:
    make_client(name="Someone Elses")
    make_client(counsellor, name="Ended Testwell", state="ended", ended_at=timezone.now())
    for name in ("Willow Testwell", "alder Testwell", "Bryony Testwell"):
        make_client(counsellor, name=name, reference=f"C-{name[0].upper()}")
    labels = [label for _, label in client.get(URL).context["form"].fields["client"].choices]
    assert labels == [
        "Choose a client",
        "alder Testwell · C-A",
        "Bryony Testwell · C-B",
        "Willow Testwell · C-W",
    ]


def test_the_client_of_the_link_is_chosen_beforehand_with_what_was_usual(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    make_session(person, timezone.now() - timedelta(days=7), mode="video", place="https://video.example.org/42")
    initial = client.get(f"{URL}?client={person.pk}").context["form"].initial
    assert initial == {
        "client": str(person.pk), "minutes": 50, "mode": "video", "place": "https://video.example.org/42",
    }  # fmt: skip


def test_the_page_says_beforehand_why_no_reminder_will_leave(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor, may_email="no")
    assert client.get(f"{URL}?client={person.pk}").context["why"] == (
        "No reminder, since this client hasn't agreed to e-mail."
    )
    assert client.get(f"{URL}?client={make_client(counsellor).pk}").context["why"] == ""


@pytest.mark.parametrize("whose", ["another's", "ended", "unknown", "no id"])
def test_a_link_to_a_client_who_cannot_be_booked_is_not_found(client: Browser, counsellor: User, whose: str) -> None:
    ended = make_client(counsellor, state="ended", ended_at=timezone.now())
    asked = {"another's": make_client().pk, "ended": ended.pk, "unknown": uuid4(), "no id": "not-an-id"}[whose]
    assert client.get(f"{URL}?client={asked}").status_code == 404


BAD = [
    ("client", "", "Please choose one of your clients."),
    ("client", "not-an-id", "Please choose one of your clients."),
    ("starts_on", "", "Please choose a date."),
    ("starts_on", "31/02/2027", "Please give a date, such as 24/11/2026."),
    ("starts_on", "someday", "Please give a date, such as 24/11/2026."),
    ("starts_on", "2020-01-01", "This time has already passed."),
    ("starts_on", "0001-01-01", "This time has already passed."),
    ("starts_on", "9999-12-31", "Please choose a day within the next two years."),
    ("clock_time", "", "Please choose a time."),
    ("clock_time", "25:61", "Please give a time, such as 14:30."),
    ("minutes", "", "Please say how many minutes."),
    ("minutes", "fifty", "Please give the minutes as a whole number, such as 50."),
    ("minutes", "5", "A session takes at least 10 minutes."),
    ("minutes", "-50", "A session takes at least 10 minutes."),
    ("minutes", "481", "A session takes at most 480 minutes (eight hours)."),
    ("minutes", "9" * 40, "A session takes at most 480 minutes (eight hours)."),
    ("mode", "", "Please choose how you meet."),
    ("mode", "pigeon", "Please choose one of the ways shown."),
    ("place", "x" * 301, "At most 300 characters, please (there are 301)."),
    ("place", "a\x00b", "Null characters are not allowed."),
]


@pytest.mark.parametrize(("field", "value", "error"), BAD, ids=[f"{field}-{value[:12]!r}" for field, value, _ in BAD])
def test_bad_input_is_told_at_its_field_and_what_was_typed_stays(
    client: Browser, counsellor: User, field: str, value: str, error: str
) -> None:
    response = client.post(URL, typed(make_client(counsellor), **{field: value}))
    form = response.context["form"]
    assert (response.status_code, form.errors) == (200, {field: [error]})
    assert form[field].value() == value
    assert form["clock_time" if field == "place" else "place"].value() == ("10:00" if field == "place" else "Room 2")
    assert ClientSession.visible_to(counsellor).count() == 0


def test_an_empty_form_asks_for_what_is_missing(client: Browser, counsellor: User) -> None:
    response = client.post(URL, {"csrf": "only"})
    assert set(response.context["form"].errors) == {"client", "starts_on", "clock_time", "minutes", "mode"}


def test_another_counsellors_client_cannot_be_booked(client: Browser, counsellor: User) -> None:
    response = client.post(URL, typed(make_client()))
    assert response.context["form"].errors == {"client": ["Please choose one of your clients."]}
    assert ClientSession.unscoped.count() == 0  # no viewer: nobody's diary may have it


def test_a_clash_is_told_at_the_time_with_its_span(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    make_session(person, in_days(3, 9, 30))
    response = client.post(URL, typed(person))
    sentence = "You already have a session from 09:30 to 10:20. Please choose another time."
    assert response.context["form"].errors == {"clock_time": [sentence]}
    assert response.context["form"]["place"].value() == "Room 2"


def test_a_second_submit_books_nothing_twice(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    assert [client.post(URL, typed(person)).status_code for _ in range(2)] == [302, 200]
    assert ClientSession.visible_to(counsellor).count() == 1


def test_an_hour_of_today_that_has_passed_is_told_at_the_time(client: Browser, counsellor: User) -> None:
    now = timezone.localtime() - timedelta(minutes=2)
    if now.date() != timezone.localdate():
        pytest.skip("two minutes ago was yesterday")
    values = typed(make_client(counsellor), starts_on=now.date().isoformat(), clock_time=f"{now:%H:%M}")
    assert client.post(URL, values).context["form"].errors == {"clock_time": ["This time has already passed."]}


def test_the_hour_that_the_clocks_leap_over_is_told(client: Browser, counsellor: User) -> None:
    response = client.post(URL, typed(make_client(counsellor), starts_on="2027-03-28", clock_time="01:30"))
    sentence = "This time does not exist on Sunday 28 March: the clocks go forward over it. Please choose another."
    assert response.context["form"].errors == {"clock_time": [sentence]}


def test_in_the_doubled_hour_the_first_one_is_booked(client: Browser, counsellor: User) -> None:
    client.post(URL, typed(make_client(counsellor), starts_on="2027-10-31", clock_time="01:30"))
    assert ClientSession.visible_to(counsellor).get().starts_at.isoformat() == "2027-10-31T00:30:00+00:00"


@pytest.mark.parametrize(
    ("place", "errors"),
    [
        ("", {}),
        ("https://video.example.org/r/1", {}),
        ("my usual link", {"place": ["Please give the whole link, beginning with https://, or leave it empty."]}),
        ("javascript:alert(1)", {"place": ["Please give the whole link, beginning with https://, or leave it empty."]}),
    ],
)
def test_a_video_session_takes_a_whole_link_or_none(
    client: Browser, counsellor: User, place: str, errors: dict[str, list[str]]
) -> None:
    response = client.post(URL, typed(make_client(counsellor), mode="video", place=place))
    assert (dict(response.context["form"].errors) if response.status_code == 200 else {}) == errors


def test_an_admin_books_nothing(client: Browser) -> None:
    client.force_login(make_user(Role.ADMIN))
    assert client.get(URL).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_as_many_queries_for_three_clients_as_for_one(
    client: Browser, counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        make_client(counsellor)
    cache.forget()
    with django_assert_num_queries(QUERIES):
        client.get(URL)


# The web session, the user, the clients, their keys, whether there are kinds of session.
# The times that fit: the nation of the practice, time off, hours, sessions.
QUERIES = 9
