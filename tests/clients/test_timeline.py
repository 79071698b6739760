"""A client's timeline: what the rooms register, newest first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients import timeline
from clients.models import Client
from clients.timeline import TimelineEntry, register, timeline_of
from practice.models import User
from tests.factories import make_client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "_SOURCES", {})


def test_entries_of_all_sources_stand_newest_first() -> None:
    now = timezone.now()
    ahead, lately, before = (
        TimelineEntry(now + timedelta(days=days), "session", title)
        for days, title in [(1, "Next week's time"), (-1, "Note"), (-9, "First session")]
    )
    register("sessions", lambda client, viewer: [before, ahead])
    register("notes", lambda client, viewer: [lately])
    client = make_client()
    assert timeline_of(client, client.counsellor) == [ahead, lately, before]
    assert [entry.is_ahead for entry in timeline_of(client, client.counsellor)] == [True, False, False]


def test_a_source_knows_whose_timeline_and_for_whom() -> None:
    asked: list[tuple[Client, User]] = []

    def source(client: Client, viewer: User) -> list[TimelineEntry]:
        asked.append((client, viewer))
        return []

    register("first", lambda client, viewer: [TimelineEntry(timezone.now(), "note", "Replaced")])
    register("first", source)
    client = make_client()
    assert timeline_of(client, client.counsellor) == []
    assert asked == [(client, client.counsellor)]


def test_kinds_have_icons_and_unknown_ones_a_plain_one() -> None:
    now = timezone.now()
    kinds = ["session", "note", "exercise", "answer", "mail", "something else"]
    icons = [TimelineEntry(now, kind, "").icon for kind in kinds]
    assert icons == ["calendar", "note", "leaf", "pencil", "mail", "info"]
