"""The number of a session among those agreed, and the word that it is time to review."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from practice.models import User
from sessions import agreements
from sessions.agreements import Numbered
from sessions.models import Agreement, ClientSession, DiaryRules
from tests.factories import make_client, make_session

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 9, 1, 10, 0, tzinfo=ZoneInfo("Europe/London"))
SEPTEMBER = date(2026, 9, 1)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZoneInfo("Europe/London"))
Status = ClientSession.Status


def agreed(person: Client, sessions: int = 12, counts_from: date = SEPTEMBER) -> Client:
    Agreement.unscoped.create(client=person, sessions=sessions, counts_from=counts_from)
    return person


def weekly(person: Client, *statuses: str, first: datetime = FIRST) -> list[ClientSession]:
    return [make_session(person, first + timedelta(weeks=week), status=status) for week, status in enumerate(statuses)]


def test_what_took_place_is_ahead_or_was_not_attended_counts_and_cancelled_ones_do_not() -> None:
    person = agreed(make_client())
    rows = weekly(
        person, Status.ATTENDED, Status.CANCELLED_LATE, Status.DID_NOT_ATTEND, Status.CANCELLED_BY_CLIENT,
        Status.CANCELLED_BY_COUNSELLOR, Status.CONFIRMED, Status.BOOKED,
    )  # fmt: skip
    numbers = agreements.numbers_of(rows)
    assert [str(numbers.get(row.pk, "")) for row in rows] == ["1 of 12", "", "2 of 12", "", "", "3 of 12", "4 of 12"]


def test_it_counts_from_the_agreed_day_by_the_practices_clock() -> None:
    """23:30 UTC on 31 August is half past midnight on 1 September in London."""
    person = agreed(make_client())
    rows = weekly(person, "attended", "attended", first=datetime(2026, 8, 31, 22, 30, tzinfo=ZoneInfo("UTC")))
    late = make_session(person, datetime(2026, 8, 31, 23, 30, tzinfo=ZoneInfo("UTC")))
    numbers = agreements.numbers_of([*rows, late])
    assert [str(numbers.get(row.pk, "")) for row in [*rows, late]] == ["", "2 of 12", "1 of 12"]


def test_each_client_has_a_count_and_a_day_of_their_own(counsellor: User) -> None:
    one = agreed(make_client(counsellor), 6)
    two = agreed(make_client(counsellor), 20, SEPTEMBER + timedelta(days=1))
    none = make_client(counsellor)
    rows = [
        weekly(person, "attended", "booked", first=FIRST + timedelta(hours=number))[-1]
        for number, person in enumerate((one, two, none))
    ]
    numbers = agreements.numbers_of(rows)
    assert [str(numbers.get(row.pk, "")) for row in rows] == ["2 of 6", "1 of 20", ""]


@pytest.mark.parametrize(
    ("number", "agreed_on", "before", "words"),
    [
        (9, 12, 2, ""),
        (10, 12, 2, "Two sessions left of 12: a good moment to review."),
        (11, 12, 2, "One session left of 12: a good moment to review."),
        (12, 12, 2, "The last of 12 agreed: a good moment to review."),
        (13, 12, 2, "More than the 12 agreed: a good moment to agree anew."),
        (11, 12, 0, ""),
        (12, 12, 0, "The last of 12 agreed: a good moment to review."),
        (5, 20, 15, "15 sessions left of 20: a good moment to review."),
    ],
)
def test_a_review_is_suggested_when_the_number_nears(number: int, agreed_on: int, before: int, words: str) -> None:
    numbered = Numbered(number, agreed_on, before)
    assert (numbered.nudge, numbered.is_review_near) == (words, bool(words))


def test_how_near_is_the_practices_to_say() -> None:
    person = agreed(make_client(), 6)
    DiaryRules.objects.update(review_before=5)
    session = weekly(person, "booked")[0]
    numbered = agreements.number_of(session)
    assert numbered is not None
    assert numbered.nudge == "Five sessions left of 6: a good moment to review."


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_sessions_and_clients_takes_three_queries(
    count: int, counsellor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = []
    for number in range(count):
        person = agreed(make_client(counsellor))
        rows += weekly(person, *["attended"] * count, first=FIRST + timedelta(hours=number))
    with django_assert_num_queries(3):
        assert len(agreements.numbers_of(rows)) == count * count


def test_where_nothing_is_agreed_one_query_finds_that(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    rows = weekly(make_client(), "booked")
    with django_assert_num_queries(1):
        assert agreements.numbers_of(rows) == {}


def test_the_sessions_page_says_which_it_is_and_that_a_review_would_be_good(client: Browser, counsellor: User) -> None:
    person = agreed(make_client(counsellor), 3)
    first = weekly(person, "attended", "booked", "booked")[0]
    page = client.get(f"/sessions/{first.pk}/").content.decode()
    assert '<span class="session-number">1 of 3</span>' in page
    assert "Two sessions left of 3: a good moment to review." in page


def test_today_says_so_beside_todays_session(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        person = agreed(make_client(counsellor), 2, NOON.date())
        make_session(person, NOON + timedelta(hours=1))
        client.force_login(counsellor)
        page = client.get("/").content.decode()
    assert '<span class="session-number">1 of 2</span>' in page
    assert '<span class="nudge">One session left of 2: a good moment to review.</span>' in page


def test_the_record_says_how_far_it_has_come(client: Browser, counsellor: User) -> None:
    with time_machine.travel(NOON, tick=True):
        person = agreed(make_client(counsellor), 14)
        weekly(person, *["attended"] * 3, "cancelled_late", *["booked"] * 10)
        standing = agreements.standing_of(person)
        client.force_login(counsellor)
        page = " ".join(client.get(f"/clients/{person.pk}/").content.decode().split())
    assert standing is not None
    assert (standing.held, standing.ahead) == (12, 1)
    assert "12 of the 14 agreed so far, counted from" in page
    assert "; 1 more booked." in page
    assert f'href="/sessions/with/{person.pk}/">Agreement</a>' in page


def test_without_an_agreement_the_record_offers_to_make_one(client: Browser, counsellor: User) -> None:
    person = make_client(counsellor)
    assert agreements.standing_of(person) is None
    page = client.get(f"/clients/{person.pk}/").content.decode()
    assert f'href="/sessions/with/{person.pk}/">Agree a number</a>' in page
