"""A question of each kind: what it keeps, what it refuses, and the line that says so."""

from collections.abc import Mapping
from typing import Any

import pytest

from exercises.answer_fields import KINDS, RESERVED, AnswerField, LibraryError, field_from

PARTS: dict[str, dict[str, Any]] = {
    "text": {},
    "long_text": {"in_patterns": True},
    "scale": {"low": "not at all", "high": "very"},
    "before_after": {"low": "not at all", "high": "very"},
    "choice": {"options": ["Warm", "Flat"]},
    "tick": {"options": ["Warm", "Flat"]},
    "pair": {"left": "What the critic said", "right": "What a kind voice would say"},
    "circles": {},
    "timer": {"seconds": 60},
    "pacer": {"breath_in": 4, "breath_out": 6, "seconds": 120},
    "reading": {"text": "Some *words*."},
}
SECONDS = "(in seconds) is not a whole number from 2 to 12."
each_kind = pytest.mark.parametrize("kind", KINDS)
# A form of the authoring page posts all of them, whatever the kind.
EVERYTHING = {name: value for parts in PARTS.values() for name, value in parts.items()}


def question(kind: str, **changes: Any) -> dict[str, Any]:
    data = {"name": "one", "kind": kind, "label": "Which?", **PARTS[kind], **changes}
    return {name: value for name, value in data.items() if value is not None}


def refusal(data: Mapping[str, Any]) -> str:
    with pytest.raises(LibraryError) as refused:
        field_from(data, "Question 3")
    return str(refused.value)


@each_kind
def test_each_kind_keeps_its_parts_and_is_the_same_after_it_was_stored(kind: str) -> None:
    field = field_from(question(kind, help="Few words.", required=False), "here")
    kept = {name: list(value) if name == "options" else value for name, value in field.as_json().items()}
    assert {name: kept[name] for name in PARTS[kind]} == PARTS[kind]
    assert (field.help, AnswerField.from_json(field.as_json())) == ("Few words.", field)


@each_kind
def test_parts_of_other_kinds_are_left_out(kind: str) -> None:
    assert field_from(question(kind, **{**EVERYTHING, **PARTS[kind]}), "here").as_json() == {
        **field_from(question(kind), "here").as_json(),
        **({"in_patterns": True} if kind in ("text", "long_text", "pair") else {}),
    }


def test_a_timer_a_pacer_and_a_text_to_read_ask_nothing_and_so_demand_nothing() -> None:
    fields = [field_from(question(kind, required=True), "here") for kind in KINDS]
    silent = {"timer", "pacer", "reading"}
    assert {field.kind for field in fields if not field.has_answer} == silent
    assert {field.kind for field in fields if not field.required} == silent


def test_a_pair_is_always_among_the_patterns_and_a_text_where_it_says_so() -> None:
    assert field_from(question("pair", in_patterns=False), "here").in_patterns
    texts = [field_from(question("text", in_patterns=is_in), "here") for is_in in (True, False)]
    assert [field.in_patterns for field in texts] == [True, False]


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        ("text", {"label": " "}, "Question 3, one: the label is missing."),
        ("text", {"name": "no such name"}, "Question 3: “no such name” cannot be a field's name."),
        ("text", {"name": "_one"}, "Question 3: “_one” cannot be a field's name."),
        ("text", {"colour": "red"}, "Question 3: a question has no part called “colour”."),
        ("scale", {"low": None}, "Question 3, one: the word for 0 is missing."),
        ("before_after", {"high": ""}, "Question 3, one: the word for 10 is missing."),
        ("choice", {"options": ["Warm"]}, "Question 3, one: it needs two options or more."),
        ("tick", {"options": ["Warm", "Warm"]}, "Question 3, one: two options have the same name."),
        ("tick", {"options": None}, "Question 3, one: `options` is missing or is not a list."),
        ("pair", {"left": ""}, "Question 3, one: the label of the first box is missing."),
        ("pair", {"right": 7}, "Question 3, one: the label of the second box is missing."),
        ("timer", {"seconds": 9}, "Question 3, one: the length in seconds is not a whole number from 10 to 1800."),
        ("timer", {"seconds": 1801}, "Question 3, one: the length in seconds is not a whole number from 10 to 1800."),
        ("timer", {"seconds": True}, "Question 3, one: the length in seconds is not a whole number from 10 to 1800."),
        ("pacer", {"breath_in": 1}, f"Question 3, one: the breath in {SECONDS}"),
        ("pacer", {"breath_out": 7.5}, f"Question 3, one: the breath out {SECONDS}"),
        ("reading", {"text": "\n"}, "Question 3, one: the text to read is missing."),
    ],
)  # fmt: skip
def test_what_is_amiss_is_said_in_one_line(kind: str, changes: dict[str, Any], said: str) -> None:
    assert refusal({**question(kind), **changes}) == said


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    assert refusal(question("text") | {"kind": "slider"}).startswith(
        "Question 3: the kind “slider” is not one of text,"
    )


@pytest.mark.parametrize("name", RESERVED)
def test_the_closing_questions_names_are_taken_but_an_older_version_may_have_them(name: str) -> None:
    assert refusal(question("text", name=name)) == (
        f"Question 3: “{name}” is asked at the end of every exercise by itself."
    )
    assert AnswerField.from_json(question("text", name=name)).name == name
