"""The client's page of one session: what it shows, and when."""

import re
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients import erasure
from clients.links import revoke
from clients.models import ClientLink
from practice import clock
from sessions.models import ClientReply, ClientSession
from sessions.services import cancel_session, confirm_session, move_session
from tests.clients.test_erasure import ask
from tests.exercises.factories import damage
from tests.factories import make_client, make_session, make_user
from tests.sessions.by_link import NOON, form, heading, link_to, read, set_rules
from tests.tables import changed, dump

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


@pytest.fixture
def browser() -> Browser:
    """Return a stranger's browser; a view that wanted a CSRF token would refuse it."""
    return Browser(enforce_csrf_checks=True)


def session_at(hours: float = 48, **fields: Any) -> ClientSession:
    """Return a session so many hours after that noon, of Juniper with Rosemary."""
    person = {name: fields.pop(name) for name in ("is_discreet",) if name in fields}
    client = make_client(make_user(name="Rosemary Fernhill"), name="Juniper Testwell", **person)
    return make_session(client, NOON + timedelta(hours=hours), **fields)


# --- reading ---------------------------------------------------------------------------------------------
def test_it_says_when_how_long_where_and_with_whom(browser: Browser) -> None:
    with time_machine.travel(NOON):
        page = browser.get(link_to(session_at(place="Room 2, Elm Street")))
    text = read(page)
    assert (page.status_code, heading(page)) == (200, "Your appointment")
    for words in (
        "Hello Juniper", "Thursday 26 November", ">12:00</time> to", ">12:50</time>", "(UK time)",
        "50 minutes, with Rosemary", "In person, at Room 2, Elm Street.", "Confirm</button>", "Ask for another time",
        "Cancel…", "Ask us to get in touch", "If you need someone now", "Leave this page",
    ):  # fmt: skip
        assert words in text, words


def test_the_time_is_the_wall_clocks_over_the_change_to_summer(browser: Browser) -> None:
    with time_machine.travel(NOON):
        summer = make_session(starts_at=NOON.replace(year=2027, month=3, day=30, hour=9))
        text = read(browser.get(link_to(summer)))
    assert "Tuesday 30 March" in text
    assert ">09:00</time> to" in text


def test_a_discreet_page_names_nobody_and_no_place(browser: Browser) -> None:
    with time_machine.travel(NOON):
        session = session_at(is_discreet=True, place="Room 2, Elm Street")
        link = link_to(session)
        pages = [read(browser.get(link + step)) for step in ("", "?step=move", "?step=talk", "?step=cancel")]
    names = ("Rosemary", "Juniper", "Testwell", "Willow Practice", "Elm Street")
    assert [name for name in names for page in pages if name in page] == []
    assert "In person, at the usual place." in pages[0]


def test_no_word_says_what_the_appointment_is_for(browser: Browser) -> None:
    with time_machine.travel(NOON):
        session = session_at()
        link = link_to(session)
        browser.post(link, form(session, "move", words="After four?"))
        browser.post(link, form(session, "talk"))
        pages = [browser.get(link + step) for step in ("", "?step=move", "?step=talk", "?step=cancel")]
        browser.post(link, form(session, "cancel"))
        pages += [browser.get(link)]
    main = [read(page).partition("<main")[2].partition("</main>")[0].lower() for page in pages]
    assert [word for word in ("counsel", "therap", "session") for text in main if word in text] == []
    assert {read(page).partition("<title>")[2].partition("</title>")[0] for page in pages} == {"Your appointment"}


def test_nobody_keeps_or_learns_the_address(browser: Browser) -> None:
    page = browser.get(link_to(make_session()))
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.cookies == {}


@pytest.mark.parametrize("minutes", [60 * 24, 16])
def test_the_way_into_a_call_is_not_shown_before(browser: Browser, minutes: int) -> None:
    with time_machine.travel(NOON):
        session = session_at(minutes / 60, mode="video", place="https://meet.example/abc")
        text = read(browser.get(link_to(session)))
    opens = NOON + timedelta(minutes=minutes - 15)
    assert f">{opens:%H:%M}</time></strong>, a quarter of an hour before" in text
    assert "meet.example" not in text


@pytest.mark.parametrize("minutes", [15, 1, -49])
def test_from_a_quarter_of_an_hour_before_until_the_end_it_is(browser: Browser, minutes: int) -> None:
    with time_machine.travel(NOON):
        session = session_at(minutes / 60, mode="video", place="https://meet.example/abc")
        text = read(browser.get(link_to(session)))
    assert 'href="https://meet.example/abc" rel="noreferrer">Join the call</a>' in text


