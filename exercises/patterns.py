"""Patterns in self-talk: what a client has shared over time, as pairs, as lines of a journal, and as figures.

Nothing here asks the database: who calls brings assignments with `answer` and `version`, and what was only said to be
done, or kept, is left out. One answer that does not open is left out and counted; the others stand.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, ClassVar

from exercises import charts
from exercises.answer_fields import AnswerField, LibraryError
from exercises.charts import Chart
from exercises.closing import asked
from exercises.models import Answer, Assignment, Sharing
from practice import clock
from vault.errors import VaultError

HELPFUL = "helpful"
_CIRCLES = ("threat", "drive", "soothing")
_NUMBERED = re.compile(r"q\d+", re.ASCII)


@dataclass(frozen=True)
class Pair:
    """Two boxes side by side: what the critic said, what a kind voice would say. Either may be empty."""

    on: date
    title: str
    left_label: str
    left: str
    right_label: str
    right: str
    is_pair: ClassVar[bool] = True


@dataclass(frozen=True)
class Line:
    """What was written in answer to one question of a journal."""

    on: date
    title: str
    label: str
    text: str
    is_pair: ClassVar[bool] = False


@dataclass
class Measure:
    """What was noted before and after, by one measure: questions of the same name and the same ends are one."""

    name: str
    label: str
    low: str
    high: str
    points: list[charts.Pair] = field(default_factory=list)


@dataclass
class History:
    """All that a client has shared, oldest first. `damaged`: how many answers did not open."""

    pairs: list[Pair] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    circles: list[tuple[date, dict[str, int]]] = field(default_factory=list)
    before_after: list[Measure] = field(default_factory=list)
    helpful: list[tuple[date, int]] = field(default_factory=list)
    damaged: int = 0

    @property
    def months(self) -> list[tuple[date, list[Pair | Line]]]:
        """Return pairs and lines together, by the first day of their months."""
        words: list[Pair | Line] = sorted([*self.pairs, *self.lines], key=lambda each: each.on)
        return [(first, list(group)) for first, group in groupby(words, key=lambda each: each.on.replace(day=1))]


@dataclass(frozen=True)
class _Reply:
    """One question that was answered."""

    on: date
    title: str
    question: AnswerField
    value: Any


def history(assignments: Iterable[Assignment]) -> History:
    """Open what was shared, each by itself, and sort it into words and figures. Mind the trail: this reads words."""
    found = History()
    shared = [answer for each in assignments if (answer := shared_answer(each)) is not None]
    for answer in sorted(shared, key=lambda each: each.sent_at):
        try:
            replies = list(_replies(answer))
        except (VaultError, LibraryError):
            found.damaged += 1
            continue
        for reply in replies:
            _sort_in(found, reply)
    return found


def shared_answer(assignment: Assignment) -> Answer | None:
    """Return what came back for an assignment where its words were shared."""
    answer: Answer | None = getattr(assignment, "answer", None)
    return answer if answer is not None and answer.sharing == Sharing.SHARED else None


def _replies(answer: Answer) -> Iterator[_Reply]:
    version, on = answer.assignment.version, clock.local(answer.sent_at).date()
    for question in asked(version):
        value = answer.values.get(question.name)
        if value not in (None, "", [], {}):
            yield _Reply(on, version.title, question, value)


def _sort_in(found: History, reply: _Reply) -> None:
    question, value = reply.question, reply.value
    match question.kind:
        case "pair":
            found.pairs.append(_pair(reply))
        case "text" | "long_text" if question.in_patterns:
            found.lines.append(Line(reply.on, reply.title, question.label, str(value)))
        case "circles":
            found.circles.append((reply.on, {part: value[part] for part in _CIRCLES if value.get(part) is not None}))
        case "before_after":
            point = charts.Pair(reply.on, value.get("before"), value.get("after"))
            _measure(found, question).points.append(point)
        case "scale" if question.name == HELPFUL:
            found.helpful.append((reply.on, value))


def _pair(reply: _Reply) -> Pair:
    question, value = reply.question, reply.value
    left, right = (str(value.get(part) or "") for part in ("left", "right"))
    return Pair(reply.on, reply.title, question.left, left, question.right, right)


def _key(name: str, label: str, low: str, high: str) -> tuple[str, ...]:
    """Return what makes two questions one measure. What somebody writes is named q1, q2 in every exercise."""
    return (name, label if _NUMBERED.fullmatch(name) else "", low, high)


def _measure(found: History, question: AnswerField) -> Measure:
    wanted = _key(question.name, question.label, question.low, question.high)
    for measure in found.before_after:
        if _key(measure.name, measure.label, measure.low, measure.high) == wanted:
            return measure
    measure = Measure(question.name, question.label, question.low, question.high)
    found.before_after.append(measure)
    return measure


def charts_of(found: History, *, marks: Iterable[date] = ()) -> list[Chart]:
    """Draw what there is: circles, each measure before and after, helpfulness. `marks` are the days of sessions."""
    days = list(marks)
    helpful = charts.Series("Helpfulness", "slate", tuple(found.helpful))
    drawn = [
        charts.line_chart(
            "Three circles",
            charts.circles_series(found.circles),
            low="small",
            high="large",
            marks=days,
            noun="check-in",
        ),
        *(_measure_chart(measure, days) for measure in found.before_after),
        charts.line_chart("How helpful it was", [helpful], low="not at all", high="very", marks=days),
    ]
    return [chart for chart in drawn if chart is not None]


def _measure_chart(measure: Measure, marks: list[date]) -> Chart | None:
    is_calm = measure.name == "calm"
    return charts.before_after_chart(
        "Calm, before and after" if is_calm else f"{measure.label.rstrip('?')}, before and after",
        measure.points,
        name="Calm" if is_calm else "This",
        low=measure.low,
        high=measure.high,
        marks=marks,
    )
