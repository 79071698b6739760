"""The form that assigns an exercise: taken, refused, asked about, or of a client who may not be mailed."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from exercises.models import Assignment
from outbox.models import Message
from tests.exercises.assigning import MONDAY, typed, url
from tests.exercises.factories import browser_of, make_version
from tests.exercises.pages import read
from tests.factories import make_client, make_session, make_user

pytestmark = pytest.mark.django_db


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


# --- assigning -----------------------------------------------------------------------------------------
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
    assert Message.objects.get(kind="exercise").due_at == MONDAY.replace(hour=18, minute=0)


def test_the_same_form_twice_assigns_once() -> None:
    client, form = make_client(), typed()
    make_version()
    browser = browser_of(client.counsellor)
    answers = [browser.post(url(client), form) for _ in range(2)]
    given = Assignment.unscoped.get()
    assert [answer.headers["Location"] for answer in answers] == [reverse("exercises:assignment", args=[given.pk])] * 2
    assert Message.objects.filter(kind="exercise").count() == 1


def test_a_form_that_was_used_for_another_client_is_refused() -> None:
    counsellor, form = make_user(), typed()
    one, other = make_client(counsellor), make_client(counsellor)
    make_version()
    browser = browser_of(counsellor)
    browser.post(url(one), form)
    page = browser.post(url(other), form)
    assert (page.status_code, "This form was sent before." in read(page)) == (422, True)
    assert Assignment.unscoped.get().client == one


def test_other_words_sent_with_an_old_form_stay_and_go_with_the_next_press() -> None:
    client, form = make_client(), typed()
    make_version("one")
    make_version("other")
    browser = browser_of(client.counsellor)
    browser.post(url(client, "one"), form)

    page = browser.post(url(client, "other"), form | {"why": "Another why altogether."})

    text = read(page)
    assert (page.status_code, "Please look once more" in text, "Another why altogether." in text) == (422, True, True)
    (fresh,) = re.findall(r'name="nonce" value="([^"]+)"', text)
    assert browser.post(url(client, "other"), form | {"nonce": fresh}).status_code == 302
    assert Assignment.unscoped.count() == 2


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
        ({"send": "never"}, "Please choose when to send it."),
        ({"send": "preferred"}, "Please choose when to send it."),
        ({"send": ""}, "Please choose when to send it."),
        ({"by": "session"}, "There is no session ahead any more. Please choose a day."),
        ({"minutes": ""}, "Please say how many minutes it may take."),
        ({"minutes": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"minutes": "121"}, "Ensure this value is less than or equal to 120."),
        ({"minutes": "five"}, "Enter a whole number."),
        ({"nudges": "3"}, "Select a valid choice."),
        ({"nudges": ""}, "This field is required."),
        ({"often": "always"}, "Select a valid choice."),
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


# --- the day, the minutes, the reminders ----------------------------------------------------------------
def test_before_the_next_session_it_moves_along_with_it() -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = make_client()
        session = make_session(client, MONDAY + timedelta(days=8))
        make_version()
        browser_of(client.counsellor).post(url(client), typed(by="session", due_on="rubbish"))
    given = Assignment.unscoped.get()
    assert (given.follows_session, given.before, str(given.due_on)) == (True, session, "2026-11-30")


def test_by_a_day_it_stays_although_a_session_is_booked() -> None:
    client = make_client()
    make_session(client)
    make_version()
    form = typed(by="day")
    browser_of(client.counsellor).post(url(client), form)
    given = Assignment.unscoped.get()
    assert (given.follows_session, str(given.due_on)) == (False, form["due_on"])


@pytest.mark.parametrize(("minutes", "kept"), [("5", None), ("8", 8)])
def test_minutes_are_kept_where_they_differ_from_the_exercises_own(minutes: str, kept: int | None) -> None:
    client = make_client()
    make_version(minutes=5)
    browser_of(client.counsellor).post(url(client), typed(minutes=minutes))
    assert Assignment.unscoped.get().minutes == kept


@pytest.mark.parametrize("nudges", [0, 1, 2])
def test_as_many_reminders_are_planned_as_were_chosen(nudges: int) -> None:
    client = make_client()
    make_version()
    browser_of(client.counsellor).post(url(client), typed(nudges=str(nudges)))
    assert (Assignment.unscoped.get().nudges, Message.objects.filter(kind="exercise_nudge").count()) == (
        nudges, nudges,
    )  # fmt: skip


# --- asked once before it goes ---------------------------------------------------------------------------
LONG = "It takes about 20 minutes."
TOGETHER = "You have not practised this together so far."


@pytest.mark.parametrize(
    ("words", "changes", "asked"),
    [
        ({"minutes": 5}, {"minutes": "20"}, [LONG]),
        ({"minutes": 20}, {"minutes": "20"}, [LONG]),
        ({"wants_together": True}, {}, [TOGETHER]),
        ({"wants_together": True}, {"minutes": "20"}, [LONG, TOGETHER]),
    ],
)  # fmt: skip
def test_what_is_long_or_was_not_practised_together_is_asked_and_then_goes(
    words: dict[str, Any], changes: dict[str, str], asked: list[str]
) -> None:
    client = make_client()
    make_version(**words)
    form = typed(**changes)
    browser = browser_of(client.counsellor)
    page = browser.post(url(client), form)
    text = read(page)
    assert (page.status_code, "Before you send it" in text) == (422, True)
    assert [said for said in (LONG, TOGETHER) if said in text] == asked
    assert (text.count("For the walk home."), Assignment.unscoped.count()) == (1, 0)
    (sure,) = re.findall(r'name="sure" id="id_sure" value="([a-z ]+)"', text)
    assert browser.post(url(client), {**form, "sure": sure}).status_code == 302
    assert Assignment.unscoped.count() == 1


@pytest.mark.parametrize("changes", [{"minutes": "10"}, {"minutes": "9"}])
def test_ten_minutes_and_what_was_practised_together_are_not_asked_about(changes: dict[str, str]) -> None:
    client = make_client()
    make_version(wants_together=True)
    answer = browser_of(client.counsellor).post(url(client), typed(is_practised_together="on", **changes))
    assert (answer.status_code, Assignment.unscoped.count()) == (302, 1)


def test_a_yes_to_one_question_is_none_to_another() -> None:
    client = make_client()
    make_version(wants_together=True)
    page = browser_of(client.counsellor).post(url(client), typed(minutes="20", sure="long"))
    assert (page.status_code, LONG in read(page), TOGETHER in read(page)) == (422, True, True)


def test_nothing_is_asked_while_a_field_needs_another_look() -> None:
    client = make_client()
    make_version(wants_together=True)
    page = browser_of(client.counsellor).post(url(client), typed(why=""))
    assert (page.status_code, "Before you send it" in read(page)) == (422, False)


# --- who may not be mailed -----------------------------------------------------------------------------
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
