"""What a client has shared over time, as pairs, lines and figures."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clients.models import Client
from exercises.charts import Pair
from exercises.models import Answer, Assignment, ExerciseVersion, Sharing
from exercises.patterns import History, Line, Measure, charts_of, history
from exercises.patterns import Pair as Voices
from tests.exercises.factories import damage, make_assignment, make_version
from tests.factories import make_client

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
FIRST = datetime(2026, 9, 1, 18, 0, tzinfo=LONDON)
FIELDS = [
    {"name": "voices", "kind": "pair", "label": "Two voices", "left": "The critic", "right": "A kind voice"},
    {"name": "moved", "kind": "long_text", "label": "What moved you?", "in_patterns": True},
    {"name": "aside", "kind": "long_text", "label": "What happened?"},
    {"name": "word", "kind": "text", "label": "One word", "in_patterns": True},
    {"name": "circles", "kind": "circles", "label": "Your circles"},
    {"name": "calm", "kind": "before_after", "label": "How calm?", "low": "not at all", "high": "very"},
    {"name": "weight", "kind": "before_after", "label": "How heavy is it?", "low": "light", "high": "heavy"},
]


@pytest.fixture
def client() -> Client:
    return make_client()


@pytest.fixture
def version() -> ExerciseVersion:
    return make_version(title="Two chairs", fields=FIELDS)


def came_back(
    client: Client, version: ExerciseVersion, values: dict[str, Any], *, after: int = 0, sharing: str = Sharing.SHARED
) -> Assignment:
    """Return an assignment whose answer was sent so many days after the first."""
    shared = values if sharing == Sharing.SHARED else {}
    assignment = make_assignment(client, version=version, state=Assignment.State.DONE, answer=shared, sharing=sharing)
    Answer.unscoped.filter(assignment=assignment).update(sent_at=FIRST + timedelta(days=after))
    return assignment


def of(client: Client) -> History:
    return history(Assignment.unscoped.filter(client=client).select_related("answer", "version"))


def test_two_voices_stand_side_by_side_oldest_first(client: Client, version: ExerciseVersion) -> None:
    came_back(client, version, {"voices": {"left": "Too slow", "right": "You were tired"}}, after=7)
    came_back(client, version, {"voices": {"left": "Not again"}})
    assert of(client).pairs == [
        Voices(date(2026, 9, 1), "Two chairs", "The critic", "Not again", "A kind voice", ""),
        Voices(date(2026, 9, 8), "Two chairs", "The critic", "Too slow", "A kind voice", "You were tired"),
    ]


def test_lines_are_those_that_an_exercise_names(client: Client, version: ExerciseVersion) -> None:
    came_back(client, version, {"moved": "The quiet.", "aside": "A row.", "word": "harbour"})
    assert of(client).lines == [
        Line(date(2026, 9, 1), "Two chairs", "What moved you?", "The quiet."),
        Line(date(2026, 9, 1), "Two chairs", "One word", "harbour"),
    ]


def test_figures_are_dated_and_may_be_missing_in_part(client: Client, version: ExerciseVersion) -> None:
    came_back(client, version, {"circles": {"threat": 0, "soothing": 4}, "calm": {"before": 2}, "helpful": 0})
    came_back(client, version, {"calm": {"before": 3, "after": 6}, "weight": {"after": 1}, "helpful": 7}, after=1)
    found = of(client)
    assert found.circles == [(date(2026, 9, 1), {"threat": 0, "soothing": 4})]
    assert found.helpful == [(date(2026, 9, 1), 0), (date(2026, 9, 2), 7)]
    assert found.before_after == [
        Measure("calm", "How calm?", "not at all", "very",
                [Pair(date(2026, 9, 1), 2, None), Pair(date(2026, 9, 2), 3, 6)]),
        Measure("weight", "How heavy is it?", "light", "heavy", [Pair(date(2026, 9, 2), None, 1)]),
    ]  # fmt: skip


def test_an_older_version_with_its_own_words_for_a_measure_is_the_same_line(client: Client) -> None:
    for number, label in enumerate(["How calm?", "How settled?"]):
        asks = {"name": "calm", "kind": "before_after", "label": label, "low": "not at all", "high": "very"}
        came_back(client, make_version(f"e{number}", fields=[asks]), {"calm": {"after": number}}, after=number)
    (measure,) = of(client).before_after
    assert [point.after for point in measure.points] == [0, 1]


@pytest.mark.parametrize("sharing", [Sharing.DONE_ONLY, Sharing.KEPT])
def test_what_was_not_shared_is_no_part_of_it(client: Client, version: ExerciseVersion, sharing: str) -> None:
    assignment = came_back(client, version, {}, sharing=Sharing.DONE_ONLY)
    if sharing == Sharing.KEPT:
        Answer.unscoped.filter(assignment=assignment).update(sharing=sharing, kept=b"x", kept_by_link=assignment.pk)
    make_assignment(client, version=version)
    assert of(client) == History()


def test_one_damaged_answer_leaves_the_others(client: Client, version: ExerciseVersion) -> None:
    came_back(client, version, {"word": "lost"})
    damage("exercises_answer", '"values"')
    came_back(client, version, {"word": "found"}, after=1)
    found = of(client)
    assert ([line.text for line in found.lines], found.damaged) == (["found"], 1)


def test_nothing_shared_is_nothing_to_draw() -> None:
    assert (charts_of(History()), History().months) == ([], [])


def test_pairs_and_lines_stand_together_by_month(client: Client, version: ExerciseVersion) -> None:
    came_back(client, version, {"word": "rain"}, after=29)
    came_back(client, version, {"word": "harbour", "voices": {"left": "Too slow", "right": ""}}, after=31)
    months = [(first, [each.is_pair for each in words]) for first, words in of(client).months]
    assert months == [(date(2026, 9, 1), [False]), (date(2026, 10, 1), [True, False])]


def test_there_is_one_chart_for_each_kind_of_figure(client: Client, version: ExerciseVersion) -> None:
    figures = {"circles": {"threat": 5, "drive": 4, "soothing": 3}, "calm": {"before": 2, "after": 5}, "helpful": 6}
    came_back(client, version, {**figures, "weight": {"before": 7, "after": 3}})
    drawn = charts_of(of(client), marks=[date(2026, 9, 1)])
    assert [(chart.title, chart.scale) for chart in drawn] == [
        ("Three circles", "0 is small, 10 is large"),
        ("Calm, before and after", "0 is not at all, 10 is very"),
        ("How heavy is it, before and after", "0 is light, 10 is heavy"),
        ("How helpful it was", "0 is not at all, 10 is very"),
    ]
