"""The button that takes a deed back: what it says, and where it leads."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from practice.models import User
from sessions import sentences
from sessions.models import ClientSession, DiaryRules
from sessions.services import mark_outcome, move_session
from sessions.time_off import block_time
from sessions.undoing import Row, change_of
from tests.factories import make_client, make_session
from tests.sessions.factories import FIFTY, book, in_days
from tests.sessions.pages import told

pytestmark = pytest.mark.django_db
TAKEN_BACK = "Undone. Mail that was planned for it has been taken back."


def address(row: Row) -> str:
    change = change_of(row)
    assert change is not None
    return f"/sessions/undo/{change.pk}/"


def undone(browser: Browser, row: Row, page: str) -> tuple[str, list[str]]:
    response = browser.post(address(row), headers={"Referer": f"http://testserver{page}"})
    return response["Location"], told(response)


def test_an_undone_booking_leads_to_its_week(client: Browser, counsellor: User) -> None:
    session = book(make_client(counsellor), in_days(30))
    week = f"/sessions/?day={in_days(30).date().isoformat()}"
    assert undone(client, session, f"/sessions/{session.pk}/") == (week, [TAKEN_BACK])


def test_undone_blocked_time_leads_to_its_week(client: Browser, counsellor: User) -> None:
    row = block_time(actor=counsellor, label="", starts_at=in_days(30), ends_at=in_days(30, 11))
    week = f"/sessions/?day={in_days(30).date().isoformat()}"
    assert undone(client, row, f"/sessions/time-off/{row.pk}/") == (week, ["Undone."])


def test_what_still_is_there_stays_in_view(client: Browser, counsellor: User) -> None:
    session = book(make_client(counsellor), in_days(30))
    moved = move_session(actor=counsellor, session=session, starts_at=in_days(31), length=FIFTY)
    page = f"/sessions/{session.pk}/"
    assert undone(client, moved, page) == (page, [TAKEN_BACK])


def test_it_speaks_of_mail_only_where_some_was_planned(client: Browser, counsellor: User) -> None:
    begun = make_session(make_client(counsellor), in_days(-1))
    marked = mark_outcome(actor=counsellor, session=begun, outcome="attended")
    assert undone(client, marked, "/")[1] == ["Undone."]
    unreached = book(make_client(counsellor, may_email="no"), in_days(3))
    assert undone(client, unreached, "/")[1][-1] == "Undone."


@pytest.mark.parametrize(("minutes", "when"), [(0, " now"), (1, ", in a minute"), (10, ", in 10 minutes")])
def test_a_notice_without_delay_leaves_now(counsellor: User, minutes: int, when: str) -> None:
    rules = DiaryRules.current()
    rules.notify_booked, rules.notice_delay = True, timedelta(minutes=minutes)
    rules.save()
    session = book(make_client(counsellor), in_days(3))
    assert sentences.after_booking(ClientSession.visible_to(counsellor).get()).startswith(
        f"Session booked. A mail tells the client{when}."
    )
    assert session.is_ahead
