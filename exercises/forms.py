"""What a counsellor types to assign and to review, and what a client answers."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.utils.dateformat import format as shown
from django.utils.html import format_html

from clients.models import Client
from exercises.library import AnswerField
from exercises.models import ExerciseVersion, Sharing
from exercises.selectors import SendWhen, sending_moment
from practice import clock
from practice.models import Practice

SHORT, LONG = 300, 50_000
FURTHEST_AHEAD = timedelta(days=366)
PREFIX = "q_"


def _line(
    label: str, missing: str, help_text: str = "", widget: type[forms.Widget] = forms.TextInput
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=SHORT,
        required=bool(missing),
        help_text=help_text,
        widget=widget,
        error_messages={"required": missing},
    )


class AssignForm(forms.Form):
    """What goes with an exercise; its fields are the arguments of `assign_exercise`. Clean adds `send_at`."""

    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    personal_line = _line(
        "A line from you",
        "Please write a line of your own.",
        "A sentence in your own words. It is on the page, never in the mail.",
        forms.Textarea,
    )
    why = _line(
        "Why this, why now",
        "Please say why: it is what makes it theirs.",
        "The client reads it as “Why this”.",
        forms.Textarea,
    )
    plan_when = _line("When it might fit", "Please plan when, together if you can.", "Such as “after supper”.")
    plan_where = _line("Where it might fit", "", "Such as “on the back step”.")
    due_on = forms.DateField(
        label="Best done by",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="By default the day before the next session.",
        error_messages={"required": "Please choose a day.", "invalid": "Please give a date, such as 24/11/2026."},
    )
    send = forms.ChoiceField(label="When to send it", widget=forms.RadioSelect)
    is_practised_together = forms.BooleanField(required=False, label="We have practised this together")

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        practice = Practice.current()
        ways: list[SendWhen] = ["now"] if client.preferred_hour is None else ["preferred", "now"]
        self.moments = {way: sending_moment(client, way, practice) for way in ways}
        names = {"preferred": "At the hour they prefer", "now": "Straight away"}
        send = self.fields["send"]
        send.choices = [(way, f"{names[way]}: {self._shown(way)}") for way in ways]  # type: ignore[attr-defined]  # a choice field
        send.initial = ways[0]

    @property
    def first_day(self) -> date:
        """Return the day on which the mail would leave by default."""
        return clock.local(next(iter(self.moments.values()))).date()

    def arguments(self) -> dict[str, Any]:
        """Return what was typed as the service's arguments."""
        return {name: value for name, value in self.cleaned_data.items() if name != "send"}

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if day < clock.today():
            raise ValidationError("This day has already passed.")
        if day > clock.today() + FURTHEST_AHEAD:
            raise ValidationError("Please choose a day within the next year.")
        return day

    def clean(self) -> dict[str, Any]:
        """Add `send_at`; a mail that leaves after the due day is refused."""
        data = self.cleaned_data
        send_at = data["send_at"] = self.moments.get(data.get("send", ""))
        if send_at and "due_on" in data and clock.local(send_at).date() > data["due_on"]:
            leaves = f"The mail would leave later, {self._shown(data['send'])}."
            self.add_error("due_on", f"{leaves} Please choose a later day.")
        return data

    def _shown(self, way: SendWhen) -> str:
        moment = clock.local(self.moments[way])
        is_today = moment.date() == clock.today()
        return shown(moment, "\\t\\o\\d\\a\\y, H:i" if is_today else "l j F, H:i")


class ReviewForm(forms.Form):
    """What counsellor and client take from it."""

    learned = forms.CharField(
        required=False,
        max_length=LONG,
        label="What did we learn?",
        help_text="For you and for the next session; the client does not see it.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ChooseClientForm(forms.Form):
    """For whom an exercise is."""

    client = forms.ChoiceField(label="Client")

    def __init__(self, *args: Any, names: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nobody is chosen beforehand: it would be the wrong person one day.
        self.fields["client"].choices = [("", "Choose a client"), *names]  # type: ignore[attr-defined]  # a choice field


# --- the client's answer -----------------------------------------------------------------------------
class AnswerForm(forms.Form):
    """The questions of one exercise, and who sees the answer. Every question may be left empty."""

    def __init__(self, *args: Any, version: ExerciseVersion, counsellor_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = [AnswerField.from_json(stored) for stored in version.fields]
        for question in self.questions:
            self.fields[PREFIX + question.name] = _question(question)
        self.fields["sharing"] = _sharing(counsellor_name)

    @property
    def values(self) -> dict[str, Any]:
        """Return the answers that are not empty, by question."""
        answers = {question.name: self.cleaned_data[PREFIX + question.name] for question in self.questions}
        return {name: value for name, value in answers.items() if value not in (None, "", [])}


def typed_words(post: QueryDict, version: ExerciseVersion) -> list[str]:
    """Return the texts that a form carried, so that what cannot be taken any more can be given back."""
    names = [question["name"] for question in version.fields if question["kind"] in ("text", "long_text")]
    return [text for name in names if (text := post.get(PREFIX + name, "").strip())]


def _question(question: AnswerField) -> forms.Field:
    field = _field_of(question)
    field.required = question.required
    field.label = question.label
    field.help_text = question.help
    return field


def _field_of(question: AnswerField) -> forms.Field:
    match question.kind:
        case "text":
            return _text(rows=2)
        case "long_text":
            return _text(rows=6)
        case "scale":
            return ScaleField(question.low, question.high)
        case "choice":
            return _choice(question.options)
        case "tick":
            return _ticks(question.options)


def _text(rows: int) -> forms.Field:
    # No maxlength in the page: a browser would cut a pasted text without a word.
    field = forms.CharField(widget=forms.Textarea(attrs={"rows": rows}))
    too_long = f"This is longer than fits here ({LONG:,} characters). Could you shorten it a little?"
    field.validators.append(MaxLengthValidator(LONG, too_long))
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
        error_messages={"invalid_choice": "Please pick one of the answers shown, or leave it empty."},
    )


def _ticks(options: Sequence[str]) -> forms.Field:
    return forms.MultipleChoiceField(
        choices=[(option, option) for option in options],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "Please tick only answers that are shown, or leave it empty.",
            "invalid_list": "Please tick only answers that are shown, or leave it empty.",
        },
    )


def _sharing(counsellor_name: str) -> forms.Field:
    done_only = format_html(
        '<span>Only say that I did it<br><span class="soft small">{}</span></span>', "What you wrote is not kept."
    )
    choose = "Please choose who sees what you write."
    return forms.ChoiceField(
        label="Who sees what you write?",
        choices=[
            (Sharing.SHARED, f"Share my answer with {counsellor_name or 'my counsellor'}"),
            (Sharing.DONE_ONLY, done_only),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": choose, "invalid_choice": choose},
    )
