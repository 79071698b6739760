"""What a counsellor types to write a programme: its words, and a row for each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from exercises.authoring_form import TITLE, QuietForm, text_field
from exercises.authoring_programmes import StepChoice
from exercises.authoring_rows import MOST_ROWS, after_button, focus_after, keys_in, new_key, parts_of
from exercises.models import Exercise, Mode, Programme
from exercises.models.programme import WITH_DAYS
from exercises.programme_texts import LONGEST_WAIT

_DAYS = f"Please give a number of days, up to {LONGEST_WAIT}."
# {slug: exercise}, and what its list says
Choices = Mapping[str, tuple[Exercise, str]]


class ProgrammeForm(QuietForm):
    """Title and purpose. `begun_from`: the version that was shown, 0 for none."""

    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    begun_from = forms.IntegerField(widget=forms.HiddenInput, initial=0, min_value=0)
    title = text_field("Title", "Please give it a title.", most=TITLE)
    purpose = text_field("What it is for", help_text="A sentence or two, for you and your colleagues.", rows=2)


class ProgrammeStepForm(QuietForm):
    """One step. Of the first, mode and days wait until it is moved: it comes at the start."""

    exercise = forms.ChoiceField(
        label="Exercise",
        error_messages={
            "required": "Please choose an exercise.",
            "invalid_choice": "This one is no longer offered. Please choose another.",
        },
    )
    mode = forms.ChoiceField(
        label="When it comes",
        choices=[(mode.value, mode.label) for mode in Mode if mode != Mode.WEEKDAYS],
        initial=Mode.WHEN_DONE,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Please choose when it comes."),
    )
    days = forms.IntegerField(
        label="Days",
        required=False,
        min_value=0,
        max_value=LONGEST_WAIT,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _DAYS),
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices, self.is_first = choices, False
        shown = [("", "Choose an exercise"), *((slug, label) for slug, (_, label) in choices.items())]
        self.fields["exercise"].choices = shown  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> dict[str, Any]:
        """Ask for days where the mode counts them; of the first step ask for none."""
        mode = self.cleaned_data.get("mode")
        if self.is_first or mode not in WITH_DAYS:
            self.errors.pop("days", None)
        if self.is_first:
            self.errors.pop("mode", None)
        elif mode in WITH_DAYS and "days" not in self.errors:
            days = self.cleaned_data.get("days")
            if days is None or (days == 0 and mode != Mode.AFTER_SESSION):
                self.add_error("days", _DAYS)
        return self.cleaned_data

    def choice(self) -> StepChoice:
        """Return the step. Only after `is_valid`."""
        exercise, _ = self._choices[self.cleaned_data["exercise"]]
        mode = Mode.TOGETHER if self.is_first else Mode(self.cleaned_data["mode"])
        return StepChoice(exercise, mode, self.cleaned_data.get("days") or 0)

    def unasked(self) -> "ProgrammeStepForm":
        """Return the same step as it was typed, with nothing said about it."""
        typed = {name: self[name].data for name in self.fields}
        return ProgrammeStepForm(initial=typed, prefix=self.prefix, choices=self._choices)


@dataclass
class Plan:
    """A programme as it is being written. `focus` is the id of the button that takes the focus."""

    words: ProgrammeForm
    steps: list[ProgrammeStepForm]
    focus: str = ""
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number, step in enumerate(self.steps):
            step.is_first = number == 0

    def is_valid(self) -> bool:
        """Check every row, and that there is one."""
        if not self.steps:
            self.notes.append("Please add one step or more.")
        if len(self.steps) > MOST_ROWS:
            self.notes.append(f"A programme has room for {MOST_ROWS} steps. Could you take some out?")
        good = [form.is_valid() for form in (self.words, *self.steps)]
        return all(good) and not self.notes

    def amiss(self) -> list[tuple[str, str, str]]:
        """Return what is amiss: the field's id, where it is, and the message."""
        placed: list[tuple[str, QuietForm]] = [("", self.words)]
        placed += [(f"Step {number}, ", step) for number, step in enumerate(self.steps, start=1)]
        return [
            (bound.auto_id, f"{place}{bound.label}", str(error))
            for place, form in placed
            for bound in form
            for error in bound.errors
        ]

    def choices(self) -> Sequence[StepChoice]:
        """Return the steps as they are wished for. Only after `is_valid`."""
        return [step.choice() for step in self.steps]


# --- how it begins -----------------------------------------------------------------------------------
def blank_plan(choices: Choices) -> Plan:
    """Return an empty programme with two steps."""
    return Plan(ProgrammeForm(), [_step(f"s{number}", choices) for number in (1, 2)])


def plan_of(programme: Programme, choices: Choices, *, is_copy: bool) -> Plan:
    """Return a form with a programme's steps: to change it, or to begin a copy."""
    words = {"title": programme.title, "purpose": programme.purpose, "begun_from": 0 if is_copy else programme.version}
    steps = [
        _step(f"s{step.position}", choices, exercise=step.exercise.slug, mode=step.mode, days=step.days or None)
        for step in programme.steps.all()
    ]
    return Plan(ProgrammeForm(initial=words), steps)


def plan_in(post: QueryDict, choices: Choices) -> Plan:
    """Return what was posted."""
    rows = [ProgrammeStepForm(post, prefix=f"step-{key}", choices=choices) for key in keys_in(post, "step")]
    return Plan(ProgrammeForm(post), rows)


def unasked(plan: Plan) -> Plan:
    """Return the same as it was typed, with nothing said about it."""
    return Plan(plan.words.unasked(), [step.unasked() for step in plan.steps])


def after_plan_deed(post: QueryDict, choices: Choices, deed: str) -> Plan:
    """Return what was posted after a row's button: `step:up:s2`, `step:add:`."""
    _, what, key = parts_of(deed)
    typed = unasked(plan_in(post, choices))
    if not what:
        return typed
    if what != "add":
        steps = after_button(typed.steps, what, key)
        return Plan(typed.words, steps, focus_after(steps, "step", what, key))
    if len(typed.steps) >= MOST_ROWS:
        typed.notes.append(f"A programme has room for {MOST_ROWS} steps.")
        return typed
    added = _step(new_key("s", {step.key for step in typed.steps}), choices)
    added.take_focus("exercise")
    return Plan(typed.words, [*typed.steps, added])


def _step(key: str, choices: Choices, **initial: Any) -> ProgrammeStepForm:
    return ProgrammeStepForm(prefix=f"step-{key}", choices=choices, initial=initial)
