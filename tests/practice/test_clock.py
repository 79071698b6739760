from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice import clock
from practice.clock import NoSuchTime
from practice.models import Practice

OFFICE = Practice(mail_from_time=time(8), mail_until_time=time(20))


def test_a_wall_clock_time_is_stored_in_utc() -> None:
    assert clock.at(date(2026, 7, 1), time(10)) == datetime(2026, 7, 1, 9, tzinfo=UTC)
    assert clock.at(date(2026, 12, 1), time(10)) == datetime(2026, 12, 1, 10, tzinfo=UTC)


def test_the_hour_that_the_clocks_leap_over_is_refused() -> None:
    with pytest.raises(NoSuchTime, match="01:30 does not exist on 2027-03-28"):
        clock.at(date(2027, 3, 28), time(1, 30))


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    assert clock.at(date(2026, 10, 25), time(1, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_midnight_is_the_practices() -> None:
    assert clock.start_of(date(2026, 7, 1)) == datetime(2026, 6, 30, 23, tzinfo=UTC)


def on(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "following", "preceding"),
    [
        (on(2, 7), on(2, 8), on(1, 20)),
        (on(2, 8), on(2, 8), on(2, 8)),
        (on(2, 9), on(2, 9), on(2, 9)),
        (on(2, 20), on(2, 20), on(2, 20)),
        (on(2, 21), on(3, 8), on(2, 20)),
    ],
)
def test_mail_moves_into_the_mail_hours(moment: datetime, following: datetime, preceding: datetime) -> None:
    assert clock.next_mail_moment(moment, OFFICE) == following
    assert clock.last_mail_moment(moment, OFFICE) == preceding


@settings(deadline=None)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))
def test_whatever_the_moment_mail_leaves_within_the_hours_and_within_a_day(moment: datetime) -> None:
    after, before = clock.next_mail_moment(moment, OFFICE), clock.last_mail_moment(moment, OFFICE)
    assert timedelta(0) <= after - moment < timedelta(hours=14)
    assert timedelta(0) <= moment - before < timedelta(hours=14)
    assert time(8) <= clock.local(after).time() <= time(20)
    assert time(8) <= clock.local(before).time() <= time(20)
