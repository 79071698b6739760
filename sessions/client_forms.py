"""What a client writes on the page of their session."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.dateformat import format as shown

from practice import clock
from sessions.replies import MOST_WISHES

LONGEST = 2000


class TalkForm(forms.Form):
    """Ask to be contacted; a line about it if they like."""

    # No maxlength in the page: a browser would cut a pasted text without a word.
    words = forms.CharField(
        label="What it is about",
        required=False,
        help_text="A line is enough.",
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        validators=[
            MaxLengthValidator(
                LONGEST, f"This is longer than fits here ({LONGEST:,} characters). Could you shorten it a little?"
            )
        ],
    )


class MoveForm(TalkForm):
    """Ask for another time: tick what suits of the times that are offered, or write a line."""

    wishes = forms.MultipleChoiceField(
        label="Times that would suit you",
        required=False,
        help_text=f"Tick up to {MOST_WISHES}.",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "times"}),
        error_messages={
            "invalid_choice": "One of these times has just been taken. Please look at the ones that are left.",
            "invalid_list": "Please tick only times that are shown.",
        },
    )
    field_order = ("wishes", "words")

    def __init__(self, *args: Any, slots: Iterable[datetime] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = list(slots)
        words = self.fields["words"]
        if not self.slots:
            del self.fields["wishes"]
            words.label, words.help_text = "Times that would suit you", "Such as “Thursday after four”."
            words.required, words.error_messages["required"] = True, "Please write which times would suit you."
            return
        words.label, words.help_text = "Anything to add", "Or other times, if none of these fits."
        self.fields["wishes"].choices = _by_day(self.slots)  # type: ignore[attr-defined]  # a choice field

    def clean_wishes(self) -> list[datetime]:
        wishes = [datetime.fromisoformat(each) for each in self.cleaned_data["wishes"]]
        if len(wishes) > MOST_WISHES:
            raise ValidationError(f"Please tick no more than {MOST_WISHES}.")
        return wishes

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.slots and not self.errors and not (data.get("wishes") or data.get("words")):
            self.add_error("wishes", "Please tick a time, or write a line.")
        return data


def _by_day(slots: Iterable[datetime]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the times as choices, under their days."""
    days = groupby(sorted(slots), key=lambda slot: clock.local(slot).date())
    return [(shown(day, "l j F"), [(slot.isoformat(), clock.shown(slot)) for slot in of_day]) for day, of_day in days]
