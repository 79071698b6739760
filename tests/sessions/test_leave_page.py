from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from practice.models import User
from sessions.models import ClientSession, DiaryRules, TimeOff
from sessions.notices import standing
from sessions.services import cancel_session, move_session
from tests.factories import make_client, make_session
from tests.sessions.factories import FIFTY, book, in_days
from tests.sessions.pages import told
from tests.sessions.time import make_leave
from vault.services import cache

pytestmark = pytest.mark.django_db
NEW = "/sessions/leave/new/"


def day(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def days(first: int = 10, last: int = 13, **fields: Any) -> dict[str, Any]:
    return {"first_on": day(first).isoformat(), "last_on": day(last).isoformat(), "label": "Lapland ❄️", **fields}


def chosen(page: Any, rest: str = "", **one_by_one: str) -> dict[str, Any]:
    """Return what the page would send: what it looked at, and what is chosen; sessions by number, `do_0="keep"`."""
    rows = page.context["choices"].rows
    sent = {f"was-{row.session.pk.hex}": str(row.session.version) for row in rows}
    sent |= {f"do-{rows[int(name[3:])].session.pk.hex}": said for name, said in one_by_one.items()}
    return days(take="1", rest=rest) | sent


def fresh(session: ClientSession) -> ClientSession:
    return ClientSession.visible_to(session.counsellor).get(pk=session.pk)


def test_where_no_session_stands_it_is_taken_at_once(client: Browser, counsellor: User) -> None:
    page = client.post(NEW, days())
    row = TimeOff.visible_to(counsellor).get()
    assert page.headers["Location"] == f"/sessions/time-off/{row.pk}/"
    assert (row.label, told(page)[0].endswith("is in your diary.")) == ("Lapland ❄️", True)


def test_sessions_are_looked_at_first_and_nothing_is_saved(client: Browser, counsellor: User) -> None:
    make_session(make_client(counsellor, name="Juniper"), in_days(11))
    make_session(make_client(counsellor, name="Not concerned"), in_days(14))
    page = client.post(NEW, days())
    html = page.content.decode()
    assert ("Juniper" in html, "Not concerned" in html, TimeOff.unscoped.count()) == (True, False, 0)
    assert page.context["choices"].words.endswith("4 days. One session stands in them.")
    assert 'value="Lapland ❄️"' in html


def test_a_default_counts_for_all_but_those_with_a_choice_of_their_own(client: Browser, counsellor: User) -> None:
    sessions = [make_session(make_client(counsellor), in_days(10 + n)) for n in range(3)]
    page = client.post(NEW, days())
    slot = page.context["choices"].rows[1].slots[0]
    done = client.post(NEW, chosen(page, "cancel", do_1=f"move:{slot.isoformat()}", do_2="keep"))
    assert done.status_code == 302
    assert [fresh(each).status for each in sessions] == ["cancelled_by_counsellor", "booked", "booked"]
    assert [fresh(each).starts_at for each in sessions[1:]] == [slot, in_days(12)]
    assert "1 session cancelled. 1 session moved. 1 session kept." in told(done)[0]


def test_each_moves_to_the_first_time_offered_to_it(client: Browser, counsellor: User) -> None:
    sessions = [make_session(make_client(counsellor), in_days(10 + n)) for n in range(3)]
    page = client.post(NEW, days())
    slots = [row.slots[0] for row in page.context["choices"].rows]
    client.post(NEW, chosen(page, "move"))
    assert ([fresh(each).starts_at for each in sessions], len(set(slots))) == (slots, 3)


def test_the_next_page_offers_to_undo_all_of_it(client: Browser, counsellor: User) -> None:
    session = make_session(make_client(counsellor), in_days(10))
    page = client.post(NEW, days())
    shown = client.post(NEW, chosen(page, "cancel"), follow=True).content.decode()
    undo = shown.split('action="/sessions/undo/')[1].split('"')[0]
    client.post(f"/sessions/undo/{undo}")
    assert (fresh(session).status, TimeOff.unscoped.count()) == ("booked", 0)


# --- who is told ----------------------------------------------------------------------------------------
def telling(page: Any) -> list[tuple[bool, str]]:
    return [(row.telling.is_by_mail, row.telling.text) for row in page.context["choices"].rows]


def notices(**switches: bool) -> None:
    on = {"notify_booked": True, "notify_moved": True, "notify_cancelled": True, **switches}
    DiaryRules.objects.update(**on)


YOURSELF = "Please let them know yourself."


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({}, (True, "Told by mail, whether it moves or is cancelled.")),
        ({"notify_moved": False}, (False, f"Told by mail if it is cancelled, not if it moves. {YOURSELF}")),
        ({"notify_cancelled": False}, (False, f"Told by mail if it moves, not if it is cancelled. {YOURSELF}")),
        (
            {"notify_moved": False, "notify_cancelled": False},
            (False, f"The practice sends no mail about such changes. {YOURSELF}"),
        ),
    ],
)
def test_the_practices_switches_say_who_is_told(
    client: Browser, counsellor: User, switches: dict[str, bool], expected: tuple[bool, str]
) -> None:
    notices(**switches)
    make_session(make_client(counsellor), in_days(10), known="known")
    assert telling(client.post(NEW, days())) == [expected]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"may_email": "no"}, "they haven't agreed to e-mail"),
        ({"mail_stopped_at": timezone.now()}, "they have stopped e-mails"),
        ({"email": ""}, "there is no e-mail address on their record"),
    ],
)
def test_why_a_client_is_not_told_is_said(client: Browser, counsellor: User, fields: dict[str, Any], why: str) -> None:
    notices()
    make_session(make_client(counsellor, **fields), in_days(10), known="known")
    page = client.post(NEW, days())
    assert telling(page) == [(False, f"Not told by mail, since {why}. {YOURSELF}")]
    assert "How to reach them" in page.content.decode()