def test_after_the_end_and_after_cancelling_it_is_not(browser: Browser) -> None:
    with time_machine.travel(NOON):
        over = session_at(-1, mode="video", place="https://meet.example/abc")
        off = session_at(0.1, mode="video", place="https://meet.example/abc", status=Status.CANCELLED_BY_COUNSELLOR)
        pages = [browser.get(link_to(each)) for each in (over, off)]
    assert [heading(page) for page in pages] == ["This appointment is over", "This appointment is cancelled"]
    assert [page for page in pages if "meet.example" in read(page) or "</form>" in read(page)] == []


@pytest.mark.parametrize(
    ("mode", "place", "words"),
    [
        ("phone", "01632 960 101", "<p>By phone.</p>"),
        ("video", "", "By video, with the link you have."),
        ("video", "Meeting 123", "By video: Meeting 123"),
        ("in_person", "", "In person, at the usual place."),
    ],
)
def test_how_it_is_held(browser: Browser, mode: str, place: str, words: str) -> None:
    with time_machine.travel(NOON):
        assert words in read(browser.get(link_to(session_at(0.1, mode=mode, place=place))))


def test_a_place_that_does_not_open_is_said_to_be_there(browser: Browser) -> None:
    with time_machine.travel(NOON):
        session = session_at(place="Room 2")
        damage("client_sessions_clientsession", "place")
        page = browser.get(link_to(session))
    assert (page.status_code, "Where it is can't be shown just now." in read(page)) == (200, True)
    assert "Confirm</button>" in read(page)


@pytest.mark.parametrize("status", [Status.ATTENDED, Status.DID_NOT_ATTEND, Status.BOOKED])
def test_what_is_over_says_no_more_than_that(browser: Browser, status: str) -> None:
    with time_machine.travel(NOON):
        text = read(browser.get(link_to(session_at(-2, status=status))))
    assert "This appointment is over" in text
    assert "attend" not in text


def test_a_confirmed_one_says_so_and_can_still_be_changed(browser: Browser) -> None:
    with time_machine.travel(NOON):
        session = session_at()
        link = link_to(session)
        confirm_session(session=session)
        text = read(browser.get(link))
    assert "You have confirmed it. Thank you." in text
    assert "Confirm</button>" not in text
    assert "Ask for another time" in text


def test_what_has_moved_since_is_shown_as_it_stands(browser: Browser) -> None:
    with time_machine.travel(NOON):
        session = session_at()
        ClientSession.unscoped.update(known=f"{int(session.starts_at.timestamp())}.50.in_person", known_version=1)
        link = link_to(session)
        assert "It has moved since" not in read(browser.get(link))
        set_rules(notify_moved=True)
        move_session(
            actor=session.counsellor, session=session, starts_at=NOON + timedelta(hours=74), length=session.length
        )
        text = read(browser.get(link))
    assert "Friday 27 November" in text
    assert "It has moved since we last wrote to you. This is the time that counts." in text


def test_a_look_changes_nothing_and_takes_few_queries(
    browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    set_rules(offers_slots=True)
    session = make_session(starts_at=timezone.now() + timedelta(days=3))
    link = link_to(session)
    browser.post(link, form(session, "talk", words="About Thursday"))
    before = dump()
    for step in ("", "?step=move", "?step=cancel", "?step=talk", "?said=confirm"):
        assert browser.get(link + step).status_code == 200
        assert browser.head(link + step).status_code == 200
    assert changed(before, dump()) == []
    # Link, session, rules, what was asked, what the client was told, the practice; the data key is at hand.
    with django_assert_num_queries(6):
        browser.get(link)


# --- steps -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("hours", "rules", "offered"),
    [
        (25, {}, {"move", "cancel", "talk"}),
        (23, {}, {"move", "talk"}),
        (23, {"late_within": timedelta(0)}, {"move", "cancel", "talk"}),
        (25, {"clients_may_cancel": False}, {"move", "talk"}),
        (-0.5, {}, {"talk"}),
    ],
)
def test_what_is_offered_follows_the_practices_rules(
    browser: Browser, hours: float, rules: dict[str, Any], offered: set[str]
) -> None:
    set_rules(**rules)
    headings = {
        "move": "Ask for another time", "cancel": "Cancel this appointment?", "talk": "Ask us to get in touch",
    }  # fmt: skip
    with time_machine.travel(NOON):
        link = link_to(session_at(hours))
        page = read(browser.get(link))
        steps = {step: heading(browser.get(f"{link}?step={step}")) for step in headings}
    assert {step for step in headings if f'href="?step={step}"' in page} == offered
    assert {step for step, title in steps.items() if title == headings[step]} == offered
    assert ("It can't be cancelled on this page." in page) == ("cancel" not in offered and "move" in offered)


