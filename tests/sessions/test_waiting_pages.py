"""Pages of the waiting list."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from practice.models import User
from sessions.models import SessionType, WaitingEntry
from tests.factories import begin_trail, make_client, make_session, make_waiting
from tests.sessions.pages import told
from tests.vault.rows import damage
from vault.services import cache

pytestmark = pytest.mark.django_db
URL = "/sessions/waiting/"
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("Europe/London"))


def page_of(browser: Browser, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def only(viewer: User) -> WaitingEntry:
    return WaitingEntry.visible_to(viewer).get()


def test_a_list_that_is_empty_says_how_it_fills(client: Browser, counsellor: User) -> None:
    make_waiting()
    assert "Nobody is waiting" in page_of(client, URL)


def test_the_list_says_who_waits_for_what_and_what_can_be_done(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor, name="Ash Testwell")
    with time_machine.travel(SUNDAY, tick=True):
        make_waiting(
            person, urgency="soon", times=["1-afternoon"], note="Works <shifts>.",
            session_type=SessionType.objects.create(name="Couples"), since=SUNDAY - timedelta(days=30),
        )  # fmt: skip
        client.force_login(counsellor)
        page = page_of(client, URL)
    entry = only(counsellor)
    assert "Tue afternoon, Couples. Since <time" in page
    assert "Fri 23 October" in page
    assert "As soon as possible" in page
    assert "Works &lt;shifts&gt;." in page
    assert f'href="/sessions/book/?client={person.pk}&amp;day=2026-11-24&amp;time=12:00"' in page
    assert f'href="/sessions/waiting/{entry.pk}/"' in page
    assert f'action="/sessions/waiting/{entry.pk}/leave/"' in page


def test_a_note_that_does_not_open_leaves_the_list_standing(client: Browser, counsellor: User) -> None:
    entry = make_waiting(make_client(counsellor), note="Lost.")
    make_waiting(make_client(counsellor), note="Fine.")
    damage(entry, "note")
    page = page_of(client, URL)
    assert "The note could not be opened." in page
    assert "Fine." in page
    assert "This can't be edited now" in page_of(client, f"{URL}{entry.pk}/")


@pytest.mark.parametrize("count", [1, 3])
def test_three_who_wait_take_as_many_queries_as_one(
    client: Browser, counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        make_waiting(make_client(counsellor), note="Works shifts.")
    client.get(URL)
    cache.forget()
    # Sign-in and account (2), and the list's own (6).
    with django_assert_num_queries(8):
        client.get(URL)


def test_a_client_is_put_on_the_list(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    url = f"{URL}add/{person.pk}/"
    assert f'href="{url}"' in page_of(client, f"/clients/{person.pk}/")
    page = page_of(client, url)
    assert page.count('type="checkbox" name="times"') == 21
    assert '<span class="sr">Sunday evening</span>' in page
    response = client.post(url, {"urgency": "soon", "times": ["6-evening", "0-morning"], "note": "Works shifts."})
    assert (response.status_code, response["Location"], told(response)) == (302, URL, ["On the waiting list."])
    entry = only(counsellor)
    assert (entry.client, entry.urgency, entry.times, entry.note) == (
        person, "soon", ["0-morning", "6-evening"], "Works shifts.",
    )  # fmt: skip


def test_who_waits_already_has_a_page_on_the_list(client: Browser, counsellor: User) -> None:
    entry = make_waiting(make_client(counsellor))
    record = page_of(client, f"/clients/{entry.client_id}/")
    assert "On the waiting list since" in record
    assert "Put on the waiting list" not in record
    url = f"{URL}add/{entry.client_id}/"
    for response in (client.get(url), client.post(url, {"urgency": "soon"})):
        assert (response.status_code, response["Location"]) == (302, f"{URL}{entry.pk}/")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Please choose how soon."),
        ({"urgency": "now"}, "Please choose one of the answers shown."),
        ({"urgency": "soon", "times": ["7-morning"]}, "Please tick only times that are shown."),
        ({"urgency": "soon", "session_type": "none"}, "Please choose one of the kinds of session shown."),
        (
            {"urgency": "soon", "session_type": "7b0b6b0e-3c1c-4f0e-9f5a-0d2b6f1f9a11"},
            "Please choose one of the kinds of session shown.",
        ),
        ({"urgency": "soon", "note": "a" * 2001}, "At most 2000 characters, please (there are 2001)."),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is(
    client: Browser, counsellor: User, typed: dict[str, Any], words: str
) -> None:
    response = client.post(f"{URL}add/{make_client(counsellor).pk}/", {**typed, "x": "y"})
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not WaitingEntry.visible_to(counsellor).exists()


def test_ticks_stay_where_a_form_comes_back(client: Browser, counsellor: User) -> None:
    url = f"{URL}add/{make_client(counsellor).pk}/"
    page = " ".join(client.post(url, {"times": ["2-evening"]}).content.decode().split())
    assert page.count("checked>") == 1
    assert 'value="2-evening" checked>' in page


def test_whose_work_has_ended_is_not_put_on_the_list(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor, state="ended", ended_at=timezone.now())
    assert client.get(f"{URL}add/{person.pk}/").status_code == 404
    assert "waiting list" not in page_of(client, f"/clients/{person.pk}/")


def test_what_would_suit_is_changed(client: Browser, counsellor: User) -> None:
    gone = SessionType.objects.create(name="Couples", is_archived=True)
    entry = make_waiting(make_client(counsellor), times=["2-evening"], note="Works shifts.", session_type=gone)
    url = f"{URL}{entry.pk}/"
    page = page_of(client, url)
    assert page.count('value="2-evening" checked>') == 1
    assert "Works shifts." in page
    # It is offered no more, and stays chosen.
    assert f'<option value="{gone.pk}" selected>Couples, 50 minutes</option>' in page
    response = client.post(url, {"urgency": "flexible", "session_type": str(gone.pk), "note": ""})
    assert (response["Location"], told(response)) == (URL, ["Saved."])
    kept = only(counsellor)
    assert (kept.urgency, kept.times, kept.note, kept.session_type) == ("flexible", [], "", gone)


def test_a_kind_of_session_says_its_length_once(client: Browser, counsellor: User) -> None:
    SessionType.objects.create(name="Individual, 50 minutes")
    SessionType.objects.create(name="Couples")
    page = page_of(client, f"{URL}add/{make_client(counsellor).pk}/")
    assert (">Individual, 50 minutes</option>" in page, ">Couples, 50 minutes</option>" in page) == (True, True)


def test_a_client_is_taken_off(client: Browser, counsellor: User) -> None:
    entry = make_waiting(make_client(counsellor))
    response = client.post(f"{URL}{entry.pk}/leave/")
    assert (response["Location"], told(response)) == (URL, ["Taken off the waiting list."])
    assert only(counsellor).left_why == "taken_off"
    assert client.get(f"{URL}{entry.pk}/leave/").status_code == 405


def test_who_left_meanwhile_is_said_to_wait_no_more(client: Browser, counsellor: User) -> None:
    entry = make_waiting(make_client(counsellor), left_at=timezone.now(), left_why="booked")
    url = f"{URL}{entry.pk}/"
    answers = [client.get(url), client.post(url, {"urgency": "soon"}), client.post(f"{url}leave/")]
    assert [(each.status_code, each["Location"]) for each in answers] == [(302, URL)] * 3
    assert set(told(answers[-1])) == {"This client is on the waiting list no more."}
    assert only(counsellor).left_why == "booked"


def test_another_counsellors_client_is_nobody(client: Browser, counsellor: User) -> None:
    entry = make_waiting()
    for url in (f"{URL}{entry.pk}/", f"{URL}add/{entry.client_id}/", f"{URL}add/{uuid4()}/", f"{URL}nonsense/"):
        assert client.get(url).status_code == 404
        assert client.post(url, {"urgency": "soon"}).status_code == 404
    assert client.post(f"{URL}{entry.pk}/leave/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_today_shows_a_gap_and_how_many_would_fit(client: Browser, counsellor: User, count: int) -> None:
    begin_trail()
    with time_machine.travel(SUNDAY, tick=True):
        make_session(make_client(counsellor), SUNDAY + timedelta(days=4, hours=2), status="cancelled_by_client")
        client.force_login(counsellor)
        assert "would fit" not in page_of(client, "/")
        for _ in range(count):
            make_waiting(make_client(counsellor))
        page = page_of(client, "/")
    assert 'href="/sessions/gap/?day=2026-11-26&amp;time=14:00&amp;minutes=50"' in page
    assert f"{count} {'person' if count == 1 else 'people'} would fit" in page
