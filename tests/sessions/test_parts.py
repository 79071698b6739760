"""Parts of a week, by the practice's clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sessions import parts

LONDON = ZoneInfo("Europe/London")
FIFTY = timedelta(minutes=50)


def monday(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 7, 6, hour, minute, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([], "any time"),
        (["0-morning"], "Mon morning"),
        (["0-morning", "1-evening"], "Mon morning, Tue evening"),
        (["0-morning", "0-evening", "1-morning", "1-evening"], "Mon and Tue morning and evening"),
        ([f"{day}-evening" for day in range(5)], "Mon to Fri evening"),
        (["2-morning", "2-afternoon", "2-evening"], "Wed all day"),
        (["0-morning", "2-morning", "6-afternoon"], "Mon morning, Wed morning, Sun afternoon"),
    ],
)
def test_parts_are_said_in_few_words(times: list[str], words: str) -> None:
    assert parts.in_words(times) == words


def test_parts_are_kept_in_order_and_the_whole_week_is_any_time() -> None:
    assert parts.tidy(["1-evening", "0-morning", "1-evening"]) == ["0-morning", "1-evening"]
    assert parts.tidy(parts.KEYS) == []
    with pytest.raises(ValueError, match="no parts of a week"):
        parts.tidy(["0-morning", "7-morning"])


@pytest.mark.parametrize(
    ("start", "times", "does"),
    [
        (monday(9), [], True),
        (monday(9), ["0-morning"], True),
        (monday(9), ["1-morning", "0-afternoon"], False),
        (monday(11, 10), ["0-morning"], True),
        # The last five minutes lie in the afternoon.
        (monday(11, 15), ["0-morning"], False),
        (monday(11, 15), ["0-morning", "0-afternoon"], True),
        (monday(12), ["0-afternoon"], True),
        (monday(17), ["0-evening"], True),
        (monday(16, 45), ["0-evening"], False),
        (monday(23, 30), ["0-evening"], False),
        (monday(23, 30), ["0-evening", "1-morning"], True),
    ],
)
def test_all_of_a_session_has_to_suit(start: datetime, times: list[str], does: bool) -> None:
    assert parts.suits(times, start, FIFTY) == does


@pytest.mark.parametrize(
    ("start", "minutes", "times", "first"),
    [
        (monday(11), 120, [], monday(11)),
        (monday(11), 120, ["0-afternoon"], monday(12)),
        (monday(11), 100, ["0-afternoon"], None),
        (monday(11), 40, [], None),
        (monday(11), 60, ["1-morning"], None),
        (monday(11), 480, ["0-evening"], monday(17)),
    ],
)
def test_a_gap_is_taken_from_where_it_suits(
    start: datetime, minutes: int, times: list[str], first: datetime | None
) -> None:
    assert parts.first_that_suits(times, start, timedelta(minutes=minutes), FIFTY) == first
