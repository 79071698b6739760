"""What a counsellor types to write an exercise: its words, its steps, its questions, each row a small form."""

from typing import Any, Self
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.text import capfirst

from exercises.answer_fields import BREATH, LONGEST, SHORTEST, AnswerField, Kind, LibraryError, field_from
from exercises.models import Exercise

LONG, LINE, TITLE = 20_000, 300, 120
MOST_LINES = 40
MOST_MINUTES = 60
# Beyond this an exercise is asked about when it is given.
QUIETLY_LONG = 10
KIND_NAMES: dict[str, dict[Kind, str]] = {
    "A question": {
        "text": "A few words",
        "long_text": "A longer text",
        "scale": "A number from 0 to 10",
        "before_after": "A number before, and one after",
        "choice": "One of several answers",
        "tick": "Several answers to tick",
        "pair": "Two boxes side by side",
        "circles": "Three circles: threat, drive, soothing",
    },
    "Without an answer": {
        "timer": "A quiet timer",
        "pacer": "A breath to follow",
        "reading": "Something to read",
    },
}
# The parts of a question, and the kinds that have them.
PART_OF: dict[str, tuple[Kind, ...]] = {
    "low": ("scale", "before_after"),
    "high": ("scale", "before_after"),
    "options": ("choice", "tick"),
    "left": ("pair",),
    "right": ("pair",),
    "breath_in": ("pacer",),
    "breath_out": ("pacer",),
    "seconds": ("timer", "pacer"),
    "text": ("reading",),
    "in_patterns": ("text", "long_text"),
}
_MISSING = {
    "low": "Please name what 0 stands for.",
    "high": "Please name what 10 stands for.",
    "options": "Please give two answers or more, each on a line of its own.",
    "left": "Please name the first box.",
    "right": "Please name the second box.",
    "breath_in": "Please give the seconds of the breath in.",
    "breath_out": "Please give the seconds of the breath out.",
    "seconds": "Please give the length in seconds.",
    "text": "Please write what there is to read.",
}


def text_field(
    label: str, missing: str = "", help_text: str = "", *, most: int = LONG, rows: int = 0
) -> forms.CharField:
    """Return a text; `missing` says that it is needed, `rows` that it has lines."""
    field = forms.CharField(
        label=label,
        required=bool(missing),
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "class": "short"}) if rows else forms.TextInput,
        error_messages={"required": missing or "Please write something here."},
    )
    # No maxlength in the page: a browser would cut a pasted text without a word.
    too_long = f"This is longer than fits here ({most:,} characters). Could you shorten it a little?"
    field.validators.append(MaxLengthValidator(most, too_long))
    return field


def _seconds(label: str, limits: tuple[int, int], help_text: str = "") -> forms.IntegerField:
    least, most = limits
    said = f"Please give a whole number from {least} to {most}."
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        help_text=help_text,
        error_messages={"invalid": said, "min_value": said, "max_value": said},
    )


class LinesField(forms.CharField):
    """Short texts, one on each line; empty lines do not count."""

    def __init__(self, label: str, help_text: str = "") -> None:
        widget = forms.Textarea(attrs={"rows": 3, "class": "short"})
        super().__init__(label=label, required=False, help_text=help_text, widget=widget)

    def clean(self, value: Any) -> Any:
        """Return the lines as a list."""
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(f"Up to {MOST_LINES} lines fit here.")
        if any(len(line) > LINE for line in lines):
            raise ValidationError(f"One of the lines is longer than {LINE} characters. Could you shorten it a little?")
        return lines


class QuietForm(forms.Form):
    """A form that can be shown again as it was typed, with nothing said about it yet."""

    use_required_attribute = False

    @property
    def key(self) -> str:
        """Return the key of the row that this form is."""
        return str(self.prefix or "").partition("-")[2]

    def take_focus(self, name: str) -> None:
        """Let the page open with the focus on this field."""
        self.fields[name].widget.attrs["autofocus"] = True

    def unasked(self) -> Self:
        """Return the same form with the same words, unbound."""
        typed = {name: self[name].data for name in self.fields}
        return type(self)(initial=typed, prefix=self.prefix)


