"""Bank holidays of the practice's nation."""

from datetime import date
from functools import cache

import holidays

from practice.models import Practice

Nation = Practice.Nation
# ISO 3166-2:GB. Elsewhere Beside knows of none.
_SUBDIVISIONS: dict[str, str] = {
    Nation.ENGLAND: "ENG",
    Nation.WALES: "WLS",
    Nation.SCOTLAND: "SCT",
    Nation.NORTHERN_IRELAND: "NIR",
}


def name_on(day: date, nation: str) -> str:
    """Return what a bank holiday is called; "" on any other day."""
    return _of_year(day.year, nation).get(day, "")


def between(first: date, last: date, nation: str) -> dict[date, str]:
    """Return the bank holidays of these days, both included, with their names."""
    years = range(first.year, last.year + 1)
    found = {day: name for year in years for day, name in _of_year(year, nation).items()}
    return {day: found[day] for day in sorted(found) if first <= day <= last}


@cache
def _of_year(year: int, nation: str) -> dict[date, str]:
    """Return a year's bank holidays: to build one takes a third of a second, so they are kept."""
    if nation not in _SUBDIVISIONS:
        return {}
    return dict(holidays.country_holidays("GB", subdiv=_SUBDIVISIONS[nation], years=[year]))
