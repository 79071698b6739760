"""What a client answers: the questions of one exercise as form fields, and the choice of who sees it.

A field of the form is called q_<name>, or q_<name>-<part> where a question has parts; no name of a question holds a
dash. What was posted, what a draft keeps and what the form is filled from have one shape: `Typed`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django import forms
from django.core.validators import MaxLengthValidator
from django.forms import BoundField
from django.http import QueryDict

from exercises.answer_fields import AnswerField
from exercises.closing import CLOSING, asked
from exercises.models import ExerciseVersion, Sharing
from exercises.sharing_field import SharingField

PREFIX = "q_"
# Characters of one answer; a letter of fifty pages has about 150,000.
LONGEST = 400_000
# {field of the form: text, or list of texts}
Typed = dict[str, Any]
Phase = Literal["", "before", "after"]
PARTS: dict[str, tuple[str, ...]] = {
    "pair": ("left", "right"),
    "before_after": ("before", "after"),
    "circles": ("threat", "drive", "soothing"),
}
_CIRCLES = {
    "threat": "Threat: on guard, worried or cross",
    "drive": "Drive: getting on, wanting, doing",
    "soothing": "Soothing: safe, calm, close to others",
}
_CLOSING = {field.name for field in CLOSING}
_SHOWN_ONLY = "Please pick from the answers shown, or leave it empty."
_MISSING = "Please answer this one, even with a word."


@dataclass(frozen=True)
class Part:
    """One question as the page shows it, or a part without an answer (`fields` is empty)."""

    question: AnswerField
    fields: list[BoundField]
    # Of "before and after" the first half stands above the exercise, the second below it.
    phase: Phase = ""
    # What another device wrote into the same fields meanwhile.
    elsewhere: tuple[str, ...] = ()

    @property
    def is_closing(self) -> bool:
        return self.question.name in _CLOSING

    @property
    def kind(self) -> str:
        return "scale" if self.phase else self.question.kind

    @property
    def has_errors(self) -> bool:
        return any(field.errors for field in self.fields)


class AnswerForm(forms.Form):
    """The questions of one exercise, and who sees the answer.

    Of a draft nothing is required, and what fits no question is kept all the same: only the length is looked at.
    `until`: the last moment in which the client's link works; a preview has none.
    """

    def __init__(
        self,
        *args: Any, version: ExerciseVersion, counsellor_name: str, until: datetime | None = None,
        is_draft: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.questions = [question for question in asked(version) if question.has_answer]
        self._shown = asked(version)
        # Set where another device wrote into the same fields: {field of the form: what stands there}.
        self.elsewhere: Typed = {}
        # Whoever only says that they did it need not answer anything.
        is_lenient = is_draft or self.data.get("sharing") == Sharing.DONE_ONLY
        for question in self.questions:
            for part in parts_of(question):
                self.fields[_name(question, part)] = _field(question, part, is_lenient)
        self.fields["sharing"] = SharingField(counsellor_name, required=not is_draft, until=until)
        if version.stays_private:
            self.initial.setdefault("sharing", Sharing.KEPT)

    @property
    def before(self) -> list[Part]:
        """Return what is asked before the exercise begins."""
        return _of(self._own, "before")

    @property
    def own(self) -> list[Part]:
        """Return the exercise's own parts in their order, with "after" when all else is done."""
        return [*_of(self._own, ""), *_of(self._own, "after")]

    @property
    def closing(self) -> list[Part]:
        return [self._part(each, self._bound(each)) for each in self._shown if each.name in _CLOSING]

    @property
    def asks_for_something(self) -> bool:
        return any(question.required for question in self.questions)

    @property
    def has_pace(self) -> bool:
        """Say whether the page needs the script of a timer or a pacer."""
        return any(question.kind in ("timer", "pacer") for question in self._shown)

    @property
    def values(self) -> dict[str, Any]:
        """Return the answers that are not empty, by question; of an invalid form also what could not be taken."""
        found = {question.name: self._value(question) for question in self.questions}
        return {name: value for name, value in found.items() if value not in (None, "", [], {})}

    @property
    def refusals(self) -> list[tuple[str, str, str]]:
        """Return for each error the id that it leads to, the question, and what is said."""
        parts = [*self.before, *self.own, *self.closing]
        asked_for = [(part.question.label, field) for part in parts for field in part.fields]
        every = [*asked_for, (str(self.fields["sharing"].label), self["sharing"])]
        return [(_target(field), label, str(error)) for label, field in every for error in field.errors]

    def clean(self) -> dict[str, Any]:
        """Ask for one part at least of a required question that has parts."""
        for question in self.questions:
            names = [_name(question, part) for part in parts_of(question)]
            is_asked = question.required and len(names) > 1 and self.fields["sharing"].required
            is_lenient = self.data.get("sharing") == Sharing.DONE_ONLY or any(name in self.errors for name in names)
            if is_asked and not is_lenient and all(self.cleaned_data.get(name) in (None, "") for name in names):
                self.add_error(names[0], _MISSING)
        return self.cleaned_data

    @property
    def _own(self) -> list[Part]:
        return [part for question in self._shown if question.name not in _CLOSING for part in self._parts(question)]

    def _parts(self, question: AnswerField) -> list[Part]:
        if question.kind != "before_after":
            return [self._part(question, self._bound(question))]
        before, after = self._bound(question)
        return [self._part(question, [before], "before"), self._part(question, [after], "after")]

    def _part(self, question: AnswerField, fields: list[BoundField], phase: Phase = "") -> Part:
        there = [self.elsewhere[field.name] for field in fields if field.name in self.elsewhere]
        return Part(
            question, fields, phase, tuple(", ".join(each) if isinstance(each, list) else each for each in there)
        )

    def _bound(self, question: AnswerField) -> list[BoundField]:
        return [self[_name(question, part)] for part in parts_of(question)] if question.has_answer else []

    def _value(self, question: AnswerField) -> Any:
        values = {part: self._of(_name(question, part)) for part in parts_of(question)}
        if "" in values:
            return values[""]
        return {part: value for part, value in values.items() if value not in (None, "")}

    def _of(self, name: str) -> Any:
        return self.cleaned_data[name] if name in self.cleaned_data else self.data.get(name)


