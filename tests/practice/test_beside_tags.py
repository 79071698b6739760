from datetime import UTC, date, datetime

import pytest
import time_machine

from practice.templatetags.beside import local_clock, local_day, local_time, markdown

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