def test_afterwards_those_to_ring_are_named_by_reference_and_marked(client: Browser, counsellor: User) -> None:
    notices()
    book(make_client(counsellor, reference="C-0700"), in_days(10))
    book(make_client(counsellor, reference="C-0701", may_email="no", name="Juniper"), in_days(11))
    for session in ClientSession.visible_to(counsellor):
        ClientSession.visible_to(counsellor).filter(pk=session.pk).update(known=standing(session), known_version=9)
    page = client.post(NEW, days())
    done = client.post(NEW, chosen(page, "cancel"))
    (said,) = told(done)
    assert said.endswith("2 sessions cancelled. No mail tells C-0701: please let them know yourself.")
    rows = client.get(done.headers["Location"]).context["rows"]
    assert [(row.name, row.is_untold) for row in rows if row.is_untold] == [("Juniper", True)]
    assert "Juniper" not in said


# --- what is refused --------------------------------------------------------------------------------------
def test_without_a_choice_nothing_is_done(client: Browser, counsellor: User) -> None:
    session = make_session(make_client(counsellor), in_days(10))
    page = client.post(NEW, chosen(client.post(NEW, days())))
    assert dict(page.context["choices"].errors) == {"rest": ["Please choose what happens to these sessions."]}
    assert (fresh(session).version, TimeOff.unscoped.count()) == (1, 0)


