"""What is best done before a session follows it: its day, its nudges, the end of a repetition."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from clients.models import Client
from exercises import following
from exercises.models import Assignment, Course, Mode
from sessions.models import ClientSession
from sessions.services import cancel_session, move_session
from tests.exercises import travel
from tests.exercises.beginning import DAILY, came, mails, start
from tests.exercises.factories import assign
from tests.exercises.plans import at
from tests.exercises.travel import Clock
from tests.factories import make_client, make_session

pytestmark = pytest.mark.django_db
FIFTY = timedelta(minutes=50)


@pytest.fixture
def monday() -> Iterator[Clock]:
    with travel.clock() as clock:
        yield clock


@pytest.fixture
def client(monday: Clock) -> Client:
    """Return a client who is seen on Friday and on the Friday after."""
    client = make_client()
    make_session(client, at(4, 15))
    make_session(client, at(11, 15))
    return client


def first_session() -> ClientSession:
    return ClientSession.unscoped.order_by("starts_at").select_related("client", "counsellor")[0]


def move(session: ClientSession, day: int, hour: int = 15) -> None:
    move_session(actor=session.counsellor, session=session, starts_at=at(day, hour), length=FIFTY)


def cancel(session: ClientSession) -> None:
    cancel_session(actor=session.counsellor, session=session, by=ClientSession.Status.CANCELLED_BY_CLIENT)


def given(client: Client, **fields: object) -> Assignment:
    values = {"due_on": date(2026, 3, 5), "send_at": at(0), "follows_session": True, "nudges": 1, **fields}
    return assign(client, **values)


def due_on() -> date:
    return Assignment.unscoped.get().due_on


def test_a_moved_session_takes_its_day_and_its_nudge_along(monday: Clock, client: Client) -> None:
    given(client)
    assert mails("exercise_nudge") == [("planned", "Wed 04 Mar 09:00", "")]
    move(first_session(), 7)
    monday.to(0, 12)
    assert (due_on(), mails("exercise_nudge")) == (date(2026, 3, 8), [("planned", "Sat 07 Mar 09:00", "")])


def test_a_session_that_comes_sooner_takes_them_along_too(monday: Clock, client: Client) -> None:
    given(client)
    move(first_session(), 2)
    monday.to(0, 12)
    assert (due_on(), mails("exercise_nudge")) == (date(2026, 3, 3), [("planned", "Tue 03 Mar 09:00", "")])


def test_of_a_cancelled_one_it_goes_to_the_next(monday: Clock, client: Client) -> None:
    given(client)
    cancel(first_session())
    monday.to(1)
    row = Assignment.unscoped.get()
    assert (row.due_on, row.before) == (date(2026, 3, 12), ClientSession.unscoped.latest("starts_at"))
    assert mails("exercise_nudge") == [("planned", "Wed 11 Mar 09:00", "")]


def test_without_another_session_all_stays_until_one_is_booked(monday: Clock) -> None:
    client = make_client()
    make_session(client, at(4, 15))
    given(client)
    cancel(first_session())
    monday.to(5)
    assert due_on() == date(2026, 3, 5)
    make_session(client, at(9, 15))
    monday.to(5, 10)
    assert due_on() == date(2026, 3, 10)


def test_a_session_booked_before_it_comes_first(monday: Clock, client: Client) -> None:
    given(client)
    make_session(client, at(3, 15))
    monday.to(0, 12)
    assert due_on() == date(2026, 3, 4)


def test_once_its_session_has_begun_it_is_asked_for_no_more(monday: Clock, client: Client) -> None:
    """What was not done before the session does not run after the client to the next one."""
    given(client, nudges=2)
    before = mails("exercise_nudge")
    for day in range(1, 10):
        monday.to(day, 18)
    assert (due_on(), mails("exercise_nudge")) == (date(2026, 3, 5), before)


def test_its_day_never_lies_before_its_mail(monday: Clock, client: Client) -> None:
    assign(client, due_on=date(2026, 3, 5), send_at=at(3), follows_session=True)
    move(first_session(), 2)
    monday.to(0, 12)
    assert (due_on(), mails("exercise_nudge")) == (date(2026, 3, 5), [])


def test_what_does_not_follow_stays(monday: Clock, client: Client) -> None:
    assign(client, due_on=date(2026, 3, 5), send_at=at(0))
    move(first_session(), 7)
    monday.to(0, 12)
    assert due_on() == date(2026, 3, 5)


def test_a_second_look_moves_nothing(monday: Clock, client: Client) -> None:
    given(client)
    move(first_session(), 7)
    assert (following.follow_sessions(), following.follow_sessions()) == (1, 0)


# --- until the next session ---------------------------------------------------------------------------------
def test_a_repetition_until_the_session_ends_on_its_eve(monday: Clock, client: Client) -> None:
    start(client, DAILY, until_session=True)
    for day in range(1, 7):
        monday.to(day)
    assert [day[:10] for _, day in came()] == ["Mon 02 Mar", "Tue 03 Mar", "Wed 04 Mar", "Thu 05 Mar"]
    assert Course.unscoped.get().state == "finished"


def test_a_repetition_follows_the_session_that_moved_away(monday: Clock, client: Client) -> None:
    start(client, DAILY, until_session=True)
    monday.to(1)
    move(first_session(), 7)
    for day in range(2, 9):
        monday.to(day)
    assert [day[:6] for _, day in came()] == ["Mon 02", "Tue 03", "Wed 04", "Thu 05", "Fri 06", "Sat 07", "Sun 08"]


def test_a_repetition_that_began_on_the_sessions_own_day_ends_with_it(monday: Clock) -> None:
    client = make_client()
    make_session(client, at(0, 15))
    make_session(client, at(7, 15))
    start(client, DAILY, until_session=True)
    for day, hour in ((0, 16), (1, 9), (2, 9)):
        monday.to(day, hour)
    assert (came(), Course.unscoped.get().state) == ([("step-1", "Mon 02 Mar 09:00")], "finished")


def test_the_step_before_a_session_follows_its_moves(monday: Clock, client: Client) -> None:
    start(client, Mode.BEFORE_SESSION)
    move(first_session(), 5)
    for day in range(1, 12):
        monday.to(day)
    assert came() == [("step-1", "Fri 06 Mar 09:00")]
