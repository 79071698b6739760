"""The four questions that close every exercise."""

import pytest

from exercises.answer_fields import RESERVED, AnswerField
from exercises.closing import CLOSING, asked
from tests.exercises.factories import make_version


def test_the_closing_questions_are_those_whose_names_are_taken() -> None:
    assert tuple(field.name for field in CLOSING) == RESERVED
    assert [AnswerField.from_json(field.as_json()) for field in CLOSING] == list(CLOSING)


def test_half_done_and_tried_are_full_answers_and_none_is_asked_for() -> None:
    assert CLOSING[0].options == ("I did it", "I did some of it", "I gave it a try")
    assert [field.name for field in CLOSING if field.required] == []


@pytest.mark.django_db
def test_they_follow_an_exercises_own_questions() -> None:
    line = {"name": "line", "kind": "text", "label": "What did it say?"}
    assert [field.name for field in asked(make_version(fields=[line]))] == ["line", *RESERVED]
    assert [field.name for field in asked(make_version(fields=[]))] == list(RESERVED)


@pytest.mark.django_db
def test_a_version_that_asks_one_of_them_itself_keeps_its_own_words() -> None:
    own = {"name": "how_far", "kind": "choice", "label": "How did it go?", "options": ["Well", "Not this time"]}
    questions = asked(make_version(fields=[own]))
    assert [field.name for field in questions] == list(RESERVED)
    assert questions[0].options == ("Well", "Not this time")
