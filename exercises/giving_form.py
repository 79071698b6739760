"""What every way of giving practice asks for: words, a plan, reminders; and what it asks before it sends."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.dateformat import format as shown

from exercises.courses import Words
from exercises.models import ExerciseVersion
from practice import clock

SHORT = 300
FURTHEST_AHEAD = timedelta(days=366)
# Beyond ten minutes practice between sessions is less often done (docs/exercises.md).
LONG_MINUTES = 10
NOT_A_DAY = "Please give a date, such as 24/11/2026."
CAUTION = (
    "Imagery and letters can bring up more than they soothe when they are met alone for the first time. It is kinder"
    " to try it together in a session before it goes home."
)


def line(
    label: str, missing: str, help_text: str = "", widget: type[forms.Widget] | forms.Widget = forms.TextInput
) -> forms.CharField:
    """Return a field for a short text; without `missing` it may stay empty."""
    return forms.CharField(
        label=label,
        max_length=SHORT,
        required=bool(missing),
        help_text=help_text,
        widget=widget,
        error_messages={"required": missing},
    )


def day_field(label: str, missing: str, help_text: str = "", **more: Any) -> forms.DateField:
    """Return a field for a day on the practice's calendar."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=help_text,
        error_messages={"required": missing, "invalid": NOT_A_DAY},
        **more,
    )


class GivingForm(forms.Form):
    """The words that go with what is given, and the questions that are asked once before it goes."""

    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    personal_line = line(
        "A line from you",
        "Please write a line of your own.",
        "A sentence in your own words. It is on the page, never in the mail.",
        forms.Textarea(attrs={"class": "short"}),
    )
    why = line(
        "Why this, why now",
        "Please say why: it is what makes it theirs.",
        "The client reads it as “Why this”.",
        forms.Textarea(attrs={"class": "short"}),
    )
    plan_when = line("When it might fit", "Please plan when, together if you can.", "Such as “after supper”.")
    plan_where = line("Where it might fit", "", "Such as “on the back step”.")
    nudges = forms.TypedChoiceField(
        label="Friendly reminders",
        choices=[("0", "None"), ("1", "One friendly reminder"), ("2", "Two")],
        initial="1",
        coerce=int,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
        help_text="At an hour that suits them, and none once they have answered, said “not this week”, or paused.",
    )
    is_practised_together = forms.BooleanField(required=False, label="We have practised this together")
    # The questions to which the counsellor has said yes: their keys, so that a new one is asked all the same.
    sure = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def words(self) -> Words:
        """Return the words as the services take them."""
        data = self.cleaned_data
        return Words(data["personal_line"], data["why"], data["plan_when"], data["plan_where"])

    def asks(self) -> dict[str, str]:
        """Return what is to be thought over before it goes: a key and a sentence each. Needs a valid form."""
        raise NotImplementedError

    @property
    def to_ask(self) -> dict[str, str]:
        """Return the questions of a form whose texts can all be taken; none before that."""
        return self.asks() if self.is_bound and self.is_valid() else {}

    @property
    def is_ready(self) -> bool:
        """Return whether it can go: everything is there, and what was to be asked has been."""
        return self.is_valid() and set(self.to_ask) <= set(self.cleaned_data["sure"].split())


def caution(versions: Iterable[ExerciseVersion], *, is_practised_together: bool) -> dict[str, str]:
    """Return the question for what is best met together first."""
    wants = any(version.wants_together for version in versions)
    return (
        {"together": f"You have not practised this together so far. {CAUTION}"}
        if wants and not is_practised_together
        else {}
    )


def check_day(day: date) -> str:
    """Return what is wrong with a last day; empty where nothing is."""
    if day < clock.today():
        return "This day has already passed."
    if day > clock.today() + FURTHEST_AHEAD:
        return "Please choose a day within the next year."
    return ""


def moment_in_words(moment: datetime) -> str:
    """Return "today, 18:00" or "Tuesday 24 November, 08:00"."""
    here = clock.local(moment)
    return clock.shown(moment, "\\t\\o\\d\\a\\y, H:i" if here.date() == clock.today() else "l j F, H:i")


def day_in_words(day: date) -> str:
    """Return "Tuesday 24 November"."""
    return shown(day, "l j F")
