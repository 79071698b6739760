"""The programmes that ship, and the checks that their files pass."""

from pathlib import Path

import pytest

from exercises.library import LibraryError, shipped
from exercises.models import Mode
from exercises.programme_texts import ProgrammeText, StepText, shipped_programmes

EXERCISES = {text.slug: text for text in shipped()}
SHIPPED = shipped_programmes(EXERCISES)
GOOD = """
slug = "short"
title = "Short"
purpose = "To begin."
position = 1
[[steps]]
exercise = "noticing"
mode = "together"
[[steps]]
exercise = "balance"
mode = "every"
days = 3
"""


def read(folder: Path, text: str) -> list[ProgrammeText]:
    (folder / "short.toml").write_text(text)
    return shipped_programmes(EXERCISES, folder)


def test_five_weeks_of_compassion_ships_and_a_shorter_one() -> None:
    assert [text.title for text in SHIPPED] == ["Five weeks of compassion", "Two gentle weeks"]


def test_five_weeks_begin_with_the_body_and_bring_about_two_things_a_week() -> None:
    steps = SHIPPED[0].steps
    assert [step.exercise for step in steps] == [
        "soothing-rhythm", "three-circles", "tricky-brain", "noticing", "kind-voice", "balance", "compassionate-self",
        "reflect-and-write", "one-small-act", "already-here",
    ]  # fmt: skip
    assert sum(step.days for step in steps) == 28


@pytest.mark.parametrize("text", SHIPPED, ids=lambda text: text.slug)
def test_nothing_comes_twice_and_what_waits_for_a_session_is_last(text: ProgrammeText) -> None:
    slugs = [step.exercise for step in text.steps]
    assert len(set(slugs)) == len(slugs)
    assert [step.mode for step in text.steps].index(Mode.BEFORE_SESSION) == len(slugs) - 1


def test_the_gentle_weeks_hold_nothing_longer_than_five_minutes() -> None:
    assert [step.exercise for step in SHIPPED[1].steps if EXERCISES[step.exercise].minutes > 5] == []


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (text,) = read(tmp_path, GOOD)
    assert text.steps == (StepText("noticing", "together"), StepText("balance", "every", 3))


@pytest.mark.parametrize("mode", [Mode.TOGETHER, Mode.ON_DATE])
def test_a_programme_may_begin_at_once_or_on_a_date(tmp_path: Path, mode: str) -> None:
    (text,) = read(tmp_path, GOOD.replace('"together"', f'"{mode}"'))
    assert text.steps[0].mode == mode


def test_what_follows_a_session_may_come_on_its_very_day(tmp_path: Path) -> None:
    (text,) = read(tmp_path, GOOD.replace('"every"\ndays = 3', '"after_session"\ndays = 0'))
    assert text.steps[1] == StepText("balance", "after_session", 0)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('"balance"', '"balancing"', "step 2: there is no exercise called “balancing”."),
        ('"every"', '"now_and_then"', "step 2: the mode “now_and_then” is not one that a step can have."),
        ('"every"', '"weekdays"', "step 2: the mode “weekdays” is not one that a step can have."),
        ('"every"', '"when_done"', "step 2: the mode “when_done” takes no days."),
        ("days = 3", "", "step 2: `days` is not a number from 1 to 60."),
        ("days = 3", "days = 0", "step 2: `days` is not a number from 1 to 60."),
        ('"together"', '"when_done"', "step 1: there is none before it, so it comes at once or on a date."),
        ('title = "Short"', "", "`title` is missing or is not a text."),
        ("[[steps]]", "[[stairs]]", "it has no steps."),
        ("position = 1", "position = ", "Invalid value"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused_by_name(
    tmp_path: Path, was: str, becomes: str, said: str
) -> None:
    with pytest.raises(LibraryError) as refused:
        read(tmp_path, GOOD.replace(was, becomes))
    assert str(refused.value).startswith("short.toml")
    assert said in str(refused.value)


def test_two_programmes_of_one_slug_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(GOOD)
    with pytest.raises(LibraryError, match="same slug"):
        read(tmp_path, GOOD)
