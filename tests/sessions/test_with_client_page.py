"""The page of what is agreed with one client."""

from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from practice.models import AuditEntry, User
from sessions.models import Agreement
from tests.factories import make_client
from tests.sessions.pages import told

pytestmark = pytest.mark.django_db
NUMBERS = "Please give a whole number from 1 to 200."


@pytest.fixture
def person(counsellor: User) -> Client:
    return make_client(counsellor)


def page_of(person: Client) -> str:
    return f"/sessions/with/{person.pk}/"


def test_a_number_is_agreed_and_the_record_opens(client: Browser, person: Client) -> None:
    answer = client.post(page_of(person), {"sessions": "12", "counts_from": "2026-09-01"})
    assert (answer["Location"], told(answer)) == (f"/clients/{person.pk}/", ["Saved."])
    kept = Agreement.visible_to(person.counsellor).get()
    assert (kept.client, kept.sessions, kept.counts_from) == (person, 12, date(2026, 9, 1))


def test_it_begins_today_and_later_with_what_is_agreed(client: Browser, person: Client) -> None:
    assert client.get(page_of(person)).context["form"].initial == {"counts_from": timezone.localdate()}
    Agreement.unscoped.create(client=person, sessions=6, counts_from=date(2026, 9, 1))
    page = client.get(page_of(person))
    assert page.context["form"].initial == {"sessions": 6, "counts_from": date(2026, 9, 1)}
    assert "0 of the 6 agreed so far" in page.content.decode()


def test_a_button_takes_it_away_whatever_stands_in_the_fields(client: Browser, person: Client) -> None:
    Agreement.unscoped.create(client=person, sessions=6, counts_from=date(2026, 9, 1))
    answer = client.post(page_of(person), {"sessions": "-1", "counts_from": "", "clear": "1"})
    assert told(answer) == ["No number of sessions is agreed now."]
    assert Agreement.unscoped.count() == 0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sessions", "", "Please fill this in."),
        ("sessions", "0", NUMBERS),
        ("sessions", "-4", NUMBERS),
        ("sessions", "9" * 5000, NUMBERS),
        ("sessions", "🌱", NUMBERS),
        ("counts_from", "", "Please choose a date."),
        ("counts_from", "🌱", "Please give a date, such as 24/11/2026."),
        ("counts_from", "1999-12-31", "Please choose a day from 2000 on."),
        ("counts_from", "2100-01-01", "Please choose a day before 2100."),
        ("counts_from", "0000-00-00", "Please give a date, such as 24/11/2026."),
    ],
)
def test_what_does_not_fit_is_said_at_the_field_and_kept(
    client: Browser, person: Client, field: str, value: str, words: str
) -> None:
    typed = {"sessions": "12", "counts_from": (timezone.localdate() - timedelta(days=7)).isoformat(), field: value}
    page = client.post(page_of(person), typed)
    assert page.context["form"].errors == {field: [words]}
    assert page.context["form"][field].value() == value
    assert (Agreement.unscoped.count(), AuditEntry.objects.count()) == (0, 0)
