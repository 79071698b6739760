"""How long a record is kept, and by when a request is to be answered. Dates in, dates out; nothing is asked here."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

GROWN_UP = 18
# UK policies: a minor's record is kept to the 25th birthday, or the 26th where they were 17 at the end.
MINORS_UNTIL, SEVENTEEN_UNTIL = 25, 26
_SATURDAY = 5


@dataclass(frozen=True)
class Rule:
    """Until when a record is kept, from which day that is counted, and whether it is the rule for minors that says so.

    `until` is None where the date of birth does not open: then nobody can say.
    """

    until: date | None
    counted_from: date
    has_session: bool
    years: int
    is_minors: bool = False

    def is_ahead(self, today: date) -> bool:
        """Say whether the time still runs. Where nobody can say, it counts as running."""
        return self.until is None or self.until > today


def keep_until(last_on: date, born: date | None, years: int) -> date:
    """Return the first day on which a record need not be kept any longer.

    That is so many years after the last session; and where the client was a minor then, not before the birthday that
    the rule for minors names.
    """
    until = in_years(last_on, years)
    minors = minors_date(last_on, born)
    return until if minors is None else max(until, minors)


def minors_date(last_on: date, born: date | None) -> date | None:
    """Return the birthday up to which a minor's record is kept; None for somebody grown up, or of unknown age."""
    if born is None or last_on >= in_years(born, GROWN_UP):
        return None
    is_seventeen = last_on >= in_years(born, GROWN_UP - 1)
    return in_years(born, SEVENTEEN_UNTIL if is_seventeen else MINORS_UNTIL)


def in_years(day: date, years: int) -> date:
    """Return the same day so many years on. After 29 February it is 1 March where there is none: never a day early."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def answer_by(received_on: date) -> date:
    """Return the day by which a client's request is to be answered: UK GDPR, one calendar month.

    The corresponding day of the next month, or its last where it has none; a weekend rolls on to Monday. Public
    holidays are not known here, so the day may come out early, never late.
    """
    year, month = received_on.year + received_on.month // 12, received_on.month % 12 + 1
    day = date(year, month, min(received_on.day, monthrange(year, month)[1]))
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= _SATURDAY else 0)
