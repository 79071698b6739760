"""The pages on which an exercise is chosen and assigned."""

import html
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from exercises.models import Assignment
from outbox.models import Message
from practice import clock
from tests.exercises.factories import browser_of, make_version
from tests.factories import make_client, make_practice, make_session, make_user

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=LONDON)


def url(client: Client, slug: str = "quiet-minute") -> str:
    return reverse("exercises:assign", args=[client.pk]) + (f"?exercise={slug}" if slug else "")


def typed(**fields: Any) -> dict[str, Any]:
    return {
        "nonce": str(uuid4()),
        "personal_line": "For the walk home.",
        "why": "You spoke of the harsh voice.",
        "plan_when": "after supper",
        "plan_where": "",
        "due_on": (clock.today() + timedelta(days=4)).isoformat(),
        "send": "now",
        **fields,
    }


def read(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def due_day(answer: Any) -> str:
    (day,) = re.findall(r'name="due_on" value="([\d-]+)"', answer.content.decode())
    return str(day)


# --- choosing -------------------------------------------------------------------------------------------
def test_without_an_exercise_one_chooses_first() -> None:
    client = make_client()
    make_version("first", title="A first one")
    make_version("second", title="A second one")
    page = browser_of(client.counsellor).get(url(client, ""))
    assert page.templates[0].name == "exercises/choose.html"
    for slug in ("first", "second"):
        assert f'href="{url(client, slug)}"' in read(page)


def test_an_unknown_exercise_is_not_found() -> None:
    client = make_client()
    browser = browser_of(client.counsellor)
    assert browser.get(url(client, "no-such")).status_code == 404
    assert browser.post(url(client, "no-such"), typed()).status_code == 404


def test_with_no_exercise_published_the_page_says_so() -> None:
    client = make_client()
    assert "No exercises yet" in read(browser_of(client.counsellor).get(url(client, "")))


def test_the_newest_words_are_the_ones_assigned() -> None:
    client = make_client()
    make_version(title="Older words")
    newest = make_version(title="Newer words")
    browser_of(client.counsellor).post(url(client), typed())
    assert Assignment.unscoped.get().version == newest


# --- the form -------------------------------------------------------------------------------------------
def test_the_page_shows_where_to_go_slowly_and_one_heading() -> None:
    client = make_client(name="Juniper Testwell")
    make_version()
    text = read(browser_of(client.counsellor).get(url(client)))
    assert "Go slowly" in text
    assert "Do it together first." in text
    assert text.count("<h1") == 1
    assert "Juniper" not in re.findall(r"<title>(.*?)</title>", text)[0]


@pytest.mark.parametrize(
    ("session_in", "preferred_hour", "expected"),
    [
        (None, None, "2026-11-30"),  # no session: a week ahead
        (timedelta(days=3), None, "2026-11-25"),  # the day before it
        (timedelta(hours=3), None, "2026-11-23"),  # a session today: never in the past
        (timedelta(days=1), 8, "2026-11-24"),  # mail leaves tomorrow at eight, so not before then
    ],
)
def test_the_due_day_lies_before_the_next_session(
    session_in: timedelta | None, preferred_hour: int | None, expected: str
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client(preferred_hour=preferred_hour)
        make_version()
        if session_in is not None:
            make_session(client, MONDAY + session_in)
        assert due_day(browser_of(client.counsellor).get(url(client))) == expected


@pytest.mark.parametrize(
    ("hour", "hours", "shown"),
    [
        (18, (8, 20), "At the hour they prefer: today, 18:00"),
        (9, (8, 20), "At the hour they prefer: Tuesday 24 November, 09:00"),
        (22, (8, 20), "At the hour they prefer: today, 20:00"),
        (7, (8, 20), "At the hour they prefer: Tuesday 24 November, 08:00"),
    ],
)
def test_the_preferred_hour_comes_next_within_the_mail_hours(hour: int, hours: tuple[int, int], shown: str) -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client(preferred_hour=hour)
        make_practice(mail_from_time=f"{hours[0]:02d}:00", mail_until_time=f"{hours[1]:02d}:00")
        make_version()
        text = read(browser_of(client.counsellor).get(url(client)))
    assert shown in text
    assert "Straight away: today, 09:30" in text


def test_straight_away_waits_for_the_morning() -> None:
    with time_machine.travel(MONDAY.replace(hour=23), tick=False):
        client = make_client()
        make_practice(mail_from_time="08:00", mail_until_time="20:00")
        make_version()
        text = read(browser_of(client.counsellor).get(url(client)))
    assert "Straight away: Tuesday 24 November, 08:00" in text
    assert "At the hour they prefer" not in text


def test_the_hour_that_the_clocks_leap_over_is_no_obstacle() -> None:
    with time_machine.travel(datetime(2027, 3, 27, 12, tzinfo=LONDON), tick=False):
        client = make_client(preferred_hour=1)
        make_version()
        text = read(browser_of(client.counsellor).get(url(client)))
    assert "At the hour they prefer: Sunday 28 March, 02:00" in text


# --- assigning ------------------------------------------------------------------------------------------
def test_assigning_keeps_what_was_typed_and_says_when_the_mail_leaves() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client(preferred_hour=18)
        version = make_version()
        answer = browser_of(client.counsellor).post(
            url(client), typed(send="preferred", plan_where="back step", is_practised_together="on")
        )
    given = Assignment.unscoped.get()
    assert answer.headers["Location"] == reverse("exercises:assignment", args=[given.pk])
    assert said(answer) == ["Exercise assigned. Its mail is planned for Monday 23 November, 18:00."]
    assert (given.client, given.version, given.assigned_by) == (client, version, client.counsellor)
    assert (given.personal_line, given.plan_where, given.is_practised_together) == (
        "For the walk home.", "back step", True,
    )  # fmt: skip
    assert Message.objects.get().due_at == MONDAY.replace(hour=18, minute=0)


def test_the_same_form_twice_assigns_once() -> None:
    client, form = make_client(), typed()
    make_version()
    browser = browser_of(client.counsellor)
    answers = [browser.post(url(client), form) for _ in range(2)]
    given = Assignment.unscoped.get()
    assert [answer.headers["Location"] for answer in answers] == [reverse("exercises:assignment", args=[given.pk])] * 2
    assert Message.objects.count() == 1


def test_a_form_that_was_used_for_another_client_is_refused() -> None:
    counsellor, form = make_user(), typed()
    one, other = make_client(counsellor), make_client(counsellor)
    make_version()
    browser = browser_of(counsellor)
    browser.post(url(one), form)
    page = browser.post(url(other), form)
    assert (page.status_code, "This form was used before." in read(page)) == (422, True)
    assert Assignment.unscoped.get().client == one


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"personal_line": ""}, "Please write a line of your own."),
        ({"personal_line": "   "}, "Please write a line of your own."),
        ({"why": ""}, "Please say why: it is what makes it theirs."),
        ({"plan_when": ""}, "Please plan when, together if you can."),
        ({"personal_line": "a" * 301}, "Ensure this value has at most 300 characters"),
        ({"why": "a" * 301}, "Ensure this value has at most 300 characters"),
        ({"plan_where": "a" * 301}, "Ensure this value has at most 300 characters"),
        ({"why": "nul \x00"}, "Null characters are not allowed."),
        ({"due_on": ""}, "Please choose a day."),
        ({"due_on": "soon"}, "Please give a date, such as 24/11/2026."),
        ({"due_on": "2026-02-30"}, "Please give a date, such as 24/11/2026."),
        ({"due_on": "2020-01-01"}, "This day has already passed."),
        ({"due_on": "9999-12-31"}, "Please choose a day within the next year."),
        ({"send": "never"}, "Select a valid choice."),
        ({"send": "preferred"}, "Select a valid choice."),
        ({"send": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_taken_says_so_at_the_field_and_keeps_the_text(changes: dict[str, Any], message: str) -> None:
    client = make_client()
    make_version()
    page = browser_of(client.counsellor).post(url(client), typed(plan_when="on Tuesday evening") | changes)
    assert page.status_code == 422
    assert read(page).count(message) == 2
    if "plan_when" not in changes:
        assert "on Tuesday evening" in read(page)
    assert (Assignment.unscoped.count(), Message.objects.count()) == (0, 0)


@pytest.mark.parametrize("nonce", ["", "x", "1"])
def test_a_form_without_its_number_is_refused(nonce: str) -> None:
    client = make_client()
    make_version()
    assert browser_of(client.counsellor).post(url(client), typed(nonce=nonce)).status_code == 422
    assert Assignment.unscoped.count() == 0


def test_a_mail_that_would_leave_after_the_due_day_is_refused() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client(preferred_hour=8)
        make_version()
        page = browser_of(client.counsellor).post(url(client), typed(send="preferred", due_on="2026-11-23"))
    assert "The mail would leave later, Tuesday 24 November, 08:00. Please choose a later day." in read(page)
    assert Assignment.unscoped.count() == 0


# --- who may not be mailed ------------------------------------------------------------------------------
REFUSED = [
    ({"may_email": "not_asked"}, "This client hasn't agreed to e-mail, so nothing would be sent."),
    ({"may_email": "no"}, "This client hasn't agreed to e-mail, so nothing would be sent."),
    ({"mail_stopped_at": timezone.now()}, "This client has stopped e-mails, so nothing would be sent."),
    ({"email": ""}, "There is no e-mail address on this client's record"),
    ({"state": "ended", "ended_at": timezone.now()}, "Work with this client has ended"),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_a_client_who_may_not_be_mailed_is_no_form_worth_filling_in(fields: dict[str, Any], message: str) -> None:
    client = make_client(**fields)
    make_version()
    browser = browser_of(client.counsellor)
    for page in (browser.get(url(client, "")), browser.get(url(client))):
        assert (page.status_code, message in read(page)) == (200, True)
    assert ">Assign exercise</button>" not in read(page)


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_a_client_who_may_not_be_mailed_meanwhile_is_refused_with_the_text_kept(
    fields: dict[str, Any], message: str
) -> None:
    client = make_client(**fields)
    make_version()
    page = browser_of(client.counsellor).post(url(client), typed())
    assert (page.status_code, message in read(page), "For the walk home." in read(page)) == (422, True, True)
    assert Assignment.unscoped.count() == 0


# --- who may not come here ------------------------------------------------------------------------------
def test_anothers_client_is_not_found() -> None:
    client = make_client()
    make_version()
    stranger = browser_of(make_user())
    for link in (url(client, ""), url(client)):
        assert (stranger.get(link).status_code, stranger.post(link, typed()).status_code) == (404, 404)
    assert Assignment.unscoped.count() == 0


def test_an_admin_assigns_nothing() -> None:
    client = make_client()
    make_version()
    admin = browser_of(make_user("admin"))
    assert (admin.get(url(client)).status_code, admin.post(url(client), typed()).status_code) == (403, 403)


def test_the_form_takes_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = make_client()
    make_version()
    browser = browser_of(client.counsellor)
    with django_assert_num_queries(6):
        browser.get(url(client))
