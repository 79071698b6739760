"""When a reminder is due: a pure function, so no row is saved here."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from outbox.services import Wanted
from practice.models import Practice
from sessions.models import ClientSession
from sessions.reminders import moment_of, wanted_reminders

DAY = timedelta(hours=24)


def practice(opens: time = time(8), closes: time = time(20)) -> Practice:
    return Practice(mail_from_time=opens, mail_until_time=closes)


def wanted_by(session: ClientSession, *rules: str, now: datetime, **more: Any) -> list[Wanted]:
    return wanted_reminders(session, rules=rules, practice=more.pop("practice", practice()), now=now, **more)


def session_at(starts_at: datetime, **fields: object) -> ClientSession:
    return ClientSession(id=uuid4(), starts_at=starts_at, ends_at=starts_at + timedelta(minutes=50), **fields)


def due(starts_at: datetime, now: datetime, rules: Practice | None = None) -> datetime | None:
    wanted = wanted_by(session_at(starts_at), "24h", practice=rules or practice(), now=now)
    return wanted[0].due_at if wanted else None


# In winter the practice's clock (Europe/London) is UTC, in summer an hour ahead.
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_it_is_due_the_lead_before_and_expires_when_the_session_begins() -> None:
    session = session_at(datetime(2026, 11, 24, 10, 0, tzinfo=UTC), revision=3)
    (wanted,) = wanted_by(session, "24h", now=NOW)
    assert wanted == Wanted("lead:24h", 3, session.starts_at - DAY, expires_at=session.starts_at)


@pytest.mark.parametrize(("rule", "name"), [("48h", "lead:48h"), ("90m", "lead:90m"), ("eve18:00", "eve:18:00")])
def test_the_mail_names_its_rule(rule: str, name: str) -> None:
    session = session_at(datetime(2026, 12, 24, 12, 0, tzinfo=UTC))
    assert wanted_by(session, rule, now=NOW)[0].rule == name


@pytest.mark.parametrize("status", [each for each in ClientSession.Status if each not in ClientSession.AHEAD])
def test_only_a_session_that_is_ahead_has_one(status: str) -> None:
    session = session_at(datetime(2026, 11, 24, 10, 0, tzinfo=UTC), status=status)
    assert wanted_by(session, "24h", now=NOW) == []


def test_each_rule_asks_for_one() -> None:
    session = session_at(datetime(2026, 11, 24, 15, 0, tzinfo=UTC))
    wanted = wanted_by(session, "90m", "24h", "eve18:30", "24h", now=NOW)
    assert [(each.rule, each.due_at) for each in wanted] == [
        ("lead:24h", datetime(2026, 11, 23, 15, 0, tzinfo=UTC)),
        ("eve:18:30", datetime(2026, 11, 23, 18, 30, tzinfo=UTC)),
        ("lead:90m", datetime(2026, 11, 24, 13, 30, tzinfo=UTC)),
    ]


@pytest.mark.parametrize("rules", [("2h", "eve22:00"), ("eve22:00", "2h")])
def test_of_rules_that_the_quiet_hours_put_on_one_minute_the_nearest_to_the_start_counts(
    rules: tuple[str, ...],
) -> None:
    # At 07:30 in the morning and at 22:00 no mail may leave: both fall back to 20:00.
    session = session_at(datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
    wanted = wanted_by(session, *rules, now=NOW)
    assert [(each.rule, each.due_at) for each in wanted] == [("lead:2h", datetime(2026, 11, 23, 20, 0, tzinfo=UTC))]


@pytest.mark.parametrize("rules", [("60m", "1h"), ("1h", "60m")])
def test_of_rules_that_say_the_same_one_counts(rules: tuple[str, ...]) -> None:
    session = session_at(datetime(2026, 11, 24, 15, 0, tzinfo=UTC))
    assert [each.rule for each in wanted_by(session, *rules, now=NOW)] == ["lead:60m"]


def test_no_rule_asks_for_none() -> None:
    assert wanted_by(session_at(datetime(2026, 11, 24, 15, 0, tzinfo=UTC)), now=NOW) == []


def test_of_rules_that_have_passed_none_is_made_up_for_while_another_is_ahead() -> None:
    session = session_at(NOW + timedelta(hours=30))
    assert [each.rule for each in wanted_by(session, "48h", "24h", now=NOW)] == ["lead:24h"]


def test_where_all_have_passed_the_last_of_them_is_made_up_for_once() -> None:
    session = session_at(NOW + timedelta(hours=5))
    assert [(each.rule, each.due_at) for each in wanted_by(session, "48h", "24h", now=NOW)] == [("lead:24h", NOW)]


def test_whoever_was_told_by_another_mail_since_gets_no_late_one() -> None:
    session = session_at(NOW + timedelta(hours=5))
    assert wanted_by(session, "24h", now=NOW, told_at=NOW) == []
    assert wanted_by(session, "24h", now=NOW, told_at=NOW - timedelta(hours=19)) == []
    assert len(wanted_by(session, "24h", now=NOW, told_at=NOW - timedelta(hours=20))) == 1


def test_whoever_was_reminded_already_gets_no_late_one() -> None:
    assert wanted_by(session_at(NOW + timedelta(hours=5)), "24h", now=NOW, may_be_late=False) == []


@pytest.mark.parametrize("rule", ["", "0h", "24", "24 h", "eve24:00", "eve7:00", "9999h", "-3h", "24h "])
def test_anything_else_is_no_rule(rule: str) -> None:
    with pytest.raises(ValueError, match="no rule"):
        moment_of(rule, NOW)


def test_the_evening_before_goes_by_the_wall_clock_over_a_change() -> None:
    # Sunday 28 March 2027 is an hour short: 09:00 UTC is 10:00 BST; the evening before is still in GMT.
    assert moment_of("eve18:00", datetime(2027, 3, 28, 9, 0, tzinfo=UTC)) == datetime(2027, 3, 27, 18, 0, tzinfo=UTC)
    assert moment_of("eve18:00", datetime(2027, 3, 29, 9, 0, tzinfo=UTC)) == datetime(2027, 3, 28, 17, 0, tzinfo=UTC)


def test_an_early_session_is_reminded_the_evening_before_the_quiet_hours() -> None:
    assert due(datetime(2026, 11, 24, 7, 30, tzinfo=UTC), NOW) == datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def test_a_late_session_is_reminded_when_the_quiet_hours_begin() -> None:
    assert due(datetime(2026, 11, 24, 21, 0, tzinfo=UTC), NOW) == datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def test_booked_inside_the_lead_it_is_due_now() -> None:
    assert due(NOW + timedelta(hours=5), NOW) == NOW


def test_booked_inside_the_lead_at_night_it_waits_for_the_morning() -> None:
    night = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    assert due(datetime(2026, 11, 21, 14, 0, tzinfo=UTC), night) == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def test_a_lead_moved_back_before_now_falls_to_the_next_allowed_moment() -> None:
    # Due at 20:00 the day before yesterday by the rule; it is 21:00, so the morning it is.
    evening = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    assert due(datetime(2026, 11, 24, 7, 30, tzinfo=UTC), evening) == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_there_is_none_when_no_allowed_moment_is_left_before_the_start() -> None:
    night = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    assert due(datetime(2026, 11, 21, 7, 50, tzinfo=UTC), night) is None
    assert due(datetime(2026, 11, 21, 8, 0, tzinfo=UTC), night) is None


def test_when_the_clocks_go_forward_the_lead_is_still_24_real_hours() -> None:
    # Sunday 28 March 2027, 10:00 BST is 09:00 UTC; 24 hours before, the clock shows 09:00 GMT.
    assert due(datetime(2027, 3, 28, 9, 0, tzinfo=UTC), NOW) == datetime(2027, 3, 27, 9, 0, tzinfo=UTC)


def test_when_the_clocks_go_back_the_lead_is_still_24_real_hours() -> None:
    # Sunday 31 October 2027, 10:00 GMT; 24 hours before, the clock shows 11:00 BST.
    assert due(datetime(2027, 10, 31, 10, 0, tzinfo=UTC), NOW) == datetime(2027, 10, 30, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_at", "expected"),
    [
        # 07:30 BST on the day of the change: the rule falls on 06:30 GMT the day before, so 20:00 GMT before that.
        (datetime(2027, 3, 28, 6, 30, tzinfo=UTC), datetime(2027, 3, 26, 20, 0, tzinfo=UTC)),
        # 21:30 GMT after the clocks went back: the rule falls on 22:30 BST the day before, so 20:00 BST.
        (datetime(2027, 10, 31, 21, 30, tzinfo=UTC), datetime(2027, 10, 30, 19, 0, tzinfo=UTC)),
    ],
    ids=["spring", "autumn"],
)
def test_quiet_hours_go_by_the_wall_clock_over_a_change(starts_at: datetime, expected: datetime) -> None:
    assert due(starts_at, NOW) == expected


@pytest.mark.parametrize(
    "starts", [datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)]
)
def test_both_half_past_ones_of_the_doubled_hour_are_reminded_24_hours_before(starts: datetime) -> None:
    any_hour = practice(opens=time(0), closes=time(23, 59))
    assert due(starts, NOW, any_hour) == starts - DAY


def test_a_mail_hour_that_the_clocks_leap_over_begins_after_the_leap() -> None:
    # Mail from 01:30; on 28 March 2027 that does not exist. Booked at 00:10 for 14:00 the same day.
    rules = practice(opens=time(1, 30), closes=time(20))
    now = datetime(2027, 3, 28, 0, 10, tzinfo=UTC)
    assert due(datetime(2027, 3, 28, 13, 0, tzinfo=UTC), now, rules) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
