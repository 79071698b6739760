"""What a chart says in words: figures and dates, and no opinion on them."""

from collections.abc import Sequence
from datetime import date
from statistics import fmean

from django.utils.dateformat import format as shown

_COUNTS = "no one two three four five six seven eight nine ten".split()


def of_lines(lines: Sequence[tuple[str, Sequence[tuple[date, float]]]], noun: str, unit: str) -> str:
    """Return the first and the last figure of each line; `unit` is what a drawn point sums up, if anything."""
    days = [on for _, points in lines for on, _ in points]
    over = _over(max(len(points) for _, points in lines), noun, days)
    told = [_ends(name, points, is_first=number == 0) for number, (name, points) in enumerate(lines)]
    if len(told) == 1:
        return f"{upper(told[0])}, {over}.{_summed_up(unit)}"
    return f"{upper(over)}: {', '.join(told)}.{_summed_up(unit)}"


def _ends(name: str, points: Sequence[tuple[date, float]], *, is_first: bool) -> str:
    """Return a line's first and last figure; what they are is said of the first line alone."""
    ordered = sorted(points, key=lambda point: point[0])
    first, last = figure(ordered[0][1]), figure(ordered[-1][1])
    if len(ordered) == 1:
        return f"{_lower(name)} {'was ' if is_first else ''}{first}"
    return f"{_lower(name)} was {first} at first and {last} last" if is_first else f"{_lower(name)} {first} and {last}"


def of_pairs(name: str, pairs: Sequence[tuple[date, float | None, float | None]], noun: str, unit: str) -> str:
    """Return the averages before and after of those practices that have both, and the last day."""
    both = [(before, after) for _, before, after in pairs if before is not None and after is not None]
    days = [on for on, _, _ in pairs]
    if not both:
        return f"{upper(name)} was noted either before or after, {_over(len(pairs), noun, days)}.{_summed_up(unit)}"
    before, after = (figure(fmean(values)) for values in zip(*both, strict=True))
    told = f"{upper(name)} was {before} before and {after} after"
    lone = len(pairs) - len(both)
    more = f" {upper(_count(lone))} more {'has' if lone == 1 else 'have'} one of the two." if lone else ""
    if len(pairs) == 1:
        return f"{told}, {_over(1, noun, days)}."
    over = f"in one {noun}" if len(both) == 1 else f"on average, over {_count(len(both))} {noun}s"
    return f"{told}{'' if len(both) > 1 else ','} {over}; the last was on {_day(days)}.{more}{_summed_up(unit)}"


def figure(value: float | None) -> str:
    """Return a value of 0 to 10 with one decimal where it needs one; a dash where it was not given."""
    return "–" if value is None else f"{value:.1f}".removesuffix(".0")


def _summed_up(unit: str) -> str:
    return f" Each point in the drawing is the average of a {unit}; the table has them all." if unit else ""


def _over(count: int, noun: str, days: Sequence[date]) -> str:
    if count == 1:
        return f"in one {noun}, on {_day(days)}"
    first, last = min(days), max(days)
    span = f"on {_day(days)}" if first == last else f"from {_day([first], last.year)} to {_day(days)}"
    return f"over {_count(count)} {noun}s, {span}"


def _day(days: Sequence[date], year: int = 0) -> str:
    """Return the last of these days, with its year where the others (or `year`) have another one."""
    years = {on.year for on in days} | ({year} if year else set())
    return shown(max(days), "j F" if len(years) == 1 else "j F Y")


def _count(number: int) -> str:
    return _COUNTS[number] if number < len(_COUNTS) else str(number)


def upper(text: str) -> str:
    """Return the text with a capital at its start."""
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
