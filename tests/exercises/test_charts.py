"""Small charts: what is drawn where, what is said in words, and the table of the same figures."""

import re
from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string

from exercises.charts import Chart, Pair, Series, before_after_chart, circles_series, line_chart
from exercises.drawing import LABEL_GAP, apart

SEPTEMBER = date(2025, 9, 3)
NOVEMBER = date(2025, 11, 12)


def helpful(*points: tuple[date, float]) -> Chart:
    chart = line_chart("Helpfulness", [Series("helpfulness", "slate", points)])
    assert chart is not None
    return chart


def calm(*pairs: Pair) -> Chart:
    chart = before_after_chart("Calm", pairs, low="stormy", high="calm")
    assert chart is not None
    return chart


def daily(count: int, every: int = 1) -> list[date]:
    return [SEPTEMBER + timedelta(days=every * number) for number in range(count)]


def paths(chart: Chart, look: str) -> list[str]:
    return [shape.d for shape in chart.shapes if shape.look.split()[0] == look]


def start(path: str) -> tuple[float, float]:
    found = re.match(r"M([\d.]+) ([\d.]+)", path)
    assert found is not None
    return float(found[1]), float(found[2])


def texts(chart: Chart, look: str) -> list[str]:
    return [label.text for label in chart.labels if label.look.split()[0] == look]


def test_nothing_to_draw_is_no_chart() -> None:
    assert line_chart("Helpfulness", [Series("helpfulness", "slate", ())]) is None
    assert before_after_chart("Calm", [Pair(SEPTEMBER, None, None)]) is None


def test_one_point_is_a_dot_and_no_line() -> None:
    chart = helpful((NOVEMBER, 6))
    assert (len(paths(chart, "chart-dot")), len(paths(chart, "chart-line"))) == (1, 0)
    assert texts(chart, "chart-axis") == ["0", "5", "10", "12 Nov"]
    assert chart.words == "Helpfulness was 6, in one practice, on 12 November."


def test_two_points_of_one_day_stand_beside_each_other() -> None:
    chart = helpful((SEPTEMBER, 3), (SEPTEMBER, 7))
    first, second = (start(path) for path in paths(chart, "chart-dot"))
    assert first != second
    assert abs(first[0] - second[0]) > 10
    assert [row.values for row in chart.rows] == [("3",), ("7",)]
    assert chart.words == "Helpfulness was 3 at first and 7 last, over two practices, on 3 September."


def test_points_stand_in_the_order_of_their_dates() -> None:
    chart = helpful((NOVEMBER, 9), (SEPTEMBER, 2))
    assert [row.values for row in chart.rows] == [("2",), ("9",)]
    assert chart.words == (
        "Helpfulness was 2 at first and 9 last, over two practices, from 3 September to 12 November."
    )


def test_the_scale_runs_from_0_at_the_foot_to_10() -> None:
    chart = calm(Pair(SEPTEMBER, 0, 10))
    base = start(paths(chart, "chart-base")[0])[1]
    assert [start(path)[1] for path in (*paths(chart, "chart-before"), *paths(chart, "chart-after"))] == [base, 14]
    assert chart.scale == "0 is stormy, 10 is calm"


def test_lines_are_told_apart_by_dashes_and_names() -> None:
    checks = [(day, {"threat": 7, "drive": 3, "soothing": 2}) for day in daily(3, every=7)]
    chart = line_chart("Three circles", circles_series(checks), noun="check-in")
    assert chart is not None
    assert len({shape.dash for shape in chart.shapes if "chart-line" in shape.look}) == 3
    assert texts(chart, "chart-name") == ["Threat", "Drive", "Soothing"]
    assert (chart.head, chart.rows[0].values) == (("Threat", "Drive", "Soothing"), ("7", "3", "2"))
    assert chart.words == (
        "Over three check-ins, from 3 September to 17 September: threat was 7 at first and 7 last, drive 3 and 3,"
        " soothing 2 and 2."
    )


def test_a_circle_that_was_left_empty_is_a_dash_in_the_table() -> None:
    checks = [(SEPTEMBER, {"threat": 7, "drive": 3}), (NOVEMBER, {"threat": 6, "drive": 3, "soothing": 4})]
    chart = line_chart("Three circles", circles_series(checks))
    assert chart is not None
    assert [row.values for row in chart.rows] == [("7", "3", "–"), ("6", "3", "4")]


@pytest.mark.parametrize("heights", [[184.0, 184.0, 184.0], [14.0, 14.0, 14.0], [90.0, 95.0, 180.0], [20.0]])
def test_names_of_lines_never_lie_over_each_other(heights: list[float]) -> None:
    moved = apart(heights)
    assert [b - a >= LABEL_GAP for a, b in zip(moved, moved[1:], strict=False)] == [True] * (len(heights) - 1)
    assert (min(moved) >= 14, max(moved) <= 184) == (True, True)


