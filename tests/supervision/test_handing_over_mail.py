"""What waits to be said to a client is said, whoever their counsellor is by then."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from outbox.models import Message
from outbox.sender import send_due
from sessions.models import ClientSession, DiaryRules, ReminderSet
from sessions.outlook import Place
from sessions.recurrence import Rule
from sessions.reminders import REMINDER
from sessions.series import Terms, book_series
from supervision.handing_over import hand_over
from tests.conftest import SmtpSink
from tests.factories import make_client, make_practice, make_user
from tests.sessions.factories import FIFTY, book

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/London"))
THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture(autouse=True)
def hands() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=True) as clock:
        make_practice()
        DiaryRules.objects.update(notify_booked=True, notify_moved=True, notify_cancelled=True)
        yield clock


def test_a_notice_that_waits_is_sent_all_the_same(smtp_sink: SmtpSink, hands: Any) -> None:
    client = make_client()
    book(client, THURSDAY)
    hand_over(actor=client.counsellor, client=client, to=make_user(), is_told=True)
    hands.shift(timedelta(minutes=4))
    send_due()
    assert [str(mail["Subject"]) for mail in smtp_sink.messages] == ["Booked: Thursday 26 November, 10:00"]


def test_the_notice_of_a_series_is_sent_all_the_same(smtp_sink: SmtpSink, hands: Any) -> None:
    client = make_client()
    terms = Terms(Place(time(10), FIFTY), "phone")
    book_series(actor=client.counsellor, client=client, rule=Rule(THURSDAY.date()), terms=terms, count=3)
    hand_over(actor=client.counsellor, client=client, to=make_user(), is_told=True)
    hands.shift(timedelta(minutes=4))
    send_due()
    assert [str(mail["Subject"]) for mail in smtp_sink.messages] == [
        "Your appointments from Thursday 26 November, 10:00"
    ]


def test_reminders_go_by_the_rules_of_whoever_receives_the_client() -> None:
    client, to = make_client(), make_user()
    session = book(client, THURSDAY)
    ReminderSet.objects.create(counsellor=to, rules=["2h"])
    hand_over(actor=client.counsellor, client=client, to=to, is_told=True)
    planned = Message.objects.filter(kind=REMINDER, subject_id=session.pk, state=Message.State.PLANNED)
    assert [mail.due_at for mail in planned] == [THURSDAY - timedelta(hours=2)]
    assert ClientSession.visible_to(to).count() == 1
