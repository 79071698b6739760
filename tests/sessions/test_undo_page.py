"""The button that takes a deed back: what it says, and where it leads."""

from datetime import time, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from practice.models import User
from sessions import sentences
from sessions.models import ClientSession, DiaryChange, DiaryRules
from sessions.outlook import KEEP, Place
from sessions.recurrence import Rule
from sessions.series import Terms, book_series
from sessions.services import mark_outcome, move_session
from sessions.time_off import block_time
from sessions.undoing import LASTS, Row, change_of
from tests.factories import make_client, make_session, make_user
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


def test_the_page_of_what_was_changed_offers_it_as_long_as_it_can_be_undone(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    session = book(person, in_days(30))
    days = [in_days(20).date(), in_days(27).date()]
    series = book_series(
        actor=counsellor, client=person, rule=Rule(days[0], until_on=days[-1]),
        terms=Terms(Place(time(16), FIFTY), "phone"), choices=dict.fromkeys(days, KEEP),
    )  # fmt: skip
    off = block_time(actor=counsellor, label="", starts_at=in_days(31), ends_at=in_days(31, 11))
    pages: list[tuple[Row, str]] = [
        (session, f"/sessions/{session.pk}/"), (series, f"/sessions/series/{series.pk}/"),
        (off, f"/sessions/time-off/{off.pk}/"),
    ]  # fmt: skip
    for row, page in pages:
        html = client.get(page).content.decode()
        assert (html.count(f'action="{address(row)}"'), html.count("data-undo")) == (1, 1)
        assert "Undo the last change" in html
    DiaryChange.unscoped.update(made_at=timezone.now() - LASTS)  # no viewer: a test's own rows
    assert all("data-undo" not in client.get(page).content.decode() for _, page in pages)


def test_right_after_the_deed_it_is_offered_once(client: Browser, counsellor: User) -> None:
    session = book(make_client(counsellor), in_days(30))
    typed = {"starts_on": in_days(31).date().isoformat(), "clock_time": "10:00", "minutes": "50"}
    page = f"/sessions/{session.pk}/"
    warned = client.post(f"{page}move/", typed)
    if warned.status_code == 200:
        client.post(f"{page}move/", {**typed, "all_the_same": warned.context["form"].said_of})
    assert [client.get(page).content.decode().count("data-undo") for _ in range(2)] == [1, 1]


def test_what_another_has_done_is_not_offered(client: Browser, counsellor: User) -> None:
    session = book(make_client(counsellor), in_days(30))
    DiaryChange.unscoped.update(actor=make_user())  # no viewer: a test's own row
    assert "data-undo" not in client.get(f"/sessions/{session.pk}/").content.decode()


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