def typed_of(post: QueryDict, version: ExerciseVersion) -> Typed:
    """Return what was posted in answer to the questions; nothing of other fields, and nothing that no text can hold.

    A box that is not ticked posts nothing: the page names the questions that it shows in `asked`.
    """
    shown, typed = post.getlist("asked"), Typed()
    for name, is_many in _names(version):
        if is_many and (name in post or name in shown):
            typed[name] = [text for each in post.getlist(name) if (text := plain(each))]
        elif not is_many and name in post:
            typed[name] = plain(post.get(name, ""))
    return typed


def text_names(version: ExerciseVersion) -> list[str]:
    """Return the fields into which a client writes freely."""
    kinds = ("text", "long_text", "pair")
    return [_name(each, part) for each in asked(version) if each.kind in kinds for part in parts_of(each)]


def texts_of(typed: Mapping[str, Any], version: ExerciseVersion) -> list[str]:
    """Return the texts that were typed, so that what cannot be taken any more can be given back."""
    return [text for name in text_names(version) if (text := str(typed.get(name, "")).strip())]


def carried(post: QueryDict, version: ExerciseVersion, then: str = "") -> list[tuple[str, str]]:
    """Return the fields of a post that go on through a page in between; `then`: the deed to follow, or its own."""
    known = {name for name, _ in _names(version)} | {"asked", "sharing", "version", "show", "step"}
    pairs = [(name, plain(each)) for name, values in post.lists() if name in known for each in values]
    deed = plain(then or post.get("then", "") or post.get("deed", "send"))
    is_deed = deed not in ("open", "extend") and (pairs or "deed" in post)
    return [*pairs, ("then", deed)] if is_deed else pairs


def plain(text: str) -> str:
    """Return a text as it can be kept: no null bytes, no half characters, one kind of line's end."""
    whole = text.encode("utf-8", "replace").decode()
    return whole.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")


def parts_of(question: AnswerField) -> tuple[str, ...]:
    """Return the parts that are filled in by themselves; one without a name where there are none."""
    return PARTS.get(question.kind, ("",))


# --- the fields --------------------------------------------------------------------------------------
def _names(version: ExerciseVersion) -> list[tuple[str, bool]]:
    """Return each field's name, and whether it takes many answers."""
    questions = [question for question in asked(version) if question.has_answer]
    return [(_name(each, part), each.kind == "tick") for each in questions for part in parts_of(each)]


def _name(question: AnswerField, part: str) -> str:
    return f"{PREFIX}{question.name}-{part}" if part else f"{PREFIX}{question.name}"


def _field(question: AnswerField, part: str, is_lenient: bool) -> forms.Field:
    field = _field_of(question, part)
    field.required = question.required and not part and not is_lenient
    field.error_messages["required"] = _MISSING
    field.label = _label(question, part)
    field.help_text = "" if part else question.help
    return field


def _label(question: AnswerField, part: str) -> str:
    if question.kind == "pair":
        return question.left if part == "left" else question.right
    if question.kind == "before_after":
        return f"{question.label} ({part})"
    return _CIRCLES.get(part, question.label)


def _field_of(question: AnswerField, part: str) -> forms.Field:
    match question.kind:
        case "text" | "long_text" | "pair":
            return _text({"text": 2, "pair": 4}.get(question.kind, 8))
        case "choice":
            return _choice(question.options)
        case "tick":
            return _ticks(question.options)
        case "circles":
            return ScaleField("small", "large")
    return ScaleField(question.low, question.high)


def _text(rows: int) -> forms.Field:
    # No maxlength in the page: a browser would cut a pasted text without a word.
    field = forms.CharField(widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}))
    too_long = f"This is longer than fits here ({LONGEST:,} characters). Could you shorten it a little?"
    field.validators.append(MaxLengthValidator(LONGEST, too_long))
    return field


class ScaleField(forms.TypedChoiceField):
    """A number from 0 to 10; the page names both ends."""

    def __init__(self, low: str, high: str) -> None:
        super().__init__(
            choices=[(str(number), str(number)) for number in range(11)],
            coerce=int,
            empty_value=None,
            widget=forms.RadioSelect(attrs={"class": "scale"}),
            error_messages={"invalid_choice": "Please choose a number from 0 to 10, or leave it empty."},
        )
        self.low, self.high = low, high


def _choice(options: Sequence[str]) -> forms.Field:
    return forms.ChoiceField(
        choices=[(option, option) for option in options],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _SHOWN_ONLY},
    )


def _ticks(options: Sequence[str]) -> forms.Field:
    return forms.MultipleChoiceField(
        choices=[(option, option) for option in options],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _SHOWN_ONLY, "invalid_list": _SHOWN_ONLY},
    )


def _of(parts: list[Part], phase: Phase) -> list[Part]:
    return [part for part in parts if part.phase == phase]


def _target(field: BoundField) -> str:
    return f"{field.auto_id}_0" if field.use_fieldset else field.auto_id
