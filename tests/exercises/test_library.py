"""What ships: exercises for each way, kind in every word, with questions that the program can ask."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.demo.words import ANSWERS
from exercises.answer_fields import KINDS
from exercises.library import AnswerField, ExerciseText, LibraryError, shipped
from exercises.models import Exercise

SHIPPED = shipped()
each_exercise = pytest.mark.parametrize("text", SHIPPED, ids=lambda text: text.slug)
UNKIND = re.compile(r"\b(must|should|overdue|failed|fail|failure|streak|compliance|homework)\b|!", re.IGNORECASE)
HANDBOOK = (Path(__file__).parents[2] / "docs" / "exercises.md").read_text(encoding="utf-8")
LETTER = "compassionate-letter"
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


def what_clients_read(text: ExerciseText) -> Iterator[str]:
    yield from (text.title, text.purpose, *text.steps, text.instead_of_breath, text.stop)
    for field in text.fields:
        yield from (field.label, field.help, field.low, field.high, *field.options, field.left, field.right, field.text)


# --- what is there -------------------------------------------------------------------------------------
def test_at_least_fifteen_exercises_ship_and_every_way_has_one() -> None:
    assert len(SHIPPED) >= 15
    assert {text.way for text in SHIPPED} == set(Exercise.Way.values)


def test_the_five_ways_of_the_essay_come_first_and_then_what_is_already_here() -> None:
    ways = ["helpful", "mindful", "balance", "reflect", "act", "here"]
    assert [text.way for text in SHIPPED[:6]] == ways
    assert [text.position for text in SHIPPED] == list(range(1, len(SHIPPED) + 1))


def test_the_slugs_that_clients_were_given_before_are_still_there() -> None:
    before = {"kind-voice", "noticing", "balance", "reflect-and-write", "one-small-act"}
    assert before - {text.slug for text in SHIPPED} == set()


def test_what_is_already_here_looks_for_all_five_traits() -> None:
    (here,) = [text for text in SHIPPED if text.way == "here"]
    traits = ("Caring", "Attunement", "Staying with discomfort", "Seeking understanding", "Acceptance")
    assert [trait for trait in traits if f"**{trait}.**" not in " ".join(here.steps)] == []
    found = next(field for field in here.fields if field.name == "found")
    assert found.options[:5] == traits


def test_every_kind_of_question_is_asked_somewhere() -> None:
    assert {field.kind for text in SHIPPED for field in text.fields} == set(KINDS)


# --- each of them ---------------------------------------------------------------------------------------
@each_exercise
def test_each_has_all_its_words_and_takes_ten_minutes_or_less_save_the_letter(text: ExerciseText) -> None:
    assert text.minutes <= (20 if text.slug == LETTER else 10)
    assert all([text.title, text.purpose, text.care, text.stop, text.steps, text.sources, text.fields])
    assert 3 <= len(text.plan_prompts) <= 5


@each_exercise
def test_nothing_that_a_client_reads_presses_or_shames(text: ExerciseText) -> None:
    assert [words for words in what_clients_read(text) if UNKIND.search(words)] == []


@each_exercise
def test_the_counsellor_is_told_where_to_go_slowly_and_the_client_that_stopping_is_fine(text: ExerciseText) -> None:
    assert "go slowly" in text.care.lower()
    assert text.stop.endswith("The numbers at the foot of this page are there if you would like to talk to someone.")


@each_exercise
def test_each_that_is_on_the_breath_comes_with_another_way_and_no_other_does(text: ExerciseText) -> None:
    asked = " ".join([*text.steps, *(f"{field.kind} {field.label} {field.help}" for field in text.fields)]).lower()
    is_on_breath = "breath" in asked or "pacer" in asked
    assert bool(text.instead_of_breath) == is_on_breath


@each_exercise
def test_imagery_and_letters_want_to_be_practised_together(text: ExerciseText) -> None:
    assert text.wants_together == (text.way == "imagery" or text.slug == LETTER)


@each_exercise
def test_only_a_letter_is_kept_private_unless_the_client_shares_it(text: ExerciseText) -> None:
    assert text.stays_private == (text.slug == LETTER)


@each_exercise
def test_no_question_has_to_be_answered(text: ExerciseText) -> None:
    assert [field.name for field in text.fields if field.required] == []


@each_exercise
def test_the_demo_can_answer_every_question_in_words(text: ExerciseText) -> None:
    in_words = [field.name for field in text.fields if field.kind in ("text", "long_text")]
    assert [name for name in in_words if name not in ANSWERS] == []


@each_exercise
def test_a_question_is_the_same_after_it_was_stored(text: ExerciseText) -> None:
    assert tuple(AnswerField.from_json(field.as_json()) for field in text.fields) == text.fields


@each_exercise
def test_the_handbook_has_a_section_on_each_with_its_own_sources(text: ExerciseText) -> None:
    _, found, section = HANDBOOK.partition(f"\n## {text.title}\n\n`{text.slug}` · ")
    assert found != ""
    names = [re.split(r"[ ,]", source)[0] for source in text.sources]
    assert [name for name in names if name not in section.partition("\n## ")[0]] == []


# --- reading a file -------------------------------------------------------------------------------------
def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (text,) = read(tmp_path, GOOD)
    assert (text.slug, text.fields[0].options) == ("quiet", ("Warm", "Flat"))
    assert (text.plan_prompts, text.wants_together, text.stays_private) == ((), False, False)


@pytest.mark.parametrize("minutes", [1, 20, 30])
def test_an_exercise_may_take_up_to_half_an_hour(tmp_path: Path, minutes: int) -> None:
    (text,) = read(tmp_path, GOOD.replace("minutes = 5", f"minutes = {minutes}"))
    assert text.minutes == minutes


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('way = "mindful"', 'way = "sideways"'),
        ("minutes = 5", "minutes = 31"),
        ("minutes = 5", "minutes = 0"),
        ("minutes = 5", 'minutes = "five"'),
        ("minutes = 5", "minutes = true"),
        ('title = "Quiet"', 'title = " "'),
        ('title = "Quiet"', ""),
        ('title = "Quiet"', 'title = "Quiet"\nsubtitle = "Softly"'),
        ('steps = ["Sit."]', "steps = []"),
        ('steps = ["Sit."]', "steps = [1]"),
        ('steps = ["Sit."]', 'steps = ["Sit."]\nplan_prompts = ["", "after supper"]'),
        ('steps = ["Sit."]', 'steps = ["Sit."]\nwants_together = "yes"'),
        ('steps = ["Sit."]', 'steps = ["Sit."]\nstays_private = 1'),
        ('care = "Slowly."', ""),
        ('kind = "choice"', 'kind = "slider"'),
        ('name = "sound"', 'name = "helpful"'),
        ("[[fields]]", "[fields]"),
        ('slug = "quiet"', "slug = "),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused_by_name(tmp_path: Path, was: str, becomes: str) -> None:
    with pytest.raises(LibraryError, match=r"quiet\.toml"):
        read(tmp_path, GOOD.replace(was, becomes))


def test_a_pacer_without_another_way_is_refused(tmp_path: Path) -> None:
    pacer = '[[fields]]\nname = "p"\nkind = "pacer"\nlabel = "Slow"\nbreath_in = 4\nbreath_out = 6\nseconds = 60\n'
    with pytest.raises(LibraryError, match="without the breath"):
        read(tmp_path, GOOD + pacer)


def test_two_questions_of_one_name_are_refused(tmp_path: Path) -> None:
    again = '[[fields]]\nname = "sound"\nkind = "text"\nlabel = "Again?"\n'
    with pytest.raises(LibraryError, match="two fields have the same name"):
        read(tmp_path, GOOD + again)


def test_two_exercises_of_one_slug_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(GOOD)
    with pytest.raises(LibraryError, match="same slug"):
        read(tmp_path, GOOD)
