from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from practice.templatetags.beside import local_clock, local_day, local_time, markdown, when

SUMMER = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


@time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False)
def test_a_moment_is_shown_by_the_practices_clock() -> None:
    assert local_time(SUMMER) == '<time datetime="2026-07-01T10:30:00+01:00">Wed 1 July, 10:30</time>'
    assert local_clock(SUMMER) == '<time datetime="2026-07-01T10:30:00+01:00">10:30</time>'


@time_machine.travel(datetime(2027, 1, 2, 12, tzinfo=UTC), tick=False)
def test_another_year_is_named() -> None:
    assert local_day(date(2026, 7, 1)) == '<time datetime="2026-07-01">Wed 1 July 2026</time>'


@time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False)
def test_the_day_of_a_late_moment_is_the_practices() -> None:
    assert local_day(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == '<time datetime="2026-07-01">Wed 1 July</time>'


def test_the_hour_that_comes_twice_says_which_it_is() -> None:
    # 31 October 2027: at 02:00 BST the clocks go back to 01:00 GMT.
    first, second = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 20, tzinfo=UTC)
    assert local_clock(first) == '<time datetime="2027-10-31T01:30:00+01:00">01:30 BST</time>'
    assert local_clock(second) == '<time datetime="2027-10-31T01:20:00+00:00">01:20 GMT</time>'
    assert when(second, "l j F, H:i") == "Sunday 31 October, 01:20 GMT"


@pytest.mark.parametrize(
    ("hour", "minute", "said"), [(23, 59, "00:59"), (0, 0, "01:00 BST"), (1, 59, "01:59 GMT"), (2, 0, "02:00")]
)
def test_the_hours_beside_it_are_said_as_ever(hour: int, minute: int, said: str) -> None:
    moment = datetime(2027, 10, 30 if hour == 23 else 31, hour, minute, tzinfo=UTC)
    assert when(moment, "H:i") == said


def test_in_spring_no_time_comes_twice() -> None:
    leap = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert [when(leap - timedelta(minutes=1), "H:i"), when(leap, "H:i")] == ["00:59", "02:00"]


def test_nothing_is_shown_for_nothing() -> None:
    assert [local_time(None), local_day(None)] == ["", ""]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*slowly* and **kindly**", "<p><em>slowly</em> and <strong>kindly</strong></p>\n"),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("# Start\n## Then", "<h2>Start</h2>\n<h3>Then</h3>\n"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![x](https://elsewhere.test/x.png)", "<p></p>\n"),
        ("[x](https://elsewhere.test)", '<p><a href="https://elsewhere.test" rel="noopener noreferrer">x</a></p>\n'),
        ("", ""),
    ],
)
def test_markdown_gives_clean_html(text: str, html: str) -> None:
    assert markdown(text) == html
