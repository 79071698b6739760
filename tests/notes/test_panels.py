"""What notes show on Today, on a session's page and in a client's timeline."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from notes.panels import timeline, today_panel
from practice.panels import panels_for
from sessions.models import ClientSession
from tests.factories import make_client, make_session, make_user
from tests.notes.browsing import page, signed_in, write_url
from tests.notes.factories import make_note, make_past_session
from vault.services import cache

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


@pytest.mark.parametrize("rows", [1, 3])
def test_todays_panel_takes_as_many_queries_for_one_note_as_for_three(
    rows: int, django_assert_num_queries: Any
) -> None:
    counsellor = make_user()
    for days in range(1, rows + 1):
        client = make_client(counsellor, name="Marigold")
        make_past_session(client=client, starts_at=timezone.now() - timedelta(days=days))
    cache.forget()

    with django_assert_num_queries(2):
        panel = today_panel(counsellor, None)

    assert panel is not None
    assert [row["called"].text for row in panel.context["rows"]] == ["Marigold"] * rows


def test_today_shows_no_panel_when_every_note_is_signed() -> None:
    note = make_note(is_signed=True)

    templates = [panel.template for panel in panels_for("today", note.author)]

    assert "notes/_today_panel.html" not in templates


def test_a_sessions_page_says_where_its_note_stands() -> None:
    note = make_note()

    panels = panels_for("session", note.author, note.session)

    assert [p.context["note"] for p in panels if p.template == "notes/_session_panel.html"] == [note]


@pytest.mark.parametrize(
    ("hours", "status", "has_draft", "offered"),
    [
        (-2, Status.BOOKED, False, "Write note"),
        (-2, Status.ATTENDED, False, "Write note"),
        (-2, Status.DID_NOT_ATTEND, False, "Write note"),
        (2, Status.BOOKED, False, "Prepare note"),
        (2, Status.BOOKED, True, "Write on"),
        (-2, Status.CANCELLED_LATE, False, None),
        (2, Status.CANCELLED_BY_CLIENT, False, None),
        (2, Status.CANCELLED_BY_CLIENT, True, "Write on"),
    ],
)
def test_a_sessions_page_offers_what_can_be_done(hours: int, status: str, has_draft: bool, offered: str | None) -> None:
    session = make_session(starts_at=timezone.now() + timedelta(hours=hours), status=status)
    if has_draft:
        make_note(session)

    html = page(signed_in(session.counsellor).get(reverse("sessions:detail", args=[session.pk])))

    words = ("Write note", "Prepare note", "Write on")
    assert [each for each in words if each in html] == ([offered] if offered else [])
    assert (write_url(session) in html) == bool(offered)


def test_a_clients_timeline_shows_each_note_at_its_session() -> None:
    note = make_note(is_signed=True, is_for_supervision=True)
    draft = make_note(make_past_session(client=note.client, starts_at=timezone.now() - timedelta(days=3)))

    entries = list(timeline(note.client, note.author))

    assert sorted((entry.url, entry.badge, entry.detail) for entry in entries) == sorted(
        [
            (reverse("notes:detail", args=[note.pk]), "Signed", "For supervision"),
            (write_url(draft.session), "Draft", ""),
        ]
    )
    assert list(timeline(note.client, make_user())) == []
