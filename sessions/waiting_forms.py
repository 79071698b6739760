"""What is typed about who waits, and about a gap that somebody might take."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as wall_time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.dateformat import format as shown

from practice import clock
from sessions import parts
from sessions.models import SessionType, WaitingEntry
from sessions.waiting_list import in_minutes

LONGEST_NOTE = 2_000
SHORTEST, LONGEST, USUAL = 10, 480, 50
FURTHEST_AHEAD = timedelta(days=731)


@dataclass(frozen=True)
class Box:
    """One part of a day as the form shows it."""

    key: str
    name: str
    is_ticked: bool


class TypeField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A kind of session, with its length where its name does not say it."""

    def to_python(self, value: Any) -> SessionType | None:
        """Return the kind. Django says of what is no id that it is no UUID; say instead what to do."""
        try:
            chosen: SessionType | None = super().to_python(value)
        except ValidationError as error:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error
        return chosen

    def label_from_instance(self, obj: SessionType) -> str:
        """Return what a kind is called in the list."""
        says_length = any(each.isdigit() for each in obj.name)
        return obj.name if says_length else f"{obj.name}, {in_minutes(obj.length)} minutes"


class WaitingForm(forms.Form):
    """Who waits for what; its fields are the arguments of `wait` and `change_waiting`."""

    urgency = forms.ChoiceField(
        label="How soon",
        choices=WaitingEntry.Urgency.choices,
        initial=WaitingEntry.Urgency.USUAL,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Please choose how soon.",
            "invalid_choice": "Please choose one of the answers shown.",
        },
    )
    session_type = TypeField(
        label="For",
        queryset=SessionType.objects.none(),
        required=False,
        empty_label="A usual session, 50 minutes",
        error_messages={"invalid_choice": "Please choose one of the kinds of session shown."},
    )
    times = forms.MultipleChoiceField(
        label="Times that suit",
        required=False,
        choices=[(key, parts.named(key)) for key in parts.KEYS],
        error_messages={"invalid_choice": "Please tick only times that are shown."},
    )
    note = forms.CharField(
        label="Note for yourself",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"class": "short"}),
        help_text="Such as what they said about times. It is sealed, and nobody but you reads it.",
        error_messages={"max_length": "At most %(limit_value)d characters, please (there are %(show_value)d)."},
    )

    def __init__(self, *args: Any, entry: WaitingEntry | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A kind that is offered no more stays where it was chosen.
        kept = Q(pk=entry.session_type_id) if entry is not None else Q(pk=None)
        field: Any = self.fields["session_type"]
        field.queryset = SessionType.objects.filter(Q(is_archived=False) | kept)

    @staticmethod
    def of(entry: WaitingEntry) -> dict[str, Any]:
        """Return the fields' first values. Raise VaultError where the note does not open."""
        return {
            "urgency": entry.urgency, "times": entry.times, "session_type": entry.session_type_id, "note": entry.note,
        }  # fmt: skip

    @property
    def week(self) -> list[tuple[str, list[Box]]]:
        """Return the days of the week, each with its parts."""
        ticked = set(self["times"].value() or [])
        boxes = [Box(key, parts.named(key), key in ticked) for key in parts.KEYS]
        each = len(parts.BEGINS)
        return [(day, boxes[number * each : (number + 1) * each]) for number, day in enumerate(parts.WEEKDAYS)]


class GapForm(forms.Form):
    """A gap in the diary, as an address carries it. Clean gives `starts_at` and `room`."""

    day = forms.DateField(
        label="Date",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Please choose a date.", "invalid": "Please give a date, such as 24/11/2026."},
    )
    time = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": "Please choose a time.", "invalid": "Please give a time, such as 14:30."},
    )
    minutes = forms.IntegerField(
        label="Minutes",
        initial=USUAL,
        validators=[
            MinValueValidator(SHORTEST, f"At least {SHORTEST} minutes, please."),
            MaxValueValidator(LONGEST, f"At most {LONGEST} minutes (eight hours), please."),
        ],
        widget=forms.NumberInput(attrs={"min": SHORTEST, "max": LONGEST, "step": 5, "inputmode": "numeric"}),
        error_messages={
            "required": "Please say how many minutes.",
            "invalid": "Please give the minutes as a whole number, such as 50.",
        },
    )

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day < clock.today():
            raise ValidationError("This time has already passed.")
        if day > clock.today() + FURTHEST_AHEAD:
            raise ValidationError("Please choose a day within the next two years.")
        return day

    def clean_time(self) -> wall_time:
        typed: wall_time = self.cleaned_data["time"]
        return typed.replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "minutes" in data:
            data["room"] = timedelta(minutes=data["minutes"])
        if "day" in data and "time" in data:
            self._clean_start(data["day"], data["time"])
        return data

    def _clean_start(self, day: date, typed: wall_time) -> None:
        try:
            starts_at: datetime = clock.at(day, typed)
        except clock.NoSuchTime:
            words = f"This time does not exist on {shown(day, 'l j F')}: the clocks go forward over it."
            self.add_error("time", words)
            return
        if starts_at <= timezone.now():
            self.add_error("time", "This time has already passed.")
        self.cleaned_data["starts_at"] = starts_at
