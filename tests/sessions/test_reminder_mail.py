"""The reminder, over real SMTP: what leaves, and what no longer does."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser

from clients.models import Client
from outbox.models import Message
from outbox.sender import send_due
from sessions import undoing
from sessions.models import ClientSession
from sessions.services import cancel_session, confirm_session, mark_outcome, move_session
from tests.conftest import SmtpSink
from tests.factories import make_client, make_practice
from tests.sessions.factories import FIFTY, book

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=LONDON)
THURSDAY_TEN = datetime(2026, 11, 26, 10, 0, tzinfo=LONDON)
FRIDAY_THREE = datetime(2026, 11, 27, 15, 0, tzinfo=LONDON)


def client_called(name: str, **fields: Any) -> Client:
    client = make_client(name=name, **fields)
    client.counsellor.name = "Rosemary Fernhill"
    client.counsellor.save()
    return client


def text_of(sink: SmtpSink, part: str = "plain") -> str:
    (mail,) = sink.messages
    body = mail.get_body(preferencelist=(part,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def fate() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("created_at").values_list("state", "reason"))


def test_it_says_when_where_and_with_whom(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(MONDAY, tick=True) as clock:
        book(client_called("Juniper Testwell"), THURSDAY_TEN, place="12 Willow Lane")
        clock.move_to(THURSDAY_TEN - timedelta(hours=24))
        assert send_due().sent == 1
    assert smtp_sink.messages[0]["Subject"] == "Reminder: Thursday 26 November, 10:00"
    text = text_of(smtp_sink)
    assert text.startswith(
        "Hello Juniper,\n\n"
        "This is a reminder of your appointment on Thursday 26 November at 10:00 (UK time).\n\n"
        "When: Thursday 26 November 2026, 10:00 (UK time), 50 minutes\n"
        "Where: in person at 12 Willow Lane\n"
        "With: Rosemary\n\n"
        "To say that you are coming, or to move or cancel it:\n"
        "http://localhost:8000/s/"
    )
    assert "Samaritans" in text
    assert "This inbox is not watched" in text


def test_in_the_hour_that_comes_twice_it_says_which_it_is(smtp_sink: SmtpSink) -> None:
    second_half_past_one = datetime(2027, 10, 31, 1, 30, fold=1, tzinfo=LONDON)
    with time_machine.travel(datetime(2027, 10, 29, 9, 0, tzinfo=LONDON), tick=True) as clock:
        book(client_called("Juniper Testwell"), second_half_past_one)
        clock.move_to(datetime(2027, 10, 30, 12, 0, tzinfo=LONDON))
        assert send_due().sent == 1
    assert smtp_sink.messages[0]["Subject"] == "Reminder: Sunday 31 October, 01:30 GMT"
    assert "on Sunday 31 October at 01:30 GMT (UK time)." in text_of(smtp_sink)


def test_its_link_opens_the_page_of_the_session(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(THURSDAY_TEN - timedelta(hours=3), tick=True):
        session = book(client_called("Juniper Testwell"), THURSDAY_TEN)
        send_due()
        token = text_of(smtp_sink).split("/s/")[1].split("/")[0]
        page = Browser().get(f"/s/{token}/").content.decode()
        assert "Thursday 26 November" in page
        confirm_session(session=session)
    assert session.pk.hex not in text_of(smtp_sink, "html")


def test_who_has_confirmed_is_thanked(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(MONDAY, tick=True) as clock:
        confirm_session(session=book(client_called("Juniper Testwell"), THURSDAY_TEN))
        clock.move_to(THURSDAY_TEN - timedelta(hours=24))
        send_due()
    assert "You have let us know that you are coming, thank you." in text_of(smtp_sink)


def test_a_session_that_moved_is_reminded_at_its_new_time_only(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(MONDAY, tick=True) as clock:
        session = book(client_called("Juniper Testwell"), THURSDAY_TEN)
        move_session(actor=session.counsellor, session=session, starts_at=FRIDAY_THREE, length=FIFTY)
        clock.move_to(THURSDAY_TEN - timedelta(hours=24))
        assert send_due().sent == 0
        clock.move_to(FRIDAY_THREE - timedelta(hours=24))
        assert send_due().sent == 1
        clock.move_to(FRIDAY_THREE)
        assert send_due().sent == 0
    assert [mail["Subject"] for mail in smtp_sink.messages] == ["Reminder: Friday 27 November, 15:00"]


def test_after_an_undo_another_time_is_reminded_although_one_had_left(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(MONDAY, tick=True):
        session = book(client_called("Juniper Testwell"), THURSDAY_TEN)
        soon = move_session(
            actor=session.counsellor, session=session, starts_at=MONDAY + timedelta(hours=3), length=FIFTY
        )
        send_due()
        change = undoing.change_of(soon)
        assert change is not None
        (back,) = undoing.undo(actor=session.counsellor, change=change)
        move_session(actor=session.counsellor, session=back, starts_at=MONDAY + timedelta(hours=5), length=FIFTY)
        send_due()
    assert [mail["Subject"] for mail in smtp_sink.messages] == [
        "Reminder: Monday 23 November, 12:00", "Reminder: Monday 23 November, 14:00",
    ]  # fmt: skip


def test_a_cancelled_session_is_not_reminded(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(MONDAY, tick=True) as clock:
        session = book(client_called("Juniper Testwell"), THURSDAY_TEN)
        cancel_session(actor=session.counsellor, session=session, by=ClientSession.Status.CANCELLED_BY_CLIENT)
        clock.move_to(THURSDAY_TEN - timedelta(hours=24))
        send_due()
    assert (smtp_sink.messages, fate()) == ([], [("dropped", "session cancelled")])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "cancelled_late"}, "session cancelled"),
        ({"revision": 2}, "session moved"),
        ({"starts_at": MONDAY}, "session had begun"),
    ],
)
def test_what_the_plan_does_not_know_is_seen_at_sending(
    smtp_sink: SmtpSink, changes: dict[str, object], reason: str
) -> None:
    with time_machine.travel(MONDAY, tick=True) as clock:
        session = book(client_called("Juniper Testwell"), THURSDAY_TEN)
        ClientSession.visible_to(session.counsellor).update(**changes)
        clock.move_to(THURSDAY_TEN - timedelta(hours=24))
        assert send_due().dropped == 1
    assert (smtp_sink.messages, fate()) == ([], [("dropped", reason)])


def test_a_session_that_was_erased_is_not_reminded(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(MONDAY, tick=True) as clock:
        session = book(client_called("Juniper Testwell"), THURSDAY_TEN)
        ClientSession.visible_to(session.counsellor).delete()
        clock.move_to(THURSDAY_TEN - timedelta(hours=24))
        send_due()
    assert (smtp_sink.messages, fate()) == ([], [("dropped", "session erased")])


def test_whether_the_client_may_be_mailed_is_asked_at_sending(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(MONDAY, tick=True) as clock:
        client = client_called("Juniper Testwell")
        book(client, THURSDAY_TEN)
        client.may_email = Client.MayEmail.NO
        client.save()
        clock.move_to(THURSDAY_TEN - timedelta(hours=24))
        send_due()
    assert (smtp_sink.messages, fate()) == ([], [("dropped", "client has not agreed to e-mail")])


def test_booked_inside_the_lead_it_leaves_at_once(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(THURSDAY_TEN - timedelta(hours=3), tick=True):
        book(client_called("Juniper Testwell"), THURSDAY_TEN)
        assert send_due().sent == 1


def test_at_night_nothing_leaves(smtp_sink: SmtpSink) -> None:
    make_practice(mail_from_time=datetime(2026, 1, 1, 8).time(), mail_until_time=datetime(2026, 1, 1, 20).time())
    night = datetime(2026, 11, 25, 23, 0, tzinfo=LONDON)
    with time_machine.travel(night, tick=True) as clock:
        book(client_called("Juniper Testwell"), THURSDAY_TEN)
        assert send_due().sent == 0
        clock.move_to(datetime(2026, 11, 26, 8, 0, 1, tzinfo=LONDON))
        assert send_due().sent == 1


def test_a_reminder_put_off_by_the_server_does_not_leave_at_night_and_never_too_late(smtp_sink: SmtpSink) -> None:
    make_practice(mail_from_time=datetime(2026, 1, 1, 8).time(), mail_until_time=datetime(2026, 1, 1, 20).time())
    seven = datetime(2026, 11, 26, 7, 0, tzinfo=LONDON)
    with time_machine.travel(MONDAY, tick=True) as clock:
        book(client_called("Juniper Testwell"), THURSDAY_TEN)
        book(client_called("Juniper Testwell"), seven)
        clock.move_to(datetime(2026, 11, 26, 4, 20, tzinfo=LONDON))
        send_due()
        states = dict(Message.objects.values_list("expires_at", "state"))
        assert (smtp_sink.messages, states) == ([], {THURSDAY_TEN: "planned", seven: "expired"})
        clock.move_to(datetime(2026, 11, 26, 8, 0, 1, tzinfo=LONDON))
        assert send_due().sent == 1


def test_it_does_not_leave_once_the_session_has_begun(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(MONDAY, tick=True) as clock:
        session = book(client_called("Juniper Testwell"), THURSDAY_TEN)
        clock.move_to(THURSDAY_TEN + timedelta(seconds=1))
        mark_outcome(actor=session.counsellor, session=session, outcome="attended")
        assert send_due().expired == 1
    assert smtp_sink.messages == []


def test_a_discreet_mail_names_nobody_and_no_address(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(THURSDAY_TEN - timedelta(hours=3), tick=True):
        book(client_called("Juniper Testwell", is_discreet=True), THURSDAY_TEN, place="12 Willow Lane")
        send_due()
    whole = text_of(smtp_sink) + text_of(smtp_sink, "html")
    assert [word for word in ("Juniper", "Rosemary", "Willow Lane") if word in whole] == []
    assert "Where: in person, at the usual place\n" in text_of(smtp_sink)


def test_a_discreet_mail_keeps_a_video_link(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(THURSDAY_TEN - timedelta(hours=3), tick=True):
        client = client_called("Juniper Testwell", is_discreet=True)
        book(client, THURSDAY_TEN, mode="video", place="https://video.example.org/r/42")
        send_due()
    assert "Where: by video: https://video.example.org/r/42\n" in text_of(smtp_sink)
    assert '<a href="https://video.example.org/r/42"' in text_of(smtp_sink, "html")


@pytest.mark.parametrize(
    ("mode", "place", "where"),
    [
        ("phone", "01632 960 042", "by phone"),
        ("video", "", "by video, with the link you have"),
        ("in_person", "", "in person, at the usual place"),
    ],
)
def test_where_without_an_address(smtp_sink: SmtpSink, mode: str, place: str, where: str) -> None:
    with time_machine.travel(THURSDAY_TEN - timedelta(hours=3), tick=True):
        book(client_called("Juniper Testwell"), THURSDAY_TEN, mode=mode, place=place)
        send_due()
    assert f"Where: {where}\n" in text_of(smtp_sink)


def test_no_word_of_the_work_stands_in_it(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(THURSDAY_TEN - timedelta(hours=3), tick=True):
        book(client_called("Juniper Testwell"), THURSDAY_TEN)
        send_due()
    whole = (text_of(smtp_sink) + text_of(smtp_sink, "html") + smtp_sink.messages[0]["Subject"]).lower()
    assert [word for word in ("session", "counsel", "therap") if word in whole] == []