def test_one_without_a_choice_is_named(client: Browser, counsellor: User) -> None:
    one, two = (make_session(make_client(counsellor), in_days(10 + n)) for n in range(2))
    page = client.post(NEW, chosen(client.post(NEW, days()), do_0="cancel"))
    assert dict(page.context["choices"].errors) == {f"do-{two.pk.hex}": ["Please choose what happens to it."]}
    assert fresh(one).status == "booked"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"first_on": "", "last_on": ""}, {"first_on": ["Please choose a day."], "last_on": ["Please choose a day."]}),
        ({"last_on": "later"}, {"last_on": ["Please give a day, such as 24/11/2026."]}),
        (
            days(10, 9),
            {"last_on": ["This is before the first day. Please choose that day or a later one."]},
        ),
        (days(10, 509), {"last_on": ["A leave takes at most a year here. Please enter a longer one in parts."]}),
        (days(900, 901), {"first_on": ["Please choose a day within the next two years."]}),
        (days(-9, -8), {"last_on": ["This has passed already."]}),
        ({"last_on": "9999-12-31"}, {"last_on": ["Please choose a day within the next two years."]}),
        ({"label": "❄" * 81}, {"label": ["At most 80 characters, please (there are 81)."]}),
    ],
    ids=["empty", "no day", "backwards", "500 days", "far", "past", "the end of time", "a long label"],
)
def test_days_that_do_not_fit_are_said_at_their_field(
    client: Browser, counsellor: User, fields: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    page = client.post(NEW, days() | fields)
    assert (dict(page.context["form"].errors), TimeOff.unscoped.count()) == (expected, 0)


def test_a_year_can_be_taken_and_a_leave_may_have_begun(client: Browser, counsellor: User) -> None:
    assert client.post(NEW, days(-3, 362)).status_code == 302


def test_the_same_twice_is_said(client: Browser, counsellor: User) -> None:
    client.post(NEW, days())
    page = client.post(NEW, days())
    assert dict(page.context["form"].errors) == {"first_on": ["This stands in your diary already."]}


def test_back_shows_the_days_again(client: Browser, counsellor: User) -> None:
    make_session(make_client(counsellor), in_days(10))
    page = client.post(NEW, days(back="1"))
    assert (page.context["choices"], page.context["form"]["label"].value()) == (None, "Lapland ❄️")


# --- what changed in between --------------------------------------------------------------------------------
def news(page: Any) -> list[str]:
    return [line["news"] for line in page.context["choices"].lines()]


def test_a_session_booked_meanwhile_is_shown_and_asked_about(client: Browser, counsellor: User) -> None:
    seen = make_session(make_client(counsellor), in_days(10))
    sent = chosen(client.post(NEW, days()), "cancel")
    make_session(make_client(counsellor), in_days(11))
    page = client.post(NEW, sent)
    assert (news(page), fresh(seen).status, TimeOff.unscoped.count()) == (["", "New in these days"], "booked", 0)
    assert "The diary has changed meanwhile, and nothing is saved yet." in page.content.decode()
    assert client.post(NEW, chosen(page, "cancel")).status_code == 302
    assert fresh(seen).status == "cancelled_by_counsellor"


def test_a_session_changed_meanwhile_is_shown_with_its_new_version(client: Browser, counsellor: User) -> None:
    session = make_session(make_client(counsellor), in_days(10))
    sent = chosen(client.post(NEW, days()), "cancel")
    move_session(actor=counsellor, session=session, starts_at=in_days(12), length=FIFTY)
    page = client.post(NEW, sent)
    assert (news(page), TimeOff.unscoped.count()) == (["Changed meanwhile"], 0)
    assert f'name="was-{session.pk.hex}" value="2"' in page.content.decode()


def test_a_session_gone_meanwhile_is_said(client: Browser, counsellor: User) -> None:
    session = make_session(make_client(counsellor), in_days(10))
    sent = chosen(client.post(NEW, days()), "cancel")
    cancel_session(actor=counsellor, session=session, by="cancelled_by_client")
    page = client.post(NEW, sent)
    assert "1 session no longer stands in these days." in page.content.decode()
    assert client.post(NEW, chosen(page)).status_code == 302
    assert fresh(session).status == "cancelled_by_client"


def test_a_time_taken_meanwhile_is_said_at_its_session_and_offered_no_more(client: Browser, counsellor: User) -> None:
    session = make_session(make_client(counsellor), in_days(10))
    page = client.post(NEW, days())
    slot = page.context["choices"].rows[0].slots[0]
    sent = chosen(page, do_0=f"move:{slot.isoformat()}")
    make_session(make_client(counsellor), slot)
    page = client.post(NEW, sent)
    field = page.context["choices"][f"do-{session.pk.hex}"]
    assert field.errors == ["This time has been taken meanwhile. Please choose again."]
    assert f"move:{slot.isoformat()}" not in str(field)
    assert (fresh(session).version, TimeOff.unscoped.count()) == (1, 0)


@pytest.mark.parametrize(
    "said", ["move:", "move:never", "move:0001-01-01T00:00+14:00", "move:9999-12-31T23:59+00:00", "burn", "\0"]
)
def test_a_choice_that_was_not_offered_is_none(client: Browser, counsellor: User, said: str) -> None:
    session = make_session(make_client(counsellor), in_days(10))
    page = client.post(NEW, chosen(client.post(NEW, days()), do_0=said))
    assert list(page.context["choices"].errors) == [f"do-{session.pk.hex}"]
    assert TimeOff.unscoped.count() == 0


def test_somebody_elses_session_cannot_be_chosen_for(client: Browser, counsellor: User) -> None:
    other = make_session(starts_at=in_days(10))
    client.post(NEW, days(take="1") | {f"was-{other.pk.hex}": "1", f"do-{other.pk.hex}": "cancel"})
    client.post(NEW, days(take="1", rest="cancel") | {f"was-{uuid4().hex}": "1"})
    assert (fresh(other).status, TimeOff.unscoped.count()) == ("booked", 0)


# --- changed ------------------------------------------------------------------------------------------------
def test_a_longer_leave_looks_at_its_new_days(client: Browser, counsellor: User) -> None:
    row = make_leave(counsellor, day(10), day(13))
    make_session(make_client(counsellor), in_days(11))
    new = make_session(make_client(counsellor), in_days(14))
    page = client.post(f"/sessions/time-off/{row.pk}/", days(10, 14, version="1"))
    assert [each.session for each in page.context["choices"].rows] == [new]
    sent = chosen(page, "cancel") | days(10, 14, version="1")
    assert client.post(f"/sessions/time-off/{row.pk}/", sent).status_code == 302
    row.refresh_from_db()
    assert (row.label, row.version, fresh(new).status) == ("Lapland ❄️", 2, "cancelled_by_counsellor")


def test_removing_it_says_that_no_session_comes_back(client: Browser, counsellor: User) -> None:
    row = make_leave(counsellor, day(10), day(13))
    gone = make_session(make_client(counsellor), in_days(11), status="cancelled_by_counsellor")
    assert "It brings no session back" in client.get(f"/sessions/time-off/{row.pk}/").content.decode()
    answer = client.post(f"/sessions/time-off/{row.pk}/", {"remove": "1"})
    assert told(answer)[0].endswith("Sessions that were cancelled or moved for it stay as they are.")
    assert fresh(gone).status == "cancelled_by_counsellor"


@pytest.mark.parametrize(("first", "last"), [("2026-10-19", "2026-11-01"), ("2027-03-22", "2027-04-04")])
@time_machine.travel("2026-10-01T12:00:00Z", tick=True)
def test_a_fortnight_over_a_clock_change_stays_one_when_it_is_looked_at_again(
    client: Browser, counsellor: User, first: str, last: str
) -> None:
    client.force_login(counsellor)
    client.post(NEW, {"first_on": first, "last_on": last})
    form = client.get(f"/sessions/time-off/{TimeOff.visible_to(counsellor).get().pk}/").context["form"]
    assert (str(form["first_on"].value()), str(form["last_on"].value())) == (first, last)


@pytest.mark.parametrize("count", [1, 3])
def test_looking_at_three_sessions_takes_as_many_queries_as_at_one(
    client: Browser, counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    notices()
    for number in range(count):
        make_session(make_client(counsellor), in_days(10 + number), known="known")
    cache.forget()
    # The web session, the user; the sessions with their clients, the clients' keys; the free times after the leave
    # and before it, four each; what mail has told, the rules, the practice.
    with django_assert_num_queries(15):
        client.post(NEW, days())


@pytest.mark.parametrize("count", [1, 3])
def test_a_leave_with_three_sessions_takes_as_many_queries_as_with_one(
    client: Browser, counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = make_leave(counsellor, day(10), day(13))
    for number in range(count):
        make_session(make_client(counsellor), in_days(10 + number), status="cancelled_by_counsellor")
    cache.forget()
    # The web session, the user, the row, its counsellor's key, the sessions with their clients, their keys, their mail;
    # and what can be undone.
    with django_assert_num_queries(8):
        client.get(f"/sessions/time-off/{row.pk}/")
