"""The mail that an exercise comes with, over real SMTP: what leaves, when, and what no longer does."""

import re
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from clients import links
from clients.models import Client, ClientLink
from exercises.answers import decline_for_now, submit_answer
from exercises.models import Assignment
from exercises.services import assign_exercise, withdraw_assignment
from outbox.models import Message
from outbox.sender import send_due
from tests.conftest import SmtpSink
from tests.exercises.factories import make_version
from tests.factories import make_client, make_practice

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=LONDON)
FRIDAY = date(2026, 11, 27)
SECRET = ["A quiet minute", "For the walk home", "harsh voice", "after supper", "back step", "Testwell"]


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(MONDAY, tick=True) as travel:
        yield travel


def assign(client: Client | None = None, **changes: Any) -> Assignment:
    client = client or client_called("Juniper Testwell")
    values: dict[str, Any] = {
        "actor": client.counsellor,
        "client": client,
        "version": make_version(),
        "personal_line": "For the walk home.",
        "why": "You spoke of the harsh voice.",
        "plan_when": "after supper",
        "plan_where": "on the back step",
        "due_on": FRIDAY,
        "send_at": timezone.now(),
        "is_practised_together": False,
        "nonce": uuid4(),
        **changes,
    }
    return assign_exercise(**values)


def client_called(name: str, **fields: Any) -> Client:
    client = make_client(name=name, **fields)
    client.counsellor.name = "Rosemary Fernhill"
    client.counsellor.save()
    return client


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body(preferencelist=(kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def fate() -> tuple[str, str]:
    message = Message.objects.get(kind="exercise")
    return message.state, message.reason


def token_in(mail: EmailMessage) -> str:
    tokens: list[str] = re.findall(r"/x/([\w-]+)/", body(mail))
    assert len(tokens) == 1
    return tokens[0]


def test_it_names_the_counsellor_and_the_minutes_and_links_to_the_page(smtp_sink: SmtpSink) -> None:
    assignment = assign()

    assert send_due().sent == 1

    (mail,) = smtp_sink.messages
    assert mail["Subject"] == "Something from Rosemary"
    assert mail["To"] == assignment.client.email
    assert body(mail).startswith(
        "Hello Juniper,\n\n"
        "Rosemary has left something for you on a page of your own.\n"
        "It takes about 5 minutes, whenever it suits you:\n\n"
        f"http://localhost:8000/x/{token_in(mail)}/\n\n"
        "You need no password. The link is meant for you alone and works until Friday 11 December.\n"
        "If this is not the week for it, that is fine. You can say so on the page, without a reason.\n"
    )
    assert "This inbox is not watched" in body(mail)
    assert "Samaritans" in body(mail)
    assert f'href="http://localhost:8000/x/{token_in(mail)}/"' in body(mail, "html")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_nothing_of_the_exercise_stands_in_the_mail(smtp_sink: SmtpSink) -> None:
    assign()
    send_due()
    whole = f"{smtp_sink.messages[0].as_string()} {body(smtp_sink.messages[0])} {body(smtp_sink.messages[0], 'html')}"
    assert [word for word in SECRET if word in whole] == []


def test_a_discreet_mail_names_nobody(smtp_sink: SmtpSink) -> None:
    assign(client_called("Juniper Testwell", is_discreet=True))
    send_due()
    (mail,) = smtp_sink.messages
    assert mail["Subject"] == "Something for you"
    assert body(mail).startswith("Hello,\n\nThere is something for you on a page of your own.\n")
    both = body(mail) + body(mail, "html")
    assert [name for name in ("Juniper", "Rosemary") if name in both] == []


def test_the_link_opens_this_assignment_and_runs_out_a_fortnight_after_the_due_day(smtp_sink: SmtpSink) -> None:
    assignment = assign()
    assert ClientLink.unscoped.count() == 0
    send_due()
    link = links.resolve(token_in(smtp_sink.messages[0]), ClientLink.Purpose.EXERCISE)
    assert (link.subject_id, link.client) == (assignment.pk, assignment.client)
    assert link.expires_at.astimezone(LONDON) == datetime(2026, 12, 12, tzinfo=LONDON)


def test_a_mail_that_leaves_late_still_gives_a_fortnight(smtp_sink: SmtpSink, monday: Any) -> None:
    assign()
    monday.move_to(datetime(2026, 12, 2, 9, tzinfo=LONDON))
    send_due()
    link = links.resolve(token_in(smtp_sink.messages[0]), ClientLink.Purpose.EXERCISE)
    assert link.expires_at.astimezone(LONDON) == datetime(2026, 12, 17, tzinfo=LONDON)


def test_it_waits_for_its_hour(smtp_sink: SmtpSink, monday: Any) -> None:
    assign(send_at=MONDAY + timedelta(hours=9))
    assert send_due().sent == 0
    monday.move_to(MONDAY + timedelta(hours=9, minutes=1))
    assert send_due().sent == 1


def test_what_is_left_over_from_the_day_does_not_leave_at_night(smtp_sink: SmtpSink, monday: Any) -> None:
    make_practice(mail_from_time=time(8), mail_until_time=time(20))
    assign()
    monday.move_to(MONDAY.replace(hour=23))
    assert send_due().sent == 0
    message = Message.objects.get(kind="exercise")
    assert (message.state, message.attempts) == ("planned", 0)
    monday.move_to(MONDAY + timedelta(days=1))
    assert send_due().sent == 1


def test_words_changed_after_planning_are_the_ones_sent(smtp_sink: SmtpSink) -> None:
    assignment = assign()
    client = assignment.client
    client.email, client.preferred_name = "new@example.org", "June"
    client.save()
    send_due()
    assert smtp_sink.messages[0]["To"] == "new@example.org"
    assert body(smtp_sink.messages[0]).startswith("Hello June,")


def test_a_withdrawn_exercise_is_not_sent(smtp_sink: SmtpSink) -> None:
    assignment = assign()
    withdraw_assignment(actor=assignment.assigned_by, assignment=assignment)
    assert send_due().sent == 0
    assert fate() == ("dropped", "exercise withdrawn")


@pytest.mark.parametrize(
    ("state", "reason"),
    [("withdrawn", "exercise withdrawn"), ("done", "already answered"), ("not_now", "not this week")],
)
def test_rendering_asks_again_where_the_row_was_left_planned(smtp_sink: SmtpSink, state: str, reason: str) -> None:
    assignment = assign()
    answered_at = None if state == "withdrawn" else timezone.now()
    Assignment.unscoped.filter(pk=assignment.pk).update(state=state, answered_at=answered_at)
    assert send_due().dropped == 1
    assert (fate(), ClientLink.unscoped.count()) == (("dropped", reason), 0)


def test_an_exercise_that_is_gone_is_not_sent(smtp_sink: SmtpSink) -> None:
    assign().delete()
    assert send_due().dropped == 1
    assert fate() == ("dropped", "exercise is gone")


@pytest.mark.parametrize("deed", ["answer", "not now"])
def test_what_the_client_has_dealt_with_is_not_sent(smtp_sink: SmtpSink, deed: str) -> None:
    assignment = assign()
    if deed == "answer":
        submit_answer(assignment=assignment, sharing="shared", values={})
    else:
        decline_for_now(assignment=assignment)
    assert (send_due().sent, fate()[0], smtp_sink.messages) == (0, "dropped", [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"may_email": "no"}, "client has not agreed to e-mail"),
        ({"mail_stopped_at": MONDAY}, "client stopped e-mails"),
        ({"state": "ended", "ended_at": MONDAY}, "work has ended"),
    ],
)
def test_a_client_who_may_no_longer_be_mailed_gets_none(
    smtp_sink: SmtpSink, change: dict[str, Any], reason: str
) -> None:
    client = assign().client
    Client.unscoped.filter(pk=client.pk).update(**change)
    assert send_due().dropped == 1
    assert (fate(), ClientLink.unscoped.count()) == (("dropped", reason), 0)


def test_a_week_after_its_day_it_is_too_late(smtp_sink: SmtpSink, monday: Any) -> None:
    assign()
    monday.move_to(datetime(2026, 12, 5, 0, 1, tzinfo=LONDON))
    send_due()
    assert (fate()[0], smtp_sink.messages) == ("expired", [])
