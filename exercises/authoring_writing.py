"""The whole form of an exercise: its words, then the rows of its steps and of its questions."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from exercises.answer_fields import RESERVED, AnswerField
from exercises.authoring_form import QuestionForm, QuietForm, StepForm, WordsForm
from exercises.authoring_rows import MOST_ROWS, after_button, focus_after, keys_in, new_key, parts_of
from exercises.models import ExerciseVersion

NEW_STEPS = 3
# What a new question has, whichever kind it becomes.
_USUAL = {"breath_in": 4, "breath_out": 6, "seconds": 120}
_LISTS = ("plan_prompts", "sources")
_SINGLE = (
    "title", "purpose", "minutes", "instead_of_breath", "care", "stop", "wants_together", "stays_private",
)  # fmt: skip


@dataclass
class Writing:
    """What is being written. `focus` is the id of what a button of a row has just brought about."""

    words: WordsForm
    steps: list[StepForm]
    questions: list[QuestionForm]
    focus: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def forms(self) -> list[QuietForm]:
        """Return every small form, in the order of the page."""
        return [self.words, *self.steps, *self.questions]

    def is_valid(self) -> bool:
        """Check every small form, and what only the whole can tell."""
        good = [form.is_valid() for form in self.forms]
        for text in self._whole():
            self.notes.append(text)
        if self._wants_another_way():
            self.words.add_error(
                "instead_of_breath", "A breath to follow needs another way beside it, for those whom it does not help."
            )
        return all(good) and not self.notes and self.words.is_valid()

    def amiss(self) -> list[tuple[str, str, str]]:
        """Return what is amiss: the field's id, where it is, and the message."""
        return [
            (bound.auto_id, f"{place}{bound.label}", str(error))
            for place, form in self._placed()
            for bound in form
            for error in bound.errors
        ]

    def as_words(self) -> dict[str, Any]:
        """Return what a version stores. Only after `is_valid`."""
        said = self.words.cleaned_data
        return {
            **{name: said[name] for name in (*_SINGLE, *_LISTS)},
            "steps": self._written_steps(),
            "fields": [question.field.as_json() for question in self.questions],
        }

    def draft(self) -> ExerciseVersion:
        """Return a version that is not saved, of whatever is ready: for looking at it. Call `is_valid` before."""
        said = self.words.cleaned_data
        ready = [question.field.as_json() for question in self.questions if question.is_valid()]
        words = {name: said[name] for name in _SINGLE if said.get(name) is not None}
        return ExerciseVersion(**{"minutes": 5, **words}, steps=self._written_steps(), fields=ready)

    def unasked(self) -> "Writing":
        """Return the same as it was typed, with nothing said about it."""
        return Writing(
            self.words.unasked(),
            [step.unasked() for step in self.steps],
            [question.unasked() for question in self.questions],
        )

    def _written_steps(self) -> list[str]:
        texts = [step.cleaned_data.get("text", "") for step in self.steps]
        return [text for text in texts if text]

    def _whole(self) -> Iterator[str]:
        if not any(step["text"].data.strip() for step in self.steps if step["text"].data):
            yield "Please write one step or more."
        for rows, name in ((self.steps, "steps"), (self.questions, "questions")):
            if len(rows) > MOST_ROWS:
                yield f"An exercise has room for {MOST_ROWS} {name}. Could you take some out?"

    def _wants_another_way(self) -> bool:
        has_pacer = any(question["kind"].data == "pacer" for question in self.questions)
        return has_pacer and not self.words.cleaned_data.get("instead_of_breath")

    def _placed(self) -> Iterator[tuple[str, QuietForm]]:
        yield "", self.words
        for number, step in enumerate(self.steps, start=1):
            yield f"Step {number}, ", step
        for number, question in enumerate(self.questions, start=1):
            yield f"Question {number}, ", question


