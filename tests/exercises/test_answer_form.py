"""The client's form: a field for every kind of question, and values in the shape that an answer has."""

from typing import Any

import pytest
from django.http import QueryDict

from exercises.answer_form import AnswerForm, carried, plain, typed_of
from exercises.models import ExerciseVersion

LABELS: dict[str, dict[str, Any]] = {
    "text": {},
    "long_text": {"in_patterns": True},
    "scale": {"low": "not at all", "high": "very"},
    "before_after": {"low": "not calm", "high": "very calm"},
    "choice": {"options": ["Warm", "Flat"]},
    "tick": {"options": ["Calm", "Tears"]},
    "pair": {"left": "What the critic said", "right": "What a kind voice would say"},
    "circles": {},
    "timer": {"seconds": 60},
    "pacer": {"breath_in": 4, "breath_out": 6, "seconds": 120},
    "reading": {"text": "Read **slowly**."},
}


def version(*kinds: str, **more: Any) -> ExerciseVersion:
    fields = [{"name": kind, "kind": kind, "label": f"A {kind}", **LABELS[kind], **more} for kind in kinds]
    return ExerciseVersion(fields=fields)


def form(of: ExerciseVersion, **data: Any) -> AnswerForm:
    return AnswerForm({"sharing": "shared", **data}, version=of, counsellor_name="Rosemary")


@pytest.mark.parametrize(
    ("kind", "posted", "value"),
    [
        ("text", {"q_text": " a thought "}, "a thought"),
        ("long_text", {"q_long_text": "one\ntwo"}, "one\ntwo"),
        ("scale", {"q_scale": "0"}, 0),
        ("before_after", {"q_before_after-before": "3", "q_before_after-after": "6"}, {"before": 3, "after": 6}),
        ("before_after", {"q_before_after-after": "6"}, {"after": 6}),
        ("choice", {"q_choice": "Warm"}, "Warm"),
        ("tick", {"q_tick": ["Calm", "Tears"]}, ["Calm", "Tears"]),
        ("pair", {"q_pair-left": "lazy", "q_pair-right": "tired"}, {"left": "lazy", "right": "tired"}),
        ("pair", {"q_pair-right": "tired"}, {"right": "tired"}),
        (
            "circles",
            {"q_circles-threat": "7", "q_circles-drive": "0", "q_circles-soothing": "2"},
            {"threat": 7, "drive": 0, "soothing": 2},
        ),
    ],
)
def test_each_kind_gives_a_value_of_its_shape(kind: str, posted: dict[str, Any], value: Any) -> None:
    answered = form(version(kind), **posted)
    assert answered.is_valid()
    assert answered.values == {kind: value}


@pytest.mark.parametrize("kind", list(LABELS))
def test_each_kind_may_stay_empty(kind: str) -> None:
    answered = form(version(kind))
    assert (answered.is_valid(), answered.values) == (True, {})


@pytest.mark.parametrize("kind", ["text", "scale", "before_after", "choice", "tick", "pair", "circles"])
def test_what_is_required_is_asked_for_unless_it_is_only_said_that_it_was_done(kind: str) -> None:
    asked = version(kind, required=True)
    refused = form(asked)
    assert not refused.is_valid()
    assert [said for _, _, said in refused.refusals] == ["Please answer this one, even with a word."]
    assert form(asked, sharing="done_only").is_valid()
    assert AnswerForm({}, version=asked, counsellor_name="", is_draft=True).is_valid()


def test_before_stands_first_after_last_and_the_closing_behind_it() -> None:
    shown = AnswerForm(version=version("pacer", "before_after", "text"), counsellor_name="")
    assert [(part.question.name, part.phase) for part in shown.before] == [("before_after", "before")]
    assert [(part.question.name, part.phase) for part in shown.own] == [
        ("pacer", ""), ("text", ""), ("before_after", "after"),
    ]  # fmt: skip
    assert [part.question.name for part in shown.closing] == ["how_far", "helpful", "in_my_day", "in_the_way"]


def test_what_was_posted_is_taken_by_its_fields_alone() -> None:
    post = QueryDict("q_text=a&q_text=b&q_tick=Calm&q_other=x&values=y&sharing=kept&q_pair-left=%00l&q_pair=z")
    assert typed_of(post, version("text", "tick", "pair")) == {"q_text": "b", "q_tick": ["Calm"], "q_pair-left": "l"}


def test_a_box_that_nobody_ticked_is_empty_only_where_it_was_shown() -> None:
    assert typed_of(QueryDict("asked=q_tick"), version("tick")) == {"q_tick": []}
    assert typed_of(QueryDict(""), version("tick")) == {}


def test_a_page_in_between_carries_words_and_deed_and_never_a_code() -> None:
    post = QueryDict("deed=too_much&q_text=a&code=1985&version=3&x=y")
    assert carried(post, version("text")) == [("q_text", "a"), ("version", "3"), ("then", "too_much")]
    again = QueryDict("deed=open&then=too_much&q_text=a")
    assert carried(again, version("text")) == [("q_text", "a"), ("then", "too_much")]
    assert carried(QueryDict("deed=open&code=1985"), version("text")) == []


def test_half_a_character_becomes_a_question_mark() -> None:
    assert plain("a\ud800b\x00c\r\nd\re") == "a?bc\nd\ne"
