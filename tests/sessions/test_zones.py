"""The time zone in a calendar file, read by another library than the one that wrote it."""

import io
import warnings
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sessions.zones import YEARS, vtimezone

ZONES = [
    "Europe/London", "Europe/Lisbon", "Europe/Dublin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Africa/Casablanca", "America/Sao_Paulo",
]  # fmt: skip


def text_of(name: str, year: int = 2026) -> str:
    return str(vtimezone(ZoneInfo(name), year).to_ical(), "utf-8")


def read(name: str, year: int) -> tzinfo | None:
    # dateutil reads no folded RDATE by itself, and asks whether it should unfold.
    unfolded = text_of(name, year).replace("\r\n ", "")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return tzical(io.StringIO(unfolded)).get(name)


@settings(deadline=None)
@given(
    name=st.sampled_from(ZONES),
    year=st.integers(2007, 2040),
    minutes=st.integers(0, YEARS * 365 * 24 * 60 - 1),
)
def test_a_reader_that_knows_no_zone_shows_the_same_clock(name: str, year: int, minutes: int) -> None:
    moment = datetime(year, 1, 2, tzinfo=UTC) + timedelta(minutes=minutes)
    wall = moment.astimezone(ZoneInfo(name))
    assume(wall.replace(fold=0).utcoffset() == wall.replace(fold=1).utcoffset())
    assert wall.replace(tzinfo=read(name, year)).utcoffset() == wall.utcoffset()


def test_london_is_two_rules() -> None:
    text = text_of("Europe/London")
    assert "DTSTART:20260329T010000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nTZNAME:BST" in text
    assert "DTSTART:20261025T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nTZNAME:GMT" in text
    assert text.count("RRULE") == 2


@pytest.mark.parametrize(("name", "parts"), [("Asia/Kathmandu", 1), ("Europe/Dublin", 3)])
def test_what_the_clocks_do_not_do_is_not_said(name: str, parts: int) -> None:
    text = text_of(name)
    assert text.count("TZOFFSETTO") == parts


def test_summer_is_the_time_ahead_also_where_the_law_says_otherwise() -> None:
    """Ireland's law has standard time in summer, which Outlook does not know."""
    daylight = text_of("Europe/Dublin").partition("BEGIN:DAYLIGHT")[2].partition("END:DAYLIGHT")[0]
    assert "TZNAME:IST" in daylight


def test_a_zone_without_a_rule_lists_its_days() -> None:
    text = text_of("Africa/Casablanca")
    assert "RDATE:2027" in text
    assert "RRULE" not in text
