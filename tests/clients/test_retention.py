"""The rule for keeping records, and the month in which a request is answered."""

from datetime import date

import pytest

from clients.retention import Rule, answer_by, in_years, keep_until


@pytest.mark.parametrize(
    ("last_on", "born", "years", "until"),
    [
        (date(2026, 3, 9), None, 7, date(2033, 3, 9)),
        (date(2026, 3, 9), None, 5, date(2031, 3, 9)),
        (date(2026, 3, 9), date(1990, 5, 2), 7, date(2033, 3, 9)),
        # 29 February: never a day early.
        (date(2024, 2, 29), None, 7, date(2031, 3, 1)),
        (date(2024, 2, 29), None, 8, date(2032, 2, 29)),
        # Sixteen at the end: the 25th birthday.
        (date(2026, 3, 9), date(2010, 1, 20), 7, date(2035, 1, 20)),
        # Seventeen at the end: the 26th.
        (date(2026, 3, 9), date(2008, 3, 10), 7, date(2034, 3, 10)),
        (date(2026, 3, 9), date(2009, 3, 9), 7, date(2035, 3, 9)),
        (date(2026, 3, 8), date(2009, 3, 9), 7, date(2034, 3, 9)),
        # Eighteen on the very day is grown up.
        (date(2026, 3, 9), date(2008, 3, 9), 7, date(2033, 3, 9)),
        # A longer rule of the insurer's holds for minors, too.
        (date(2026, 3, 9), date(2009, 1, 1), 12, date(2038, 3, 9)),
        # Born on 29 February: of age on 1 March.
        (date(2026, 2, 28), date(2008, 2, 29), 7, date(2034, 3, 1)),
        (date(2026, 3, 1), date(2008, 2, 29), 7, date(2033, 3, 1)),
        (date(2020, 6, 1), date(2008, 2, 29), 7, date(2033, 3, 1)),
    ],
)
def test_a_record_is_kept_until(last_on: date, born: date | None, years: int, until: date) -> None:
    assert keep_until(last_on, born, years) == until


def test_years_go_on_from_day_to_day() -> None:
    assert in_years(date(2026, 12, 31), 1) == date(2027, 12, 31)


@pytest.mark.parametrize(
    ("received_on", "by"),
    [
        (date(2026, 9, 3), date(2026, 10, 5)),  # a Saturday rolls on
        (date(2026, 9, 4), date(2026, 10, 5)),  # a Sunday too
        (date(2026, 11, 23), date(2026, 12, 23)),
        (date(2026, 3, 31), date(2026, 4, 30)),  # no 31 April
        (date(2027, 1, 29), date(2027, 3, 1)),  # 28 February is a Sunday
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2026, 12, 15), date(2027, 1, 15)),
    ],
)
def test_a_request_is_answered_within_a_calendar_month(received_on: date, by: date) -> None:
    assert answer_by(received_on) == by


def test_a_rule_that_nobody_can_work_out_counts_as_running() -> None:
    today = date(2026, 3, 9)
    unknown = Rule(None, counted_from=today, has_session=True, years=7)
    over = Rule(today, counted_from=today, has_session=True, years=7)
    assert (unknown.is_ahead(today), over.is_ahead(today)) == (True, False)
