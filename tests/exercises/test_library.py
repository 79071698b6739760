"""What ships: five exercises, one for each way, with words and questions that the program can use."""

from pathlib import Path
from typing import get_args

import pytest

from exercises.library import AnswerField, ExerciseText, Kind, LibraryError, shipped
from exercises.models import Exercise

SHIPPED = shipped()
GOOD = """
slug = "quiet"
way = "mindful"
position = 1
title = "Quiet"
purpose = "To arrive."
minutes = 5
steps = ["Sit."]
instead_of_breath = ""
care = "Slowly."
stop = "Stop."
sources = ["A book"]
[[fields]]
name = "sound"
kind = "choice"
label = "How was it?"
options = ["Warm", "Flat"]
"""


def read(folder: Path, text: str) -> list[ExerciseText]:
    (folder / "quiet.toml").write_text(text)
    return shipped(folder)


def test_there_is_one_exercise_for_each_way() -> None:
    assert sorted(text.way for text in SHIPPED) == sorted(Exercise.Way.values)
    assert [text.position for text in SHIPPED] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("text", SHIPPED, ids=lambda text: text.slug)
def test_each_takes_ten_minutes_or_less_and_has_its_words(text: ExerciseText) -> None:
    assert text.minutes <= 10
    assert all([text.title, text.purpose, text.care, text.stop, text.steps, text.sources])


@pytest.mark.parametrize("text", SHIPPED, ids=lambda text: text.slug)
def test_each_step_on_the_breath_comes_with_another_way(text: ExerciseText) -> None:
    is_on_breath = "breath" in " ".join(text.steps).lower()
    assert bool(text.instead_of_breath) == is_on_breath


@pytest.mark.parametrize("text", SHIPPED, ids=lambda text: text.slug)
def test_each_asks_how_helpful_it_was_and_forces_no_answer(text: ExerciseText) -> None:
    scale = next(field for field in text.fields if field.name == "helpful")
    assert (scale.kind, scale.low, scale.high) == ("scale", "not at all", "very")
    assert [field.name for field in text.fields if field.required] == []


def test_every_kind_of_question_is_asked_somewhere() -> None:
    assert {field.kind for text in SHIPPED for field in text.fields} == set(get_args(Kind))


def test_a_question_is_the_same_after_it_was_stored() -> None:
    for text in SHIPPED:
        assert tuple(AnswerField.from_json(field.as_json()) for field in text.fields) == text.fields


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (text,) = read(tmp_path, GOOD)
    assert (text.slug, text.fields[0].options) == ("quiet", ("Warm", "Flat"))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('way = "mindful"', 'way = "sideways"'),
        ("minutes = 5", "minutes = 11"),
        ("minutes = 5", 'minutes = "five"'),
        ("minutes = 5", "minutes = true"),
        ('title = "Quiet"', 'title = " "'),
        ('title = "Quiet"', ""),
        ('steps = ["Sit."]', "steps = []"),
        ('steps = ["Sit."]', "steps = [1]"),
        ('care = "Slowly."', ""),
        ('kind = "choice"', 'kind = "slider"'),
        ('kind = "choice"', 'kind = "scale"'),
        ('name = "sound"', 'name = "no such name"'),
        ('options = ["Warm", "Flat"]', 'options = ["Warm"]'),
        ('options = ["Warm", "Flat"]', 'options = ["Warm", "Warm"]'),
        ('slug = "quiet"', "slug = "),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused_by_name(tmp_path: Path, was: str, becomes: str) -> None:
    with pytest.raises(LibraryError, match=r"quiet\.toml"):
        read(tmp_path, GOOD.replace(was, becomes))


def test_two_questions_of_one_name_are_refused(tmp_path: Path) -> None:
    again = '[[fields]]\nname = "sound"\nkind = "text"\nlabel = "Again?"\n'
    with pytest.raises(LibraryError, match="two fields have the same name"):
        read(tmp_path, GOOD + again)


def test_two_exercises_of_one_slug_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(GOOD)
    with pytest.raises(LibraryError, match="same slug"):
        read(tmp_path, GOOD)
