"""One client's record: what it shows, to whom, and the trace that reading leaves."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients import timeline
from clients.models import Client
from clients.timeline import TimelineEntry
from practice import clock, panels
from practice.models import AuditEntry, User
from tests.clients.factories import browser_of, damage
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_rooms_above(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show the page without what rooms above put on it: those have tests of their own."""
    monkeypatch.setattr(panels, "_BUILDERS", {})
    monkeypatch.setattr(timeline, "_SOURCES", {})


def test_the_record_shows_what_is_known() -> None:
    client = make_client(
        name="Marigold Testwell", preferred_name="Goldie", pronouns="she/her", email="goldie@example.org",
        phone="01632 960100", date_of_birth="1990-05-02", emergency_contact="Fern Testwell, sister",
        gp="Dr Ash, Test Surgery", presenting="Sleepless\n\nsince spring", reference="C-0980",
    )  # fmt: skip
    html = browser_of(client.counsellor).get(f"/clients/{client.id}/").content.decode()
    shown = [
        "Marigold Testwell", "Goldie", "she/her", "mailto:goldie@example.org", "tel:01632960100", "2 May 1990",
        "Fern Testwell, sister", "Dr Ash, Test Surgery", "<p>Sleepless</p>", "C-0980",
    ]  # fmt: skip
    assert [text for text in shown if text not in html] == []
    assert "<title>Client C-0980 · Beside</title>" in html
    assert html.count("<h1") == 1


def test_what_is_not_known_is_left_out() -> None:
    client = make_client(email="", may_email="not_asked")
    html = browser_of(client.counsellor).get(f"/clients/{client.id}/").content.decode()
    assert [f"<dt>{word}</dt>" in html for word in ("Phone", "GP", "Born", "Emergency contact")] == [False] * 4
    assert "Nothing is sent until they have been asked and said yes." in html


def test_what_a_client_wrote_stays_text() -> None:
    client = make_client(name="<script>alert(1)</script>", presenting="<b>bold</b>")
    html = browser_of(client.counsellor).get(f"/clients/{client.id}/").content.decode()
    assert "<script>alert" not in html
    assert "<b>" not in html


def test_reading_leaves_a_trace_without_a_name() -> None:
    client = make_client()
    browser_of(client.counsellor).get(f"/clients/{client.id}/")
    row = AuditEntry.objects.get()
    assert (row.deed, row.actor, row.subject_id, row.reference, row.detail) == (
        "client.read", client.counsellor, client.id, client.reference, {},
    )  # fmt: skip


def test_another_counsellors_client_is_not_there_and_was_not_read() -> None:
    client = make_client()
    assert browser_of(make_user()).get(f"/clients/{client.id}/").status_code == 404
    assert [row.deed for row in AuditEntry.objects.all()] == ["refused"]


def test_an_admin_may_not_read_a_record() -> None:
    client = make_client()
    assert browser_of(make_user("admin")).get(f"/clients/{client.id}/").status_code == 403


def test_a_record_is_only_read() -> None:
    client = make_client()
    assert browser_of(client.counsellor).post(f"/clients/{client.id}/").status_code == 405


def test_the_timeline_stands_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    entries = [TimelineEntry(now - timedelta(days=day), "note", f"Entry {day}", badge="Draft") for day in (3, 1, 2)]
    monkeypatch.setattr(timeline, "_SOURCES", {"test": lambda client, viewer: entries})
    client = make_client()
    html = browser_of(client.counsellor).get(f"/clients/{client.id}/").content.decode()
    places = [html.index(f"Entry {day}") for day in (1, 2, 3)]
    assert places == sorted(places)


def test_rooms_above_have_their_panels_here() -> None:
    asked: list[tuple[User, Client]] = []

    def build(viewer: User, client: Client) -> panels.Panel:
        asked.append((viewer, client))
        return panels.Panel("_crisis.html")

    panels.register("client", "test", 1, build)
    client = make_client()
    page = browser_of(client.counsellor).get(f"/clients/{client.id}/")
    assert asked == [(client.counsellor, client)]
    assert len(page.context["panels"]) == 1


