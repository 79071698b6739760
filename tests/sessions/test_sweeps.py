"""However often and late the sweeps run: each reminder once, late ones while they are of use, missed ones shown."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from outbox.models import Message
from outbox.sender import send_due
from sessions import reminding, tasks
from sessions.models import DiaryRules, ReminderSet
from sessions.services import confirm_session
from tests.conftest import SmtpSink
from tests.factories import make_client, make_practice
from tests.sessions.factories import book

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=LONDON)
THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=LONDON)


def subjects(sink: SmtpSink) -> Counter[str]:
    return Counter(str(mail["Subject"]) for mail in sink.messages)


@pytest.mark.django_db(transaction=True)
def test_fifty_rounds_and_eight_at_once_send_each_reminder_once(smtp_sink: SmtpSink) -> None:
    ReminderSet.objects.create(rules=["48h", "24h"])
    client = make_client()
    start = timezone.now() + timedelta(hours=30)
    for number in range(4):
        book(client, start + timedelta(hours=number))
    with time_machine.travel(timezone.now() + timedelta(hours=10), tick=True):

        def everything(_: int) -> None:
            tasks.sweep()
            send_due()
            connection.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(everything, range(8)))
        for number in range(50):
            everything(number)
    assert sorted(subjects(smtp_sink).values()) == [1, 1, 1, 1]
    assert Message.objects.filter(state=Message.State.SENT).count() == 4


@pytest.mark.django_db
def test_when_the_practice_changes_its_mail_hours_planned_mail_follows() -> None:
    make_practice(mail_from_time=time(8), mail_until_time=time(20))
    with time_machine.travel(MONDAY, tick=True):
        tasks.sweep()
        session = book(make_client(), THURSDAY.replace(hour=19))
        make_practice(mail_from_time=time(9), mail_until_time=time(17))
        tasks.sweep()
        planned = Message.objects.get(subject_id=session.pk)
        assert planned.due_at == datetime(2026, 11, 25, 17, 0, tzinfo=LONDON)
        assert reminding.follow_mail_hours() is False


@pytest.mark.django_db
def test_down_for_three_hours_a_reminder_is_sent_late_while_the_session_is_ahead(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(MONDAY, tick=True) as clock:
        book(make_client(), THURSDAY)
        clock.move_to(THURSDAY - timedelta(hours=21))
        send_due()
    assert subjects(smtp_sink) == {"Reminder: Thursday 26 November, 10:00": 1}


@pytest.mark.django_db
def test_what_changes_while_the_sender_is_down_does_not_cost_the_reminder(smtp_sink: SmtpSink) -> None:
    make_practice()
    DiaryRules.objects.update(notify_booked=True)
    with time_machine.travel(MONDAY, tick=True) as clock:
        session = book(make_client(), THURSDAY)
        clock.move_to(MONDAY + timedelta(minutes=5))
        send_due()
        clock.move_to(THURSDAY - timedelta(hours=21))
        confirm_session(session=session)
        send_due()
    assert subjects(smtp_sink) == {"Booked: Thursday 26 November, 10:00": 1, "Reminder: Thursday 26 November, 10:00": 1}


@pytest.mark.django_db
def test_a_rule_that_asks_for_an_earlier_moment_than_now_reminds_once(smtp_sink: SmtpSink) -> None:
    make_practice()
    DiaryRules.objects.update(notify_booked=True)
    with time_machine.travel(MONDAY, tick=True) as clock:
        client = make_client()
        book(client, THURSDAY)
        clock.move_to(MONDAY + timedelta(minutes=5))
        send_due()
        clock.move_to(THURSDAY - timedelta(hours=30))
        for rules in (["48h"], ["36h"]):
            reminding.set_rules(actor=client.counsellor, rules=rules)
            tasks.sweep()
            send_due()
    assert subjects(smtp_sink)["Reminder: Thursday 26 November, 10:00"] == 1


@pytest.mark.django_db
def test_down_until_the_quiet_hours_it_waits_for_the_morning_and_what_is_too_late_is_shown(smtp_sink: SmtpSink) -> None:
    make_practice(mail_from_time=time(8), mail_until_time=time(20))
    with time_machine.travel(MONDAY, tick=True) as clock:
        client = make_client(name="Juniper Testwell")
        early, late = book(client, THURSDAY.replace(hour=7)), book(client, THURSDAY)
        clock.move_to(datetime(2026, 11, 25, 23, 0, tzinfo=LONDON))
        send_due()
        clock.move_to(datetime(2026, 11, 26, 8, 1, tzinfo=LONDON))
        send_due()
        browser = Browser()
        browser.force_login(client.counsellor)
        today = browser.get("/").content.decode()
        page = browser.get(f"/sessions/{early.pk}/").content.decode()
    assert subjects(smtp_sink) == {"Reminder: Thursday 26 November, 10:00": 1}
    states = dict(Message.objects.values_list("subject_id", "state"))
    assert states == {early.pk: "expired", late.pk: "sent"}
    assert "No reminder" in today
    assert "Missed" in page
