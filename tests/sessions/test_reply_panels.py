"""What clients have said, on Today, on the session's page and on the record; and the buttons that answer it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from practice.models import AuditEntry, User
from practice.roles import Role
from sessions import replies, reply_panels
from sessions.models import ClientReply, ClientSession, TimeOff
from sessions.services import cancel_session
from tests.exercises.factories import damage
from tests.factories import make_client, make_session, make_user, trail_queries
from tests.sessions.by_link import NOON, read
from tests.sessions.pages import told
from vault.services import cache, create_data_key

pytestmark = pytest.mark.django_db
State = ClientReply.State


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def asked(counsellor: User, name: str = "Juniper", hours: float = 48, **words: Any) -> ClientReply:
    """Return a wish of a client for two other times, a day and two days later."""
    session = make_session(make_client(counsellor, name=name), NOON + timedelta(hours=hours))
    wishes = [session.starts_at + timedelta(days=days) for days in (1, 2)]
    return replies.ask_to_move(session=session, revision=1, wishes=wishes, **words)


def test_today_says_who_asks_what_about_which_session(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        asked(counsellor, "Later", 72)
        reply = asked(counsellor, "Juniper", 48, words="Or <any> evening.")
        talks = make_session(make_client(counsellor, name="Heather"), NOON + timedelta(hours=24))
        replies.ask_for_contact(session=talks, revision=1)
        panel = reply_panels.today_panel(counsellor, None)
        text = read(client.get("/"))
    assert panel is not None
    assert [(row.name, row.says) for row in panel.context["rows"]] == [
        ("Heather", "Asks you to get in touch"), ("Juniper", "Asks for another time"),
        ("Later", "Asks for another time"),
    ]  # fmt: skip
    assert panel.needs == 3
    for words in (
        "From your clients", f'href="/sessions/{reply.session_id}/"', "Or <any> evening.", "Move to Fri 27 Nov, 12:00",
        "Move to Sat 28 Nov, 12:00", "Move to…", 'Seen<span class="sr">: Juniper</span>',
    ):  # fmt: skip
        assert words in text, words
    assert "All is in hand" not in text


def test_the_words_are_for_the_clients_own_counsellor(counsellor: User) -> None:
    with time_machine.travel(NOON):
        reply = asked(counsellor, words="After four.")
        for viewer in (make_user(), make_user(Role.ADMIN), make_user(Role.SOLO)):
            assert reply_panels.today_panel(viewer, None) is None
            assert reply_panels.session_panel(viewer, reply.session) is None
            assert reply_panels.client_panel(viewer, reply.client) is None
    assert not AuditEntry.objects.filter(deed="reply.read").exists()


def test_reading_leaves_one_trace_a_day_and_only_where_there_are_words(counsellor: User) -> None:
    with time_machine.travel(NOON) as clock:
        reply = asked(counsellor, words="After four.")
        asked(counsellor, "Silent", 72)
        for _ in range(2):
            reply_panels.today_panel(counsellor, None)
            reply_panels.session_panel(counsellor, reply.session)
        assert AuditEntry.objects.filter(deed="reply.read", actor=counsellor, subject_id=reply.pk).count() == 1
        clock.shift(timedelta(days=1))
        reply_panels.today_panel(counsellor, None)
    found = AuditEntry.objects.filter(deed="reply.read")
    assert list(found.values_list("subject_id", "reference", "detail")) == [(reply.pk, reply.client.reference, {})] * 2


def test_words_that_do_not_open_are_marked_and_the_list_goes_on(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        asked(counsellor, words="After four.")
        damage("client_sessions_clientreply", "words")
        text = read(client.get("/"))
    assert "What they wrote could not be opened" in text
    assert "Move to Fri 27 Nov, 12:00" in text


@pytest.mark.parametrize("count", [1, 3])
def test_three_replies_take_as_many_queries_as_one(
    counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with time_machine.travel(NOON, tick=True):
        for number in range(count):
            asked(counsellor, hours=48 + number, words="After four.")
        cache.forget()
        # The first look of a day leaves a trace for each, which also asks for the trail's key.
        with django_assert_num_queries(6 + count * trail_queries()):
            reply_panels.today_panel(counsellor, None)
        cache.forget()
        # The replies, the clients' keys; the transaction and the question whether the trace is there.
        with django_assert_num_queries(5):
            reply_panels.today_panel(counsellor, None)


def test_the_record_and_the_session_show_it_too(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        reply = asked(counsellor, words="After four.")
        pages = [f"/clients/{reply.client_id}/", f"/sessions/{reply.session_id}/"]
        assert [("After four." in read(client.get(page))) for page in pages] == [True, True]
        replies.see_reply(actor=counsellor, reply=reply)
        shown = [read(client.get(page)) for page in pages]
    assert ["After four." in page for page in shown] == [False, True]
    assert ["Seen</button>" in page for page in shown] == [False, False]


def test_a_cancellation_by_the_client_is_shown_until_it_is_seen(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        session = make_session(make_client(counsellor, name="Juniper"), NOON + timedelta(days=3))
        replies.cancel(session=session, revision=1)
        assert "Has cancelled" in read(client.get("/"))
        reply = ClientReply.unscoped.get()
        response = client.post(f"/sessions/replies/{reply.pk}/seen/", {"back": "today"})
        assert (response.headers["Location"], told(response)) == ("/", ["Put away as seen."])
        assert "Has cancelled" not in read(client.get("/"))


# --- the buttons -----------------------------------------------------------------------------------------
def agree(client: Browser, reply: ClientReply, starts_at: str, **more: str) -> Any:
    return client.post(f"/sessions/replies/{reply.pk}/agree/", {"starts_at": starts_at, **more})


def test_one_click_moves_it_and_can_be_undone(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        reply = asked(counsellor)
        response = agree(client, reply, reply.wishes[0], back="today")
        assert (response.headers["Location"], told(response)) == ("/", ["Session moved to Friday 27 November, 12:00."])
        again = agree(client, reply, reply.wishes[0])
        assert again.headers["Location"] == f"/sessions/{reply.session_id}/"
        assert ClientSession.unscoped.get().starts_at == NOON + timedelta(days=3)
        assert "/sessions/undo/" in read(client.get("/"))


def test_a_time_that_was_taken_is_refused_kindly(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        reply = asked(counsellor)
        make_session(make_client(counsellor), NOON + timedelta(days=3, minutes=20))
        response = agree(client, reply, reply.wishes[0], back="today")
    assert told(response) == ["Not moved: you have another session on Friday 27 November, 12:00 by now."]
    assert ClientReply.unscoped.get().state == State.OPEN


def test_what_the_time_runs_into_is_said_before_anything_is_moved(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        reply = asked(counsellor)
        create_data_key(counsellor.pk)
        TimeOff.unscoped.create(
            counsellor=counsellor, kind=TimeOff.Kind.LEAVE, starts_at=NOON + timedelta(days=2, hours=12),
            ends_at=NOON + timedelta(days=3, hours=12),
        )  # fmt: skip
        response = agree(client, reply, reply.wishes[0])
    assert response.headers["Location"] == f"/sessions/{reply.session_id}/move/"
    assert [text.startswith("Not moved yet. You are on leave then.") for text in told(response)] == [True]
    assert ClientSession.unscoped.get().starts_at == NOON + timedelta(days=2)


def test_what_was_cancelled_or_answered_meanwhile_stays(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        reply = asked(counsellor)
        cancel_session(actor=counsellor, session=reply.session, by="cancelled_by_counsellor")
        response = agree(client, reply, reply.wishes[0])
        assert told(response) == ["This has been answered already, so nothing was changed."]
        assert ClientSession.unscoped.get().starts_at == NOON + timedelta(days=2)


@pytest.mark.parametrize("starts_at", ["", "soon", iso(NOON + timedelta(days=9))])
def test_a_time_that_nobody_asked_for_is_not_found(client: Browser, counsellor: User, starts_at: str) -> None:
    with time_machine.travel(NOON, tick=True):
        assert agree(client, asked(counsellor), starts_at).status_code == 404


def test_another_counsellors_reply_is_not_found(client: Browser, counsellor: User) -> None:
    reply = replies.ask_for_contact(session=make_session(starts_at=timezone.now() + timedelta(days=1)), revision=1)
    assert client.post(f"/sessions/replies/{reply.pk}/seen/").status_code == 404
    assert ClientReply.unscoped.get().state == State.OPEN
