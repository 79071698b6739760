"""The geometry of a small chart from 0 to 10 over dates: where things stand in a drawing 420 units wide."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from django.utils.dateformat import format as shown

WIDTH, HEIGHT = 420, 224
TOP, FOOT, LEFT = 14, 184, 36
# Room at the right for the names of lines, and for nothing but air.
NAMED, UNNAMED = 104, 10
# Days that the drawing spans at least: a few practices of one week do not look like a long way.
LEAST_DAYS = 6
# More points than this run into each other on a phone: averages of a week are drawn, or of a month.
MOST_POINTS = 40
LABEL_GAP = 20
DATE_GAP = 96

# Values in the order of their lines; one that was not given is None.
Point = tuple[date, tuple[float | None, ...]]


@dataclass(frozen=True)
class Shape:
    """A path, how it looks (a CSS class), and its dashes."""

    look: str
    d: str
    dash: str = ""


@dataclass(frozen=True)
class Label:
    """A word in the drawing; x and y are its foot."""

    look: str
    x: str
    y: str
    anchor: str
    text: str


@dataclass(frozen=True)
class Frame:
    """The field of the drawing: `first` and `days` in days, `right` in units."""

    first: float
    days: float
    right: float

    @classmethod
    def around(cls, moments: Iterable[float], *, is_named: bool) -> "Frame":
        """Return the frame that holds these moments (days as ordinals), in its middle where they are few."""
        known = list(moments)
        first, last = min(known), max(known)
        days = max(last - first, LEAST_DAYS)
        return cls((first + last - days) / 2, days, WIDTH - (NAMED if is_named else UNNAMED))

    def x(self, moment: float) -> float:
        start, end = LEFT + 12, self.right - 10
        return start + (moment - self.first) / self.days * (end - start)

    def y(self, value: float) -> float:
        return FOOT - min(max(value, 0), 10) / 10 * (FOOT - TOP)


def placed(points: Sequence[Point]) -> list[tuple[float, tuple[float | None, ...]]]:
    """Return the points with moments for dates; those of one day stand beside each other in their order."""
    points = sorted(points, key=lambda point: point[0])
    of_day, seen = Counter(on for on, _ in points), Counter[date]()
    result = []
    for on, values in points:
        result.append((on.toordinal() + seen[on] / of_day[on], values))
        seen[on] += 1
    return result


def too_many(points: Sequence[Point]) -> str:
    """Return what a drawn point must sum up: "week", "month", or nothing where each can be drawn."""
    if len(points) <= MOST_POINTS:
        return ""
    weeks = {_start(on, "week") for on, _ in points}
    return "week" if len(weeks) <= MOST_POINTS else "month"


def averaged(points: Sequence[Point], unit: str) -> list[tuple[float, tuple[float | None, ...]]]:
    """Return one point for each week or month, in the middle of its practices."""
    groups = defaultdict(list)
    for on, values in sorted(points, key=lambda point: point[0]):
        groups[_start(on, unit)].append((on, values))
    return [
        (
            fmean(on.toordinal() for on, _ in group),
            tuple(_mean(of_line) for of_line in zip(*(values for _, values in group), strict=True)),
        )
        for group in groups.values()
    ]


def _start(on: date, unit: str) -> date:
    return on - timedelta(days=on.weekday()) if unit == "week" else on.replace(day=1)


def _mean(values: Iterable[float | None]) -> float | None:
    given = [value for value in values if value is not None]
    return fmean(given) if given else None


def grid(frame: Frame) -> list[Shape]:
    """Return the lines at 0, 5 and 10."""
    looks = {0: "chart-base", 5: "chart-grid", 10: "chart-grid"}
    return [Shape(look, _path([(LEFT, frame.y(at)), (frame.right, frame.y(at))])) for at, look in looks.items()]


def scale_labels(frame: Frame) -> list[Label]:
    """Return the numbers beside the lines of the grid."""
    return [_label("chart-axis", LEFT - 10, frame.y(at) + 4.5, "end", str(at)) for at in (0, 5, 10)]


def session_ticks(frame: Frame, days: Iterable[date]) -> list[Shape]:
    """Return a short tick under the base line for each session that lies inside the drawing."""
    inside = [on for on in sorted(set(days)) if frame.first - 0.5 <= on.toordinal() <= frame.first + frame.days + 0.5]
    places = [frame.x(on.toordinal()) for on in inside]
    return [Shape("chart-session", _path([(x, FOOT + 2), (x, FOOT + 8)])) for x in places]


def date_labels(frame: Frame, days: Sequence[date]) -> list[Label]:
    """Return the first and the last date under the drawing; one label for both where they stand too close."""
    first, last = min(days), max(days)
    form = "j M" if first.year == last.year else "j M Y"
    start, end, foot = frame.x(first.toordinal()), frame.x(last.toordinal()), HEIGHT - 10
    if first == last:
        return [_label("chart-axis", (start + end) / 2, foot, "middle", shown(first, form))]
    if end - start < DATE_GAP:
        text = f"{shown(first, form)} to {shown(last, form)}"
        return [_label("chart-axis", (start + end) / 2, foot, "middle", text)]
    return [
        _label("chart-axis", start - 5, foot, "start", shown(first, form)),
        _label("chart-axis", end + 5, foot, "end", shown(last, form)),
    ]


def line(look: str, places: Sequence[tuple[float, float]], dash: str) -> list[Shape]:
    """Return the line through these places; one place alone is no line."""
    return [Shape(look, _path(places), dash)] if len(places) > 1 else []


def dot(kind: str, x: float, y: float, radius: float) -> str:
    """Return the path of a dot: round, square, or a square on its corner."""
    if kind == "square":
        r = radius * 0.9
        return f"M{_n(x - r)} {_n(y - r)}h{_n(2 * r)}v{_n(2 * r)}h{_n(-2 * r)}z"
    if kind == "diamond":
        r = radius * 1.3
        return f"M{_n(x)} {_n(y - r)}l{_n(r)} {_n(r)}l{_n(-r)} {_n(r)}l{_n(-r)} {_n(-r)}z"
    arc = f"a{_n(radius)} {_n(radius)} 0 1 0"
    return f"M{_n(x - radius)} {_n(y)}{arc} {_n(2 * radius)} 0{arc} {_n(-2 * radius)} 0z"


def end_labels(ends: Sequence[tuple[str, str, float, float]]) -> tuple[list[Label], list[Shape]]:
    """Return the names of lines (text, look, x and y of the last point) beside their ends, none over another.

    A thin line leads from a point to a name that had to give way.
    """
    beside = max(x for _, _, x, _ in ends) + 20
    ordered = sorted(ends, key=lambda end: end[3])
    feet = apart([y for *_, y in ordered])
    labels = [_label(look, beside, y + 4.5, "start", text) for (text, look, _, _), y in zip(ordered, feet, strict=True)]
    leaders = [
        Shape("chart-leader", _path([(x + 6, was), (beside - 4, y)]))
        for (_, _, x, was), y in zip(ordered, feet, strict=True)
        if abs(was - y) > 2 or x < beside - 20
    ]
    return labels, leaders


def apart(heights: Sequence[float]) -> list[float]:
    """Move ascending heights just so far that LABEL_GAP lies between them and all stay inside the drawing."""
    moved: list[float] = []
    for height in heights:
        moved.append(max(height, moved[-1] + LABEL_GAP) if moved else height)
    most = float(FOOT)
    for number in range(len(moved) - 1, -1, -1):
        moved[number] = min(moved[number], most)
        most = moved[number] - LABEL_GAP
    return moved


def _label(look: str, x: float, y: float, anchor: str, text: str) -> Label:
    return Label(look, _n(x), _n(y), anchor, text)


def _path(places: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in places)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
