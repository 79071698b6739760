"""Where things stand in a calendar's column: by the clock downwards, and side by side where they overlap.

A place is told in classes of static/calendar-grid.css, since the pages' policy takes no inline style: `h9 m35 x0 y50 k1
n2` begins at 9:35, is 50 minutes long, and is the second of two beside each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

DAY = 24 * 60
# What is shorter is drawn as long as this, so that a word can be read in it.
SHORTEST_SHOWN = 15
MOST_LANES = 6


@dataclass(frozen=True)
class Span:
    """Minutes of a day: when something begins on the wall clock, and how long it lasts. It ends with the day."""

    start: int
    length: int

    @property
    def shown(self) -> int:
        """Return the minutes that it takes in a column."""
        return min(max(self.length, SHORTEST_SHOWN), DAY - self.start)

    @property
    def end(self) -> int:
        return self.start + self.shown

    def meets(self, other: "Span") -> bool:
        """Say whether they overlap, as they are drawn."""
        return self.start < other.end and other.start < self.end

    @property
    def css(self) -> str:
        """Return the classes that place it."""
        return f"{at(self.start)} {lasting(min(self.length, DAY - self.start))}"


def at(minute: int) -> str:
    """Return the classes of a moment of the day."""
    return f"h{minute // 60} m{minute % 60}"


def lasting(minutes: int) -> str:
    """Return the classes of a length."""
    return f"x{minutes // 60} y{minutes % 60}"


def side_by_side(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return for each span its lane and how many lanes there are; the spans come in order of their start."""
    placed: list[tuple[int, int]] = []
    ends: list[int] = []  # of what stands last in each lane of the present group
    group = 0  # where that group begins: spans that touch each other, directly or through others
    for number, span in enumerate(spans):
        if ends and span.start >= max(ends):
            placed[group:] = [(lane, len(ends)) for lane, _ in placed[group:]]
            group, ends = number, []
        free = next((lane for lane, end in enumerate(ends) if end <= span.start), len(ends))
        lane = min(free, MOST_LANES - 1)
        ends[lane : lane + 1] = [span.end]
        placed.append((lane, 0))
    placed[group:] = [(lane, len(ends)) for lane, _ in placed[group:]]
    return placed


def gaps(spans: Sequence[Span], first: int, last: int) -> list[Span]:
    """Return what the spans leave free between two minutes of the day; they come in order of their start."""
    free, reached = [], first
    for span in spans:
        if span.start > reached:
            free.append(Span(reached, min(span.start, last) - reached))
        reached = max(reached, span.start + span.length)
        if reached >= last:
            return free
    return [*free, Span(reached, last - reached)]
