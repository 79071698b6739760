from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from practice.models import Practice, User
from tests.factories import make_practice, make_user
from tests.sessions.factories import in_days
from tests.sessions.time import make_leave, make_time_off
from vault.services import cache

pytestmark = pytest.mark.django_db
PAGE = "/sessions/time-off/"


def test_what_lies_ahead_stands_in_order_with_ones_own_words(client: Browser, counsellor: User) -> None:
    today = timezone.localdate()
    make_leave(counsellor, today + timedelta(days=30), today + timedelta(days=43), label="Lapland ❄️")
    make_time_off(counsellor, in_days(2))
    make_time_off(counsellor, in_days(-2), label="Past")
    make_time_off(make_user(), in_days(2), label="Somebody else's")
    page = client.get(PAGE)
    assert [off.label.text for off in page.context["rows"]] == ["Dentist", "Lapland ❄️"]
    html = page.content.decode()
    assert ("Lapland ❄️" in html, "Somebody else" in html, "Past" in html) == (True, False, False)


def test_leave_that_has_begun_is_still_ahead(client: Browser, counsellor: User) -> None:
    today = timezone.localdate()
    row = make_leave(counsellor, today - timedelta(days=3), today)
    assert [off.row for off in client.get(PAGE).context["rows"]] == [row]
    assert client.get(f"{PAGE}?past=1").context["rows"] == []


def test_the_past_year_is_shown_on_request_the_latest_first(client: Browser, counsellor: User) -> None:
    for days, label in ((-400, "Long ago"), (-30, "A month ago"), (-2, "The other day"), (2, "Ahead")):
        make_time_off(counsellor, in_days(days), label=label)
    rows = client.get(f"{PAGE}?past=1").context["rows"]
    assert [off.label.text for off in rows] == ["The other day", "A month ago"]


@time_machine.travel("2026-11-28T12:00:00Z", tick=True)
def test_bank_holidays_of_the_nation_stand_beside_it(client: Browser, counsellor: User) -> None:
    client.force_login(counsellor)
    make_practice(nation=Practice.Nation.SCOTLAND)
    holidays = client.get(PAGE).context["holidays"]
    assert (holidays[date(2026, 12, 25)], holidays[date(2026, 11, 30)]) == ("Christmas Day", "Saint Andrew's Day")
    assert max(holidays) < date(2027, 11, 30)


def test_where_none_are_known_nothing_is_shown(client: Browser, counsellor: User) -> None:
    make_practice(nation=Practice.Nation.OTHER)
    assert "Bank holidays" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_three_take_as_many_queries_as_one(
    client: Browser, counsellor: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        make_time_off(counsellor, in_days(2 + number))
    cache.forget()
    # The web session, the user, the rows, the counsellor's key, the practice.
    with django_assert_num_queries(5):
        client.get(PAGE)
