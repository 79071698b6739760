"""The mail and the page, looked at before they go: as they will be, and nothing is written by looking."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.models import Client, ClientLink
from exercises.models import Assignment
from outbox.models import Message
from practice.models import AuditEntry
from tests.exercises.assigning import MONDAY, typed
from tests.exercises.factories import browser_of, damage, make_version
from tests.exercises.pages import read
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db


def url(client: Client, slug: str = "quiet-minute") -> str:
    return f"{reverse('exercises:preview', args=[client.pk])}?exercise={slug}"


def frames(page: Any) -> tuple[str, str]:
    """Return the HTML inside the two frames: the mail, and the page."""
    mail, client_page = re.findall(r'srcdoc="([^"]*)"', page.content.decode())
    return html.unescape(mail), html.unescape(client_page)


def look(client: Client, **fields: Any) -> Any:
    return browser_of(client.counsellor).post(url(client), typed(**fields))


def test_it_shows_the_mail_as_it_will_be() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client(make_user(name="Wren Sample"), preferred_name="Juniper")
        make_version()
        page = look(client, minutes="8")
    mail, _ = frames(page)
    for words in ("Hello Juniper", "Wren has left something for you", "about 8 minutes", "/x/a-link-of-their-own/"):
        assert words in mail
    assert ("Something from Wren" in read(page), "works until Friday 11 December" in read(page)) == (True, True)
    assert ("A quiet minute" in mail, "For the walk home." in mail) == (False, False)


def test_it_shows_the_page_with_what_was_typed() -> None:
    client = make_client()
    make_version()
    _, page = frames(look(client, plan_where="on the back step"))
    for words in (
        "A quiet minute",
        "For the walk home.",
        "You spoke of the harsh voice.",
        "on the back step",
        "Not this week",
    ):
        assert words in page


def test_discreet_mail_bears_no_name() -> None:
    client = make_client(make_user(name="Wren Sample"), preferred_name="Juniper", is_discreet=True)
    make_version()
    page = look(client)
    mail, client_page = frames(page)
    assert ("Juniper" in mail + client_page, "Wren" in mail + client_page) == (False, False)
    assert "This client wishes for discreet mail" in read(page)


def test_looking_writes_nothing() -> None:
    client = make_client()
    make_version()
    look(client)
    counts = [model.objects.count() for model in (Message, AuditEntry)]
    assert [Assignment.unscoped.count(), ClientLink.unscoped.count(), *counts] == [0, 0, 0, 0]


def test_what_is_half_written_is_shown_as_far_as_it_is() -> None:
    client = make_client()
    make_version()
    page = browser_of(client.counsellor).post(url(client), {"personal_line": "Only this so far."})
    assert (page.status_code, "Only this so far." in frames(page)[1]) == (200, True)


def test_markup_in_what_was_typed_stays_text() -> None:
    client = make_client()
    make_version()
    _, page = frames(look(client, why='"><script>alert(1)</script>'))
    assert ("<script>alert" in page, "&lt;script&gt;alert(1)" in page) == (False, True)


def test_nothing_in_the_frames_runs_or_leads_away() -> None:
    client = make_client()
    make_version()
    page = look(client)
    assert re.findall(r'sandbox="([^"]*)"', page.content.decode()) == ["allow-same-origin"] * 2
    for inside in frames(page):
        assert ("<script" in inside, '<base target="_blank">' in inside) == (False, True)
    policy = page.headers["Content-Security-Policy"]
    assert re.search(r"style-src-elem 'self' 'sha256-[A-Za-z0-9+/=]{44}'", policy)
    assert ("style-src-attr 'unsafe-inline'" in policy, "script-src 'nonce-" in policy) == (True, True)


def test_it_opens_from_the_form_in_a_tab_of_its_own() -> None:
    client = make_client()
    make_version()
    text = read(
        browser_of(client.counsellor).get(f"{reverse('exercises:assign', args=[client.pk])}?exercise=quiet-minute")
    )
    assert f'formaction="{url(client)}" formtarget="_blank"' in text


def test_the_title_names_nobody() -> None:
    client = make_client(name="Juniper Testwell")
    make_version()
    assert re.findall(r"<title>(.*?)</title>", read(look(client)))[0] == f"Preview for {client.reference} · Beside"


def test_who_may_not_look() -> None:
    client = make_client()
    make_version()
    assert browser_of(make_user()).post(url(client), typed()).status_code == 404
    assert browser_of(make_user("admin")).post(url(client), typed()).status_code == 403
    assert Browser().post(url(client), typed()).status_code == 401  # with the words, so that they are not lost
    own = browser_of(client.counsellor)
    assert (own.post(url(client, "none"), typed()).status_code, own.get(url(client)).status_code) == (404, 405)


@pytest.mark.parametrize("sessions", [0, 2])
def test_the_page_takes_a_fixed_number_of_queries(
    sessions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = make_client()
    make_version()
    for number in range(sessions):
        make_session(client, timezone.now() + timedelta(days=1 + number))
    browser, form = browser_of(client.counsellor), typed()
    with django_assert_num_queries(8):
        browser.post(url(client), form)


def test_what_is_repeated_is_shown_as_it_will_be_and_a_wild_day_is_let_be() -> None:
    client = make_client()
    make_version(minutes=5)
    form = {**typed(), "often": "daily", "until": "day", "minutes": "30", "due_on": "9999-12-31"}

    page = browser_of(client.counsellor).post(url(client), form)

    assert (page.status_code, "about 5 minutes" in page.content.decode()) == (200, True)


def test_a_client_whose_name_does_not_open_is_said_to_be_damaged() -> None:
    client = make_client()
    make_version()
    damage("clients_client", "preferred_name", "name")
    assert browser_of(client.counsellor).post(url(client), typed()).status_code == 409