def test_an_empty_timeline_says_what_will_come() -> None:
    client = make_client()
    html = browser_of(client.counsellor).get(f"/clients/{client.id}/").content.decode()
    assert "Nothing here yet" in html


def test_a_damaged_value_is_marked_and_the_rest_is_shown() -> None:
    client = make_client(phone="01632 960100", gp="Dr Ash", presenting="what was said")
    for column in ("phone", "presenting"):
        damage(client, column)
    page = browser_of(client.counsellor).get(f"/clients/{client.id}/")
    html = page.content.decode()
    assert page.status_code == 200
    assert html.count("This could not be opened") == 2
    assert "Dr Ash" in html
    assert "01632 960100" not in html


def test_a_damaged_name_leaves_the_reference_as_heading() -> None:
    client = make_client(reference="C-0985")
    damage(client, "name")
    page = browser_of(client.counsellor).get(f"/clients/{client.id}/")
    assert page.status_code == 200
    assert "Client C-0985" in page.content.decode().split("<h1")[1].split("</h1>")[0]


def test_a_damaged_address_leaves_the_rules_readable() -> None:
    client = make_client(mail_stopped_at=timezone.now())
    damage(client, "email")
    page = browser_of(client.counsellor).get(f"/clients/{client.id}/")
    assert page.status_code == 200
    assert page.context["mail"] is None


def test_a_client_who_stopped_mail_is_said_to_have() -> None:
    client = make_client(name="Marigold Testwell", mail_stopped_at=timezone.now())
    html = browser_of(client.counsellor).get(f"/clients/{client.id}/").content.decode()
    assert "Marigold Testwell stopped e-mails on " in html
    assert "Nothing will be sent until they start them again." in html


def test_deeds_are_offered_while_the_work_goes_on() -> None:
    client = make_client()
    browser = browser_of(client.counsellor)
    html = browser.get(f"/clients/{client.id}/").content.decode()
    offered = [f"/sessions/book/?client={client.id}", f"/exercises/assign/{client.id}/", f"/clients/{client.id}/edit/"]
    assert [url in html for url in offered] == [True, True, True]
    ended = make_client(client.counsellor, state="ended", ended_at=timezone.now())
    html = browser.get(f"/clients/{ended.id}/").content.decode()
    assert "/sessions/book/" not in html
    assert "/exercises/assign/" not in html


def test_a_pause_is_said_to_be_the_clients_own_until_its_day_has_come() -> None:
    client = make_client(name="Marigold Testwell", paused_until=clock.today() + timedelta(days=2))
    browser = browser_of(client.counsellor)
    page = browser.get(f"/clients/{client.id}/")
    assert page.context["mail"].label.startswith("Paused until ")
    html = page.content.decode()
    assert ("Exercises are paused until <time" in html, "as Marigold Testwell chose" in html) == (True, True)
    Client.unscoped.update(paused_until=clock.today())
    page = browser.get(f"/clients/{client.id}/")
    assert (page.context["mail"].label, "are paused" in page.content.decode()) == ("E-mail on", False)


@pytest.mark.parametrize(
    ("code", "said"),
    [("none", "Nothing: the link is enough"), ("word", "A word you agreed in session")],
)
def test_the_record_says_what_their_pages_ask_for_and_not_the_word(code: str, said: str) -> None:
    client = make_client(page_code=code, page_word="heron" if code == "word" else None)
    html = browser_of(client.counsellor).get(f"/clients/{client.id}/").content.decode()
    assert (said in html, "heron" in html) == (True, False)


@pytest.mark.parametrize(
    ("fields", "badge", "sentence"),
    [
        ({}, "E-mail on", ""),
        ({"may_email": "no"}, "No e-mail", "They would rather not be e-mailed, so nothing is sent."),
        ({"email": ""}, "No address", "They said yes, but there is no address yet, so nothing is sent."),
        ({"state": "ended", "ended_at": timezone.now()}, "Nothing is sent", "The work has ended, so nothing is sent."),
    ],
)
def test_the_contact_rules_say_why_nothing_is_sent(fields: dict[str, Any], badge: str, sentence: str) -> None:
    client = make_client(**fields)
    page = browser_of(client.counsellor).get(f"/clients/{client.id}/")
    assert page.context["mail"].label == badge
    assert sentence in page.content.decode()
