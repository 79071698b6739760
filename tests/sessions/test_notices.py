"""Notices: the net effect of what happened, once, and nothing where it was taken back in time."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from icalendar import Calendar

from outbox.models import Message
from outbox.sender import send_due
from sessions import undoing
from sessions.models import ClientSession, DiaryRules
from sessions.notices import standing
from sessions.services import cancel_session, change_details, confirm_session, move_session
from tests.conftest import SmtpSink
from tests.factories import make_client, make_practice
from tests.sessions.factories import FIFTY, book

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=LONDON)
THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=LONDON)
FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=LONDON)
Status = ClientSession.Status


@pytest.fixture(autouse=True)
def hands() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=True) as clock:
        make_practice()
        DiaryRules.objects.update(notify_booked=True, notify_moved=True, notify_cancelled=True)
        yield clock


def later(hands: Any, sink: SmtpSink, **more: int) -> list[str]:
    """Let time pass and mail leave; return the subjects of all notices so far."""
    hands.shift(timedelta(**more))
    send_due()
    return [str(mail["Subject"]) for mail in sink.messages if not mail["Subject"].startswith("Reminder")]


def booked() -> ClientSession:
    return book(make_client(name="Juniper Testwell"), THURSDAY)


def move(session: ClientSession, to: datetime = FRIDAY) -> ClientSession:
    return move_session(actor=session.counsellor, session=session, starts_at=to, length=FIFTY)


def cancel(session: ClientSession) -> None:
    cancel_session(actor=session.counsellor, session=session, by=Status.CANCELLED_BY_COUNSELLOR)


def undo(session: ClientSession) -> None:
    session.refresh_from_db()
    change = undoing.change_of(session)
    assert change is not None
    undoing.undo(actor=session.counsellor, change=change)


def test_a_booking_is_told_after_the_delay_and_once(smtp_sink: SmtpSink, hands: Any) -> None:
    booked()
    assert later(hands, smtp_sink, minutes=2) == []
    assert later(hands, smtp_sink, minutes=2) == ["Booked: Thursday 26 November, 10:00"]
    assert later(hands, smtp_sink, minutes=30) == ["Booked: Thursday 26 November, 10:00"]


def test_a_calendar_file_goes_along_and_the_same_entry_moves_and_goes(smtp_sink: SmtpSink, hands: Any) -> None:
    session = booked()
    later(hands, smtp_sink, minutes=4)
    move(session)
    later(hands, smtp_sink, minutes=4)
    cancel(session)
    later(hands, smtp_sink, minutes=4)
    files = [Calendar.from_ical(_calendar(mail)) for mail in smtp_sink.messages]
    events = [file.walk("VEVENT")[0] for file in files]
    assert [str(file["METHOD"]) for file in files] == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({str(event["UID"]) for event in events}) == 1
    assert [event["SEQUENCE"] for event in events] == [1, 2, 3]
    assert [event.decoded("DTSTART") for event in events][:2] == [THURSDAY, FRIDAY]


def _calendar(mail: Any) -> bytes:
    found: bytes = next(
        part.get_payload(decode=True) for part in mail.walk() if part.get_content_type() == "text/calendar"
    )
    return found


def test_booked_and_moved_within_the_delay_is_booked(smtp_sink: SmtpSink, hands: Any) -> None:
    move(booked())
    assert later(hands, smtp_sink, minutes=4) == ["Booked: Friday 27 November, 15:00"]


def test_booked_and_cancelled_within_the_delay_is_nothing(smtp_sink: SmtpSink, hands: Any) -> None:
    cancel(booked())
    assert later(hands, smtp_sink, minutes=4) == []


def test_moved_and_undone_within_the_delay_is_nothing(smtp_sink: SmtpSink, hands: Any) -> None:
    session = booked()
    later(hands, smtp_sink, minutes=4)
    undo(move(session))
    assert later(hands, smtp_sink, minutes=10) == ["Booked: Thursday 26 November, 10:00"]


def test_moved_there_and_back_by_hand_is_nothing(smtp_sink: SmtpSink, hands: Any) -> None:
    session = booked()
    later(hands, smtp_sink, minutes=4)
    move(move(session), THURSDAY)
    assert later(hands, smtp_sink, minutes=10) == ["Booked: Thursday 26 November, 10:00"]


def test_cancelled_without_a_mail_and_undone_is_nothing(smtp_sink: SmtpSink, hands: Any) -> None:
    DiaryRules.objects.update(notify_cancelled=False)
    session = booked()
    assert later(hands, smtp_sink, minutes=4) == ["Booked: Thursday 26 November, 10:00"]
    cancel(session)
    undo(session)
    assert len(later(hands, smtp_sink, hours=1)) == 1


def test_undone_after_it_was_told_is_told_again(smtp_sink: SmtpSink, hands: Any) -> None:
    session = booked()
    later(hands, smtp_sink, minutes=4)
    cancel(session)
    later(hands, smtp_sink, minutes=4)
    undo(session)
    assert later(hands, smtp_sink, minutes=4) == [
        "Booked: Thursday 26 November, 10:00", "Cancelled: Thursday 26 November, 10:00",
        "Booked: Thursday 26 November, 10:00",
    ]  # fmt: skip


def test_a_booking_that_was_told_is_not_unmade(smtp_sink: SmtpSink, hands: Any) -> None:
    session = booked()
    later(hands, smtp_sink, minutes=4)
    with pytest.raises(undoing.CannotUndo):
        undo(session)
    assert ClientSession.visible_to(session.counsellor).count() == 1


def test_each_switch_is_its_own(smtp_sink: SmtpSink, hands: Any) -> None:
    DiaryRules.objects.update(notify_moved=False)
    session = booked()
    later(hands, smtp_sink, minutes=4)
    move(session)
    assert later(hands, smtp_sink, minutes=4) == ["Booked: Thursday 26 November, 10:00"]
    cancel(session)
    assert later(hands, smtp_sink, minutes=4)[1:] == ["Cancelled: Friday 27 November, 15:00"]


def test_at_night_it_waits_for_the_morning_and_never_comes_after_the_session(smtp_sink: SmtpSink, hands: Any) -> None:
    make_practice(mail_from_time=time(8), mail_until_time=time(20))
    hands.move_to(datetime(2026, 11, 25, 23, 0, tzinfo=LONDON))
    booked()
    book(make_client(), datetime(2026, 11, 26, 7, 30, tzinfo=LONDON))
    assert later(hands, smtp_sink, hours=2) == []
    hands.move_to(datetime(2026, 11, 26, 8, 1, tzinfo=LONDON))
    assert later(hands, smtp_sink, minutes=0) == ["Booked: Thursday 26 November, 10:00"]
    assert Message.objects.filter(kind="session_notice").count() == 1


def test_whoever_was_just_told_gets_no_reminder_on_top(smtp_sink: SmtpSink, hands: Any) -> None:
    hands.move_to(THURSDAY - timedelta(hours=5))
    booked()
    hands.shift(timedelta(minutes=4))
    send_due()
    assert [str(mail["Subject"]) for mail in smtp_sink.messages] == ["Booked: Thursday 26 November, 10:00"]


def test_a_confirmation_is_no_news_and_another_way_to_meet_is(smtp_sink: SmtpSink, hands: Any) -> None:
    session = booked()
    later(hands, smtp_sink, minutes=4)
    confirmed = confirm_session(session=session)
    assert later(hands, smtp_sink, minutes=4) == ["Booked: Thursday 26 November, 10:00"]
    change_details(
        actor=session.counsellor, session=confirmed, version=confirmed.version, mode="phone", place="",
        session_type=None, buffer=timedelta(0), fee_pence=None,
    )  # fmt: skip
    assert later(hands, smtp_sink, minutes=4)[1:] == ["Changed: Thursday 26 November, 10:00"]


def test_a_discreet_notice_names_nobody(smtp_sink: SmtpSink, hands: Any) -> None:
    client = make_client(name="Juniper Testwell", is_discreet=True)
    client.counsellor.name = "Rosemary Fernhill"
    client.counsellor.save()
    book(client, THURSDAY, place="12 Willow Lane")
    later(hands, smtp_sink, minutes=4)
    whole = smtp_sink.messages[0].as_string() + _calendar(smtp_sink.messages[0]).decode()
    for word in ("Juniper", "Rosemary", "Willow Lane", "session", "counsel", "therap"):
        assert word.lower() not in whole.lower().replace("counsellor_", "")


def test_a_copy_planned_before_is_dropped_where_nothing_is_left_to_tell(smtp_sink: SmtpSink, hands: Any) -> None:
    session = booked()
    ClientSession.visible_to(session.counsellor).update(known=standing(session), known_version=9)
    assert later(hands, smtp_sink, minutes=4) == []