def test_free_times_are_offered_where_the_practice_does(browser: Browser) -> None:
    set_rules(offers_slots=True)
    with time_machine.travel(NOON):
        session = session_at(hours=21)  # the day's first
        taken = make_session(make_client(session.counsellor), NOON + timedelta(hours=45))
        text = read(browser.get(link_to(session) + "?step=move"))
    assert "Times that would suit you" in text
    offered = [
        datetime.fromisoformat(each) for each in re.findall('type="checkbox" name="wishes" value="([^"]*)"', text)
    ]
    days = [day for day, _ in groupby(clock.local(each).day for each in offered)]
    assert (len(offered), days) == (15, [24, 25, 26, 27, 30])
    assert [each for each in offered if each in (session.starts_at, taken.starts_at)] == []
    assert "Wednesday 25 November</p>" in text


def test_every_form_says_what_cannot_be_promised(browser: Browser) -> None:
    link = link_to(make_session())
    for step in ("?step=move", "?step=talk"):
        text = read(browser.get(link + step))
        assert "Nobody watches this day and night, so we can't promise when you will hear back." in text
        assert "If it can't wait: call or text 01632 960 100" in text


# --- links that lead nowhere -----------------------------------------------------------------------------
def test_a_link_that_has_run_out_says_nothing_of_whose_it_was(browser: Browser) -> None:
    session = session_at()
    page = browser.get(link_to(session, days=-1))
    assert (page.status_code, heading(page)) == (410, "This link has run out")
    assert [word for word in ("Rosemary", "Juniper", "November") if word in read(page)] == []
    assert browser.post(link_to(session, days=-1), form(session, "confirm")).status_code == 410


def test_what_was_typed_before_the_link_ran_out_is_given_back(browser: Browser) -> None:
    session = make_session()
    page = browser.post(link_to(session, days=-1), form(session, "talk", words="I am stuck.\nSorry."))
    assert (page.status_code, heading(page)) == (410, "This could not be sent")
    assert "See how it stands now" not in page.content.decode()
    assert "I am stuck. Sorry.</textarea>" in read(page)
    assert ClientReply.unscoped.count() == 0


@pytest.mark.parametrize("deed", ["get", "post"])
@pytest.mark.parametrize("token", ["x", "a" * 43, "é" * 43, "a" * 5000])
def test_an_unknown_token_leads_nowhere(browser: Browser, deed: str, token: str) -> None:
    make_session()
    page = getattr(browser, deed)(f"/s/{token}/")
    assert (page.status_code, heading(page)) == (404, "There is nothing here")


def test_a_link_that_was_cut_off_or_has_grown_leads_to_the_same_page(browser: Browser) -> None:
    make_session()
    pages = [browser.get(address) for address in ("/s/", "/s/abc/", f"/s/{'a' * 43}/more/")]
    assert [(page.status_code, heading(page)) for page in pages] == [(404, "There is nothing here")] * 3


def test_a_link_for_something_else_or_somebody_elses_session_leads_nowhere(browser: Browser) -> None:
    session = make_session()
    link = link_to(session)
    ClientLink.unscoped.update(client=make_client())
    assert browser.get(link).status_code == 404
    ClientLink.unscoped.update(client=session.client, purpose=ClientLink.Purpose.MAIL)
    assert browser.get(link).status_code == 404


def test_a_revoked_link_is_closed(browser: Browser) -> None:
    session = make_session()
    link = link_to(session)
    revoke(subject_id=session.pk)
    assert browser.post(link, form(session, "confirm")).status_code == 410
    assert ClientSession.unscoped.get().status == Status.BOOKED


def test_whose_client_was_erased_leads_nowhere(browser: Browser) -> None:
    session = make_session()
    link, client = link_to(session), session.client
    ask(client)
    erasure.erase_client(actor=client.counsellor, client=client, is_rule_considered=True)
    pages = [browser.get(link), browser.post(link, form(session, "talk", words="Hello"))]
    assert [page.status_code for page in pages] == [404, 404]


def test_cancelled_by_the_counsellor_meanwhile_gives_the_words_back(browser: Browser) -> None:
    session = make_session(starts_at=timezone.now() + timedelta(days=3))
    link = link_to(session)
    cancel_session(actor=session.counsellor, session=session, by=Status.CANCELLED_BY_COUNSELLOR)
    page = browser.post(link, form(session, "move", words="After four?"))
    assert (page.status_code, heading(page)) == (409, "This could not be sent")
    assert "See how it stands now" in page.content.decode()
    assert "After four?</textarea>" in read(page)
    assert [browser.post(link, form(session, deed)).status_code for deed in ("confirm", "cancel", "talk")] == [302] * 3
    assert ClientSession.unscoped.get().status == Status.CANCELLED_BY_COUNSELLOR
