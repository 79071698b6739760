"""The one notice of a series: the net effect, whatever was done and undone before it left."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clients.models import Client
from outbox.claims import claim, mark_dispatched
from outbox.models import Message
from outbox.sender import send_due
from sessions import series as deeds
from sessions import undoing
from sessions.models import ClientSession, DiaryRules, Series
from sessions.outlook import Place
from sessions.recurrence import Rule
from sessions.series import ALL, FOLLOWING, Terms
from sessions.services import cancel_session, move_session
from tests.conftest import SmtpSink
from tests.factories import make_client, make_practice

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 10, 5, 9, 0, tzinfo=LONDON)  # a Monday
FIRST = date(2026, 10, 13)
TERMS = Terms(Place(time(10), timedelta(minutes=50)), "in_person", "Room 2")
ELEVEN = Terms(Place(time(11), timedelta(minutes=50)), "in_person", "Room 2")
Status = ClientSession.Status


@pytest.fixture(autouse=True)
def hands() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=True) as clock:
        make_practice()
        DiaryRules.objects.update(notify_booked=True, notify_moved=True, notify_cancelled=True)
        yield clock


def book(client: Client, first: date = FIRST, terms: Terms = TERMS) -> Series:
    return deeds.book_series(actor=client.counsellor, client=client, rule=Rule(first), terms=terms, count=4)


def nth(client: Client, number: int) -> ClientSession:
    rows = ClientSession.visible_to(client.counsellor).select_related("series").order_by("starts_at")
    return list(rows.filter(client=client))[number]


def end(client: Client, number: int, scope: str) -> Series:
    session = nth(client, number)
    series = session.series
    assert series is not None
    deeds.cancel_series(
        actor=client.counsellor, session=session, scope=scope, version=series.version,
        by=Status.CANCELLED_BY_COUNSELLOR,
    )  # fmt: skip
    series.refresh_from_db()
    return series


def change(client: Client, number: int, scope: str, terms: Terms = ELEVEN) -> Series:
    session = nth(client, number)
    series = session.series
    assert series is not None
    return deeds.change_series(
        actor=client.counsellor, session=session, scope=scope, version=series.version,
        rule=Rule(session.starts_at.astimezone(LONDON).date()), terms=terms,
    )  # fmt: skip


def undo(client: Client, row: Any) -> None:
    found = undoing.change_of(row)
    assert found is not None
    undoing.undo(actor=client.counsellor, change=found)


def told(hands: Any, sink: SmtpSink, **more: int) -> list[tuple[str, list[str]]]:
    """Let time pass and mail leave; return of each mail its first words and its days, and forget it."""
    hands.shift(timedelta(**more))
    send_due()
    found = []
    for mail in sink.messages:
        body = mail.get_body(("plain",))
        assert body is not None
        lines = body.get_content().splitlines()
        found.append((lines[2].split(" (")[0], [line for line in lines if line.startswith("- Tuesday")]))
    sink.messages.clear()
    return found


BOOKED, ENDED = "These are your appointments, every Tuesday at 10:00", "These appointments will not take place"


def days(*shown: str, at: str = "10:00") -> list[str]:
    return [f"- Tuesday {day} 2026, {at}" for day in shown]


def test_ended_and_undone_within_the_delay_nothing_is_told(smtp_sink: SmtpSink, hands: Any) -> None:
    client = make_client()
    book(client)
    assert len(told(hands, smtp_sink, minutes=4)) == 1
    undo(client, end(client, 2, FOLLOWING))
    assert told(hands, smtp_sink, hours=1) == []


def test_changed_and_undone_within_the_delay_nothing_is_told(smtp_sink: SmtpSink, hands: Any) -> None:
    client = make_client()
    book(client)
    assert len(told(hands, smtp_sink, minutes=4)) == 1
    undo(client, change(client, 1, FOLLOWING))
    assert told(hands, smtp_sink, hours=1) == []


@pytest.mark.parametrize("scope", [ALL, FOLLOWING])
def test_booked_then_ended_and_that_undone_it_is_told_as_booked(smtp_sink: SmtpSink, hands: Any, scope: str) -> None:
    client = make_client()
    book(client)
    undo(client, end(client, 2, scope))
    whole = days("13 October", "20 October", "27 October", "3 November")
    assert told(hands, smtp_sink, hours=1) == [(BOOKED, whole)]


@pytest.mark.parametrize("scope", [ALL, FOLLOWING])
def test_booked_then_changed_and_that_undone_it_is_told_as_booked(smtp_sink: SmtpSink, hands: Any, scope: str) -> None:
    client = make_client()
    book(client)
    undo(client, change(client, 2, scope))
    whole = days("13 October", "20 October", "27 October", "3 November")
    assert told(hands, smtp_sink, hours=1) == [(BOOKED, whole)]


def test_booked_and_half_of_it_ended_before_it_was_told(smtp_sink: SmtpSink, hands: Any) -> None:
    client = make_client()
    book(client)
    end(client, 2, FOLLOWING)
    assert told(hands, smtp_sink, hours=1) == [(BOOKED, days("13 October", "20 October"))]


def test_booked_and_half_of_it_changed_before_it_was_told(smtp_sink: SmtpSink, hands: Any) -> None:
    client = make_client()
    book(client)
    change(client, 2, FOLLOWING)
    assert sorted(told(hands, smtp_sink, hours=1)) == [
        (BOOKED, days("13 October", "20 October")),
        (BOOKED.replace("10:00", "11:00"), days("27 October", "3 November", at="11:00")),
    ]


def test_what_becomes_of_single_sessions_before_it_was_told_stands_in_it(smtp_sink: SmtpSink, hands: Any) -> None:
    client = make_client()
    book(client)
    moved = nth(client, 3)
    cancel_session(actor=client.counsellor, session=nth(client, 1), by=Status.CANCELLED_BY_COUNSELLOR)
    later = moved.starts_at + timedelta(hours=2)
    move_session(actor=client.counsellor, session=moved, starts_at=later, length=moved.length)
    whole = days("13 October", "27 October") + ["- Tuesday 3 November 2026, 12:00 (not the usual time)"]
    assert told(hands, smtp_sink, hours=1) == [(BOOKED, whole)]
    cancel_session(actor=client.counsellor, session=nth(client, 2), by=Status.CANCELLED_BY_COUNSELLOR)
    assert told(hands, smtp_sink, hours=1) == [("Your appointment on Tuesday 27 October at 10:00", [])]


def test_what_a_worker_has_written_by_then_does_not_leave(hands: Any) -> None:
    client = make_client()
    series = book(client)
    hands.shift(timedelta(minutes=4))
    (written,) = claim()
    assert written.subject_id == series.pk
    cancel_session(actor=client.counsellor, session=nth(client, 1), by=Status.CANCELLED_BY_COUNSELLOR)
    assert mark_dispatched(written, None) is False
    (written,) = claim()
    assert mark_dispatched(written, None) is True
    cancel_session(actor=client.counsellor, session=nth(client, 2), by=Status.CANCELLED_BY_COUNSELLOR)
    assert Message.objects.filter(kind="session_notice", state=Message.State.PLANNED).count() == 1


def test_it_is_told_even_where_its_first_day_comes_before_the_mail_may(smtp_sink: SmtpSink, hands: Any) -> None:
    client = make_client()
    early = Terms(Place(time(7, 30), timedelta(minutes=50)), "in_person")
    book(client, date(2026, 10, 6), early)
    assert len(told(hands, smtp_sink, minutes=4)) > 0
    hands.move_to(NOW.replace(hour=21))
    end(client, 0, ALL)
    hands.move_to(NOW + timedelta(days=1))
    assert told(hands, smtp_sink, minutes=1) == [(ENDED, days("13 October", "20 October", "27 October", at="07:30"))]


def test_a_series_that_begins_within_a_day_and_is_undone_tells_nothing(smtp_sink: SmtpSink, hands: Any) -> None:
    client = make_client()
    series = book(client, date(2026, 10, 6), Terms(Place(time(8, 30), timedelta(minutes=50)), "in_person"))
    assert told(hands, smtp_sink, minutes=1) == []
    undo(client, series)
    assert told(hands, smtp_sink, hours=1) == []
