"""Small charts of what a client noticed: a drawing, a sentence that judges nothing, and a table of the same figures.

Nothing here reads a row. A chart is text and numbers, the same on a page (exercises/_chart.html) and on paper.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from exercises import chart_words, drawing
from exercises.chart_words import figure, upper
from exercises.drawing import Frame, Label, Point, Shape

# No tone is a good or a bad one: neither green nor red is among them.
Tone = Literal["slate", "clay", "plum"]
_DASHES: dict[Tone, str] = {"slate": "", "clay": "8 5", "plum": "1.5 5"}
_DOTS: dict[Tone, str] = {"slate": "round", "clay": "square", "plum": "diamond"}
_MOST_DOTS = 8
_CIRCLES: dict[str, Tone] = {"Threat": "clay", "Drive": "slate", "Soothing": "plum"}


@dataclass(frozen=True)
class Series:
    """One line of a chart; values run from 0 to 10."""

    name: str
    tone: Tone
    points: tuple[tuple[date, float], ...]


@dataclass(frozen=True)
class Pair:
    """What was noted before and after one practice, from 0 to 10; either may be missing."""

    on: date
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Key:
    """What a sign in the drawing means; its path lies in a square of 16 units."""

    look: str
    d: str
    word: str


_PAIR_KEYS = (
    Key("chart-before", drawing.dot("round", 8, 8, 5), "before"),
    Key("chart-after", drawing.dot("round", 8, 8, 4.2), "after"),
)
_SESSION_KEY = Key("chart-session", "M8 2L8 14", "a session")


@dataclass(frozen=True)
class Row:
    """One line of the table; a value that was not given is a dash."""

    on: date
    values: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """All that `exercises/_chart.html` shows. `id` differs wherever the figures do."""

    title: str
    words: str
    scale: str
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]
    keys: tuple[Key, ...]
    head: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def id(self) -> str:
        return f"chart-{zlib.crc32(repr((self.title, self.rows)).encode()):08x}"

    @property
    def view_box(self) -> str:
        return f"0 0 {drawing.WIDTH} {drawing.HEIGHT}"


def circles_series(checks: Iterable[tuple[date, Mapping[str, float]]]) -> tuple[Series, ...]:
    """Return the three circles as lines: threat, drive and soothing, from the values of answers."""
    known = list(checks)
    return tuple(
        Series(name, tone, tuple((on, values[name.lower()]) for on, values in known if name.lower() in values))
        for name, tone in _CIRCLES.items()
    )


def line_chart(
    title: str,
    series: Sequence[Series],
    *,
    low: str = "",
    high: str = "",
    marks: Iterable[date] = (),
    noun: str = "practice",
) -> Chart | None:
    """Draw one line or some over dates; None where there is no point. `marks` are the days of sessions."""
    lines = [each for each in series if each.points]
    if not lines:
        return None
    unit, drawn = _draw_lines(lines)
    return _chart(
        title,
        chart_words.of_lines([(each.name, each.points) for each in lines], noun, unit),
        ends=(low, high),
        drawn=drawn,
        marks=marks,
        head=tuple(upper(each.name) for each in lines),
        rows=_merged(lines),
    )


def before_after_chart(
    title: str,
    pairs: Sequence[Pair],
    *,
    name: str = "Calm",
    low: str = "",
    high: str = "",
    marks: Iterable[date] = (),
    noun: str = "practice",
) -> Chart | None:
    """Draw for each practice a hollow dot before and a filled one after; None where nothing was noted."""
    given = sorted(
        (pair for pair in pairs if pair.before is not None or pair.after is not None), key=lambda pair: pair.on
    )
    if not given:
        return None
    unit, drawn = _draw_pairs(given)
    return _chart(
        title,
        chart_words.of_pairs(name, [(pair.on, pair.before, pair.after) for pair in given], noun, unit),
        ends=(low, high),
        drawn=drawn,
        marks=marks,
        keys=_PAIR_KEYS,
        head=("Before", "After"),
        rows=tuple(Row(pair.on, (figure(pair.before), figure(pair.after))) for pair in given),
    )


@dataclass(frozen=True)
class _Drawn:
    """What has been drawn into a frame, and the labels that stand under and beside it."""

    frame: Frame
    shapes: list[Shape]
    labels: list[Label]


def _draw_lines(series: Sequence[Series]) -> tuple[str, _Drawn]:
    """Return what one point sums up (drawing.too_many), and the lines with their dots and names."""
    # What lies over another leaves gaps: the whole line first, then the dashed ones.
    lines = sorted(series, key=lambda each: list(_DASHES).index(each.tone))
    sets: list[list[Point]] = [[(on, (value,)) for on, value in each.points] for each in lines]
    unit, many = drawing.too_many(max(sets, key=len)), len(lines) > 1
    placed = [drawing.averaged(points, unit) if unit else drawing.placed(points) for points in sets]
    frame = Frame.around((moment for points in placed for moment, _ in points), is_named=many)
    strokes: list[Shape] = []
    dots: list[Shape] = []
    ends = []
    for each, points in zip(lines, placed, strict=True):
        look = f"tone-{each.tone}"
        places = [(frame.x(moment), frame.y(values[0] or 0)) for moment, values in points]
        strokes += drawing.line(f"chart-line {look}", places, _DASHES[each.tone])
        # Among lines that cross each other, many dots hide which is which.
        dotted = places if not many or len(places) <= _MOST_DOTS else places[-1:]
        radius = 4.2 if len(dotted) <= 20 else 2.8
        dots += [Shape(f"chart-dot {look}", drawing.dot(_DOTS[each.tone], *at, radius)) for at in dotted]
        ends.append((each.name, f"chart-name {look}", *places[-1]))
    names, leaders = drawing.end_labels(ends) if many else ([], [])
    dates = drawing.date_labels(frame, [on for points in sets for on, _ in points])
    return unit, _Drawn(frame, [*leaders, *strokes, *reversed(dots)], [*dates, *names])


def _draw_pairs(pairs: Sequence[Pair]) -> tuple[str, _Drawn]:
    """Return what one point sums up (drawing.too_many), and the dots before and after with the step between."""
    points: list[Point] = [(pair.on, (pair.before, pair.after)) for pair in pairs]
    unit = drawing.too_many(points)
    placed = drawing.averaged(points, unit) if unit else drawing.placed(points)
    frame = Frame.around((moment for moment, _ in placed), is_named=False)
    radius = 4.6 if len(placed) <= 20 else 3.2
    shapes = [shape for moment, values in placed for shape in _steps(frame, moment, values, radius)]
    return unit, _Drawn(frame, shapes, drawing.date_labels(frame, [pair.on for pair in pairs]))


def _steps(frame: Frame, moment: float, values: tuple[float | None, ...], radius: float) -> list[Shape]:
    """Return the thin line from before to after, and both dots; where they are equal one lies in the other."""
    x = frame.x(moment)
    before, after = (None if value is None else frame.y(value) for value in values)
    shapes = []
    if before is not None and after is not None:
        shapes += drawing.line("chart-step", [(x, before), (x, after)], "")
    if before is not None:
        shapes.append(Shape("chart-before", drawing.dot("round", x, before, radius)))
    if after is not None:
        shapes.append(Shape("chart-after", drawing.dot("round", x, after, radius * 0.78)))
    return shapes


def _chart(
    title: str,
    words: str,
    *,
    ends: tuple[str, str],
    drawn: _Drawn,
    marks: Iterable[date],
    head: tuple[str, ...],
    rows: tuple[Row, ...],
    keys: tuple[Key, ...] = (),
) -> Chart:
    ticks = drawing.session_ticks(drawn.frame, marks)
    return Chart(
        title=title,
        words=words,
        scale=f"0 is {ends[0]}, 10 is {ends[1]}" if all(ends) else "From 0 to 10",
        shapes=(*drawing.grid(drawn.frame), *ticks, *drawn.shapes),
        labels=(*drawing.scale_labels(drawn.frame), *drawn.labels),
        keys=(*keys, *([_SESSION_KEY] if ticks else [])),
        head=head,
        rows=rows,
    )


def _merged(lines: Sequence[Series]) -> tuple[Row, ...]:
    """Return one row for each practice; those of one day stay apart in their order."""
    rows: dict[tuple[date, int], dict[str, float]] = defaultdict(dict)
    for each in lines:
        seen: dict[date, int] = defaultdict(int)
        for on, value in each.points:
            rows[on, seen[on]][each.name] = value
            seen[on] += 1
    return tuple(Row(on, tuple(figure(rows[on, at].get(each.name)) for each in lines)) for on, at in sorted(rows))