def test_calm_is_told_as_averages_and_the_last_day() -> None:
    pairs = [Pair(NOVEMBER - timedelta(days=7 * number), 4, 6) for number in range(5)]
    chart = calm(*pairs)
    assert chart.words == (
        "Calm was 4 before and 6 after on average, over five practices; the last was on 12 November."
    )
    assert [key.word for key in chart.keys] == ["before", "after"]
    assert len(paths(chart, "chart-step")) == 5


def test_a_calm_that_fell_is_told_in_the_same_words() -> None:
    assert calm(Pair(NOVEMBER, 6, 4)).words == "Calm was 6 before and 4 after, in one practice, on 12 November."


def test_what_was_noted_once_only_has_one_dot_and_no_step() -> None:
    chart = calm(Pair(SEPTEMBER, 5, None), Pair(SEPTEMBER, None, 7), Pair(NOVEMBER, 2, 3))
    assert [len(paths(chart, f"chart-{part}")) for part in ("before", "after", "step")] == [2, 2, 1]
    assert chart.words == (
        "Calm was 2 before and 3 after, in one practice; the last was on 12 November. Two more have one of the two."
    )
    assert [row.values for row in chart.rows] == [("5", "–"), ("–", "7"), ("2", "3")]


def test_two_hundred_points_are_drawn_as_averages_and_all_stand_in_the_table() -> None:
    chart = helpful(*((day, 5) for day in daily(200)))
    assert len(paths(chart, "chart-dot")) == 29
    assert len(chart.rows) == 200
    assert chart.words == (
        "Helpfulness was 5 at first and 5 last, over 200 practices, from 3 September 2025 to 21 March 2026."
        " Each point in the drawing is the average of a week; the table has them all."
    )


def test_over_years_a_point_is_a_month() -> None:
    chart = helpful(*((day, 5) for day in daily(120, every=7)))
    assert len(paths(chart, "chart-dot")) == 28
    assert chart.words.endswith("Each point in the drawing is the average of a month; the table has them all.")


def test_sessions_inside_the_drawing_are_quiet_ticks() -> None:
    days = [SEPTEMBER - timedelta(days=30), SEPTEMBER, SEPTEMBER + timedelta(days=7)]
    chart = line_chart("Helpfulness", [Series("helpfulness", "slate", ((SEPTEMBER, 3), (NOVEMBER, 4)))], marks=days)
    assert chart is not None
    assert len(paths(chart, "chart-session")) == 2
    assert [key.word for key in chart.keys] == ["a session"]


def test_dates_that_stand_close_share_one_label() -> None:
    chart = helpful((SEPTEMBER, 6), (SEPTEMBER + timedelta(days=1), 7))
    assert texts(chart, "chart-axis") == ["0", "5", "10", "3 Sep to 4 Sep"]


def test_everything_lies_inside_the_drawing() -> None:
    charts = [
        helpful(*((day, at % 11) for at, day in enumerate(daily(count, every))))
        for count, every in ((1, 1), (9, 9), (200, 1))
    ]
    places = [start(shape.d) for chart in charts for shape in chart.shapes]
    assert [(x, y) for x, y in places if not (0 <= x <= 420 and 0 <= y <= 224)] == []


def test_charts_with_other_figures_have_other_ids() -> None:
    assert helpful((SEPTEMBER, 6)).id != helpful((SEPTEMBER, 7)).id


def test_the_page_has_a_named_drawing_and_every_figure_in_a_table() -> None:
    chart = calm(Pair(SEPTEMBER, 5, 6), Pair(NOVEMBER, 2, 3))
    html = render_to_string("exercises/_chart.html", {"chart": chart})
    assert f'aria-labelledby="{chart.id}-title {chart.id}-desc"' in html
    assert re.findall(r'<(?:title|desc) id="([\w-]+)"', html) == [f"{chart.id}-title", f"{chart.id}-desc"]
    assert re.findall(r'<td class="num">(.*?)</td>', html) == ["5", "6", "2", "3"]
    assert re.findall(r"<time[^>]*>(.*?)</time>", html) == ["3 Sep 2025", "12 Nov 2025"]


def test_no_colour_of_a_chart_is_a_good_or_a_bad_one() -> None:
    html = render_to_string("exercises/_chart.html", {"chart": calm(Pair(SEPTEMBER, 5, 6))})
    assert re.findall(r"score|goal|better|worse|green|berry|style=", html) == []