# --- how it begins -----------------------------------------------------------------------------------
def blank() -> Writing:
    """Return an empty form: three steps, and one question."""
    steps = [StepForm(prefix=f"step-s{number}") for number in range(1, NEW_STEPS + 1)]
    return Writing(WordsForm(), steps, [_new_question("q1")])


def of_version(version: ExerciseVersion, *, is_copy: bool) -> Writing:
    """Return a form with the words of a version: to change it, or to begin a copy."""
    initial = {name: getattr(version, name) for name in _SINGLE}
    initial |= {name: "\n".join(getattr(version, name)) for name in _LISTS}
    initial |= {"way": version.exercise.way, "begun_from": 0 if is_copy else version.number}
    steps = [
        StepForm(prefix=f"step-s{number}", initial={"text": text}) for number, text in enumerate(version.steps, start=1)
    ]
    asked = [AnswerField.from_json(stored) for stored in version.fields]
    # Older words ask what the program now asks at the end by itself.
    questions = [_question_of(one) for one in asked if one.name not in RESERVED]
    return Writing(WordsForm(initial=initial), steps, questions)


def of_post(post: QueryDict) -> Writing:
    """Return what was posted."""
    return Writing(
        WordsForm(post),
        [StepForm(post, prefix=f"step-{key}") for key in keys_in(post, "step")],
        [QuestionForm(post, prefix=f"question-{key}") for key in keys_in(post, "question")],
    )


def after_deed(post: QueryDict, deed: str, taken: Collection[str] = ()) -> Writing:
    """Return what was posted after a row's button: `question:up:q2`, `step:add:`. `taken`: names that stay free."""
    group, what, key = parts_of(deed)
    writing = of_post(post).unasked()
    if what == "add":
        _add(writing, group, taken)
        return writing
    if group == "step":
        writing.steps = after_button(writing.steps, what, key)
    else:
        writing.questions = after_button(writing.questions, what, key)
    writing.focus = focus_after(writing.steps if group == "step" else writing.questions, group, what, key)
    return writing


def with_kept(writing: Writing, kept: Collection[str]) -> Writing:
    """Add the rows of which words were kept and that nobody published: else they would have no place to come back to.

    `kept` are names of fields.
    """
    writing.steps += [StepForm(prefix=f"step-{key}") for key in _homeless(kept, "step", writing.steps)]
    writing.questions += [_new_question(key) for key in _homeless(kept, "question", writing.questions)]
    return writing


def names_of(versions: Sequence[ExerciseVersion]) -> set[str]:
    """Return every name that a question ever had in these versions."""
    return {stored["name"] for version in versions for stored in version.fields}


def _homeless(kept: Collection[str], group: str, rows: Sequence[QuietForm]) -> list[str]:
    stand = {row.key for row in rows}
    keys = {name.split("-")[1] for name in kept if name.startswith(f"{group}-")}
    return sorted(key for key in keys - stand if key.isidentifier())[: max(MOST_ROWS - len(rows), 0)]


def _add(writing: Writing, group: str, taken: Collection[str]) -> None:
    rows: Sequence[QuietForm] = writing.steps if group == "step" else writing.questions
    if len(rows) >= MOST_ROWS:
        writing.notes.append(f"An exercise has room for {MOST_ROWS} of these.")
        return
    stand = {row.key for row in rows}
    if group == "step":
        key = new_key("s", stand)
        writing.steps.append(StepForm(prefix=f"step-{key}"))
        writing.steps[-1].take_focus("text")
    else:
        key = new_key("q", stand | set(taken) | set(RESERVED))
        writing.questions.append(_new_question(key))
        writing.questions[-1].take_focus("kind")


def _new_question(key: str) -> QuestionForm:
    return QuestionForm(prefix=f"question-{key}", initial=dict(_USUAL))


def _question_of(one: AnswerField) -> QuestionForm:
    numbers = {part: getattr(one, part) or usual for part, usual in _USUAL.items()}
    stored = {**one.as_json(), **numbers, "options": "\n".join(one.options)}
    return QuestionForm(prefix=f"question-{one.name}", initial=stored)
