"""A client's own place behind its door: what runs, a pause, an hour, what they wrote."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from exercises.courses import StepWish, Words, hold_course, start_course
from exercises.models import Answer, Assignment, Course, Mode, Sharing
from exercises.planning import MAIL_KIND
from outbox.models import Message
from practice import clock
from practice.models import AuditEntry
from tests.exercises.factories import assign, damage, deeds, make_assignment, make_version
from tests.exercises.pages import heading, read
from tests.exercises.placing import opened, place_url
from tests.factories import make_client, make_practice, make_user

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def started(client: Client, **fields: Any) -> Course:
    wish = {"mode": Mode.WEEKDAYS, "weekdays": range(7), **fields.pop("step", {})}
    return start_course(
        actor=client.counsellor, client=client, steps=[StepWish(make_version("daily", title="Three breaths"), **wish)],
        words=Words("For the walk home.", "You spoke of the harsh voice.", "after supper"), starts_on=clock.today(),
        nonce=uuid4(), **fields,
    )  # fmt: skip


# --- the door ----------------------------------------------------------------------------------------
def test_before_it_is_opened_nothing_of_it_is_shown() -> None:
    client = make_client(make_user(name="Rosemary Fernhill"))
    assign(client)
    page = Browser().get(place_url(client))
    found = [word for word in ("quiet minute", "Rosemary", "What you wrote", "A pause") if word in read(page)]
    assert (found, "See more" in read(page)) == ([], True)


def test_a_code_is_asked_for_where_one_was_agreed() -> None:
    client = make_client(page_code="word", page_word="Blue heron")
    browser, url = Browser(), place_url(client)
    wrong = browser.post(url, {"deed": "open", "code": "green"})
    assert (wrong.status_code, "That does not seem to be it." in read(wrong)) == (422, True)
    assert heading(wrong) == "Your e-mails"
    browser, url = opened(client, code="blue HERON")
    assert heading(browser.get(url)) == "A place of your own"
    client.page_word = "Grey heron"
    client.save(update_fields=["page_word"])
    assert heading(browser.get(url)) == "Your e-mails"


def test_after_some_wrong_codes_it_waits_and_mail_can_still_be_stopped() -> None:
    browser, url = Browser(), place_url(make_client(page_code="word", page_word="Blue heron"))
    tries = [browser.post(url, {"deed": "open", "code": "green"}).status_code for _ in range(6)]
    assert (tries[0], tries[-1]) == (422, 429)
    assert heading(browser.post(url, {"deed": "stop"})) == "E-mails are stopped"


@pytest.mark.parametrize("deed", ["not_now", "send", "stop_course", "pause", "resume", "hour"])
def test_before_a_shut_door_nothing_is_done(deed: str) -> None:
    client = make_client()
    body = {"deed": deed, "of": str(assign(client).pk), "for": "week", "hour": "10"}
    page = Browser().post(place_url(client), body)
    assert (page.status_code, "had closed itself" in read(page)) == (403, True)
    kept = Client.unscoped.get()
    assert (kept.paused_until, kept.preferred_hour, Assignment.unscoped.get().state) == (None, None, "assigned")


def test_one_clients_open_door_is_nobody_elses() -> None:
    browser, _ = opened(make_client())
    assert heading(browser.get(place_url(make_client()))) == "Your e-mails"


# --- what runs ---------------------------------------------------------------------------------------
def test_what_is_with_them_is_named_with_its_days() -> None:
    client = make_client()
    assign(client, due_on=date(2026, 11, 26))
    started(client, until_on=date(2026, 12, 14))
    browser, url = opened(client)
    page = read(browser.get(url))
    assert "A quiet minute</h3>" in page
    assert "Came on Monday 23 November, best before Thursday 26 November if that suits you" in page
    assert "Three breaths</h3>" in page
    assert "Every day until 14 December" in page
    assert "Three breaths</h4>" in page


def test_a_day_that_is_gone_is_not_mentioned() -> None:
    client = make_client()
    make_assignment(client, due_on=date(2026, 11, 20))
    browser, url = opened(client)
    assert "best before" not in read(browser.get(url))


def test_not_this_week_needs_no_reason() -> None:
    client = make_client()
    row = assign(client)
    browser, url = opened(client)
    page = browser.post(url, {"deed": "not_now", "of": str(row.pk)}, follow=True)
    assert "That is quite all right." in read(page)
    assert "Nothing is with you at the moment." in read(page)
    assert Assignment.unscoped.get().state == Assignment.State.NOT_NOW
    again = browser.post(url, {"deed": "not_now", "of": str(row.pk)}, follow=True)
    assert "That is quite all right." in read(again)


def test_one_thing_is_stopped_and_the_rest_stays() -> None:
    client = make_client()
    course = started(client)
    assign(client)
    browser, url = opened(client)
    page = browser.post(url, {"deed": "stop_course", "of": str(course.pk)}, follow=True)
    assert "It has stopped, and nothing more of it will come." in read(page)
    assert (Course.unscoped.get().state, AuditEntry.objects.get(deed="course.end").actor) == ("ended", None)
    assert "A quiet minute" in read(page)


def test_what_is_on_hold_rests() -> None:
    client = make_client()
    hold_course(actor=client.counsellor, course=started(client))
    browser, url = opened(client)
    page = read(browser.get(url))
    assert ("Resting for now" in page, "Send me the link again" in page) == (True, False)


def test_a_link_is_sent_once_more_and_not_twice(now: time_machine.Traveller) -> None:
    client = make_client()
    row = assign(client)
    Message.objects.filter(kind=MAIL_KIND).update(state=Message.State.SENT, sent_at=MONDAY)
    browser, url = opened(client)
    said = []
    for _ in range(2):
        said.append(read(browser.post(url, {"deed": "send", "of": str(row.pk)}, follow=True)))
        now.shift(timedelta(minutes=50))
        said.append(read(browser.post(url, {"deed": "send", "of": str(row.pk)}, follow=True)))
        now.shift(timedelta(minutes=20))
        Message.objects.filter(state=Message.State.PLANNED).update(state=Message.State.SENT, sent_at=MONDAY)
    assert ["came within the last hour" in page for page in said] == [True, True, False, True]
    assert Message.objects.filter(kind=MAIL_KIND).count() == 2


@pytest.mark.parametrize("deed", ["not_now", "send", "stop_course"])
@pytest.mark.parametrize("of", ["", "x", "00000000-0000-0000-0000-000000000000", "another's"])
def test_what_is_not_theirs_is_not_touched(deed: str, of: str) -> None:
    other = make_client()
    rows = {"stop_course": started(other).pk}
    theirs = str(rows.get(deed) or Assignment.unscoped.get().pk)
    browser, url = opened(make_client())
    page = browser.post(url, {"deed": deed, "of": theirs if of == "another's" else of}, follow=True)
    assert "there was nothing to do" in read(page)
    assert (Assignment.unscoped.get().state, Course.unscoped.get().state) == ("assigned", "running")


# --- a pause, an hour ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "until"),
    [
        ({"for": "week"}, date(2026, 11, 30)),
        ({"for": "two_weeks"}, date(2026, 12, 7)),
        ({"until": "2026-12-24"}, date(2026, 12, 24)),
    ],
)
def test_a_pause_has_an_end_and_can_be_ended(body: dict[str, str], until: date) -> None:
    client = make_client()
    browser, url = opened(client)
    page = read(browser.post(url, {"deed": "pause", **body}, follow=True))
    assert f"Everything rests until <strong>{until:%A} {until.day} {until:%B %Y}</strong>" in page
    assert "Reminders of your times still come." in page
    assert Client.unscoped.get().paused_until == until
    page = read(browser.post(url, {"deed": "resume"}, follow=True))
    assert ("It goes on from here." in page, "For a week" in page) == (True, True)
    assert deeds() == ["client.pause", "client.resume"]


@pytest.mark.parametrize(
    ("until", "error"),
    [
        ("", "Please choose a day, or one of the two above."),
        ("soon", "Please give a day such as 12/05/2027."),
        ("2026-11-23", "Please choose a day from tomorrow on."),
        ("2027-11-24", "A pause can be up to a year long. It can be made longer later."),
    ],
)
def test_a_day_that_is_none_is_said_to_be_so_at_its_field(until: str, error: str) -> None:
    browser, url = opened(make_client())
    page = browser.post(url, {"deed": "pause", "until": until})
    assert (page.status_code, error in read(page), '<details class="fold" open>' in read(page)) == (422, True, True)
    assert Client.unscoped.get().paused_until is None


def test_a_pause_that_is_over_is_not_mentioned() -> None:
    browser, url = opened(make_client(paused_until=date(2026, 11, 23)))
    assert "Everything rests" not in read(browser.get(url))


def test_an_hour_is_one_of_those_at_which_mail_may_leave() -> None:
    make_practice(mail_from_time="09:00", mail_until_time="11:00")
    browser, url = opened(make_client())
    assert '<option value="10">10:00</option>' in read(browser.get(url))
    page = read(browser.post(url, {"deed": "hour", "hour": "10"}, follow=True))
    assert ("That is noted." in page, Client.unscoped.get().preferred_hour) == (True, 10)
    assert browser.post(url, {"deed": "hour", "hour": "20"}).status_code == 422
    browser.post(url, {"deed": "hour", "hour": ""})
    assert Client.unscoped.get().preferred_hour is None


def test_all_mail_is_stopped_and_started_from_inside_too() -> None:
    browser, url = opened(make_client())
    page = read(browser.post(url, {"deed": "stop"}, follow=True))
    assert ("E-mails are stopped." in page, "For a week" in page) == (True, False)
    page = read(browser.post(url, {"deed": "start"}, follow=True))
    assert ("E-mails are on again." in page, "For a week" in page) == (True, True)


@pytest.mark.parametrize("query", ["?done=x", "?done=not", "?done="])
def test_what_was_not_done_is_not_said_to_be(query: str) -> None:
    browser, url = opened(make_client())
    assert 'role="status"' not in read(browser.get(url + query))


# --- what they wrote -----------------------------------------------------------------------------------
def test_what_they_wrote_opens_each_by_itself_and_leaves_no_trace() -> None:
    client = make_client(make_user(name="Rosemary Fernhill"))
    make_assignment(client, state="done", answer={"line": "You again"}, version=make_version("a", title="First one"))
    make_assignment(
        client, state="done", answer={}, sharing=Sharing.DONE_ONLY, version=make_version("b", title="Second one")
    )
    kept = make_assignment(client, state="done", answer={}, version=make_version("c", title="Third one"))
    Answer.unscoped.filter(assignment=kept).update(sharing="kept", kept=b"x", kept_by_link=kept.pk)
    browser, url = opened(client)
    page = read(browser.get(url))
    assert "You again" in page
    assert "Shared with Rosemary." in page
    assert "You said that you did it, and kept no words." in page
    assert "You kept this to yourself. It opens only with the link that it was written with." in page
    assert deeds() == []


def test_a_damaged_answer_is_said_to_be_there() -> None:
    client = make_client()
    make_assignment(client, state="done", answer={"line": "You again"})
    damage("exercises_answer", '"values"')
    browser, url = opened(client)
    assert "This can't be shown at the moment." in read(browser.get(url))


def test_the_newest_stand_first_and_earlier_ones_are_one_link_away() -> None:
    client = make_client()
    version = make_version()
    for number in range(10):
        row = make_assignment(client, state="done", answer={"line": f"word {number}"}, version=version)
        Answer.unscoped.filter(assignment=row).update(sent_at=MONDAY - timedelta(days=number))
    browser, url = opened(client)
    page = read(browser.get(url))
    assert page.index("word 0") < page.index("word 7")
    assert ("word 8" in page, "Show earlier ones as well" in page) == (False, True)
    page = read(browser.get(url + "?all"))
    assert ("word 9" in page, "Show earlier ones as well" in page) == (True, False)


def queries_with(rows: int) -> int:
    client = make_client()
    for number in range(rows):
        make_assignment(client, version=make_version(f"open-{number}"))
        make_assignment(client, state="done", answer={"line": "You again"}, version=make_version(f"done-{number}"))
    browser, url = opened(client)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        browser.get(url)
    return len(queries)


def test_more_of_it_takes_no_more_queries() -> None:
    queries_with(1)
    assert queries_with(1) == queries_with(3)