class WordsForm(QuietForm):
    """Everything but steps and questions. `begun_from`: the number of the version that was shown, 0 for none."""

    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    begun_from = forms.IntegerField(widget=forms.HiddenInput, initial=0, min_value=0)
    title = text_field("Title", "Please give it a title.", most=TITLE)
    way = forms.ChoiceField(
        label="Where it belongs",
        choices=[("", "Choose a place in the library"), *Exercise.Way.choices],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Please choose where it belongs."),
    )
    minutes = forms.IntegerField(
        label="Minutes",
        min_value=1,
        max_value=MOST_MINUTES,
        help_text="Small is kind: two to ten suit most days.",
        error_messages={
            "required": "Please say how long it takes.",
            **dict.fromkeys(("invalid", "min_value", "max_value"), f"Please give a number from 1 to {MOST_MINUTES}."),
        },
    )
    purpose = text_field(
        "What it is for", "Please say in a sentence what it is for.", "It stands under the title.", rows=2
    )
    instead_of_breath = text_field(
        "Another way, without the breath", help_text="Wherever the breath is used, offer this beside it.", rows=3
    )
    stop = text_field("If they want to stop", help_text="A sentence that makes stopping easy.", rows=2)
    care = text_field("Go slowly with", help_text="For you and your colleagues; clients do not see it.", rows=2)
    plan_prompts = LinesField(
        "When it might fit", "Suggestions for the plan, one on each line, such as “after supper”."
    )
    sources = LinesField("What stands behind it", "Books and papers, one on each line. For you and your colleagues.")
    wants_together = forms.BooleanField(
        required=False,
        label="First practised together",
        help_text="As with imagery and letters: whoever sends it without having done so is asked to pause.",
    )
    stays_private = forms.BooleanField(
        required=False,
        label="“Keep it to myself” is chosen beforehand",
        help_text="As with a first letter. The client can still choose to share it.",
    )

    @property
    def is_quietly_long(self) -> bool:
        """Say whether it takes longer than most find room for."""
        typed = str(self["minutes"].value() or "")
        return typed.isdecimal() and int(typed) > QUIETLY_LONG


class StepForm(QuietForm):
    """One step, as Markdown. An empty one is left out."""

    text = text_field("Step", rows=2)


class QuestionForm(QuietForm):
    """One question, or a part without an answer. Its key is the question's name: charts go by it, over all versions."""

    kind = forms.ChoiceField(
        label="Kind",
        choices=[(group, list(kinds.items())) for group, kinds in KIND_NAMES.items()],
        initial="long_text",
        error_messages={"invalid_choice": "Please choose one of the kinds shown."},
    )
    label = text_field("What they are asked", "Please write the question, or a heading for this part.", most=LINE)
    help = text_field("A word of help", most=1000)
    low = text_field("0 is", most=LINE)
    high = text_field("10 is", most=LINE)
    options = LinesField("Answers to choose from", "One on each line.")
    left = text_field("First box", help_text="Such as “What the critic said”.", most=LINE)
    right = text_field("Second box", help_text="Such as “What a kind voice would say”.", most=LINE)
    breath_in = _seconds("Breath in, seconds", BREATH)
    breath_out = _seconds("Breath out, seconds", BREATH)
    seconds = _seconds("Whole length, seconds", (SHORTEST, LONGEST), "120 are two minutes.")
    text = text_field("To read", rows=4)
    in_patterns = forms.BooleanField(
        required=False,
        label="A line of their journal",
        help_text="It is shown again on the client’s own page, where they can re-read their lines.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the parts of the chosen kind and for no others; keep the question as `field`."""
        kind = self.cleaned_data.get("kind", "")
        for part, kinds in PART_OF.items():
            if kind not in kinds:
                self.errors.pop(part, None)
                self.cleaned_data.pop(part, None)
            elif part in _MISSING and part not in self.errors and not self.cleaned_data.get(part):
                self.add_error(part, _MISSING[part])
        if not self.errors:
            self._read()
        return self.cleaned_data

    def _read(self) -> None:
        try:
            self.field: AnswerField = field_from({"name": self.key, **self.cleaned_data}, "")
        except LibraryError as error:
            self.add_error("options" if self.cleaned_data.get("options") else "label", _said(error))


def _said(error: LibraryError) -> str:
    """Return what is amiss, without where."""
    return capfirst(str(error).partition(": ")[2])
