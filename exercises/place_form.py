"""What a client chooses in a place of their own: until when exercises rest, and the hour at which they come."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clients.forms import mail_hours
from exercises.place import LONGEST_PAUSE
from practice import clock
from practice.models import Practice

# The buttons for those who need not choose a day.
QUICK = {"week": timedelta(days=7), "two_weeks": timedelta(days=14)}


class PauseForm(forms.Form):
    """The day on which exercises may come again."""

    until = forms.DateField(
        label="Until this day",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Please choose a day, or one of the two above.",
            "invalid": "Please give a day such as 12/05/2027.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, last = clock.today() + timedelta(days=1), clock.today() + LONGEST_PAUSE
        self.fields["until"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until <= clock.today():
            raise ValidationError("Please choose a day from tomorrow on.")
        if until > clock.today() + LONGEST_PAUSE:
            raise ValidationError("A pause can be up to a year long. It can be made longer later.")
        return until


class HourForm(forms.Form):
    """An hour at which mail may leave, or none in particular."""

    hour = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label="The hour that suits you",
        error_messages={"invalid_choice": "Please choose one of those shown."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = {hour for hour in (*mail_hours(Practice.current()), self.initial.get("hour")) if hour is not None}
        choices = [("", "Any hour"), *((hour, f"{hour:02d}:00") for hour in sorted(hours))]
        self.fields["hour"].choices = choices  # type: ignore[attr-defined]  # a choice field
