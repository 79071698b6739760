"""What is typed to book, move or cancel a session, and to look at a week."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.utils.dateformat import format as shown

from clients.models import Client
from clients.selectors import opened
from practice import clock
from practice.models import User
from sessions.models import ClientSession
from sessions.selectors import bookable_clients, name_of
from sessions.services import DiaryClash, PastSession

SHORTEST, LONGEST, USUAL = 10, 480, 50
FURTHEST_AHEAD = timedelta(days=731)
PAST = "This time has already passed."
Status = ClientSession.Status


class TimeForm(forms.Form):
    """When a session is, by the practice's clock, and how long. Clean gives `starts_at` and `length`."""

    starts_on = forms.DateField(
        label="Date",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Please choose a date.",
            "invalid": "Please give a date, such as 24/11/2026.",
        },
    )
    clock_time = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "required": "Please choose a time.",
            "invalid": "Please give a time, such as 14:30.",
        },
    )
    minutes = forms.IntegerField(
        label="Length in minutes",
        initial=USUAL,
        validators=[
            MinValueValidator(SHORTEST, f"A session takes at least {SHORTEST} minutes."),
            MaxValueValidator(LONGEST, f"A session takes at most {LONGEST} minutes (eight hours)."),
        ],
        widget=forms.NumberInput(attrs={"min": SHORTEST, "max": LONGEST, "step": 5, "inputmode": "numeric"}),
        error_messages={
            "required": "Please say how many minutes.",
            "invalid": "Please give the minutes as a whole number, such as 50.",
        },
    )

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if day < clock.today():
            raise ValidationError(PAST)
        if day > clock.today() + FURTHEST_AHEAD:
            raise ValidationError("Please choose a day within the next two years.")
        return day

    def clean_clock_time(self) -> time:
        typed: time = self.cleaned_data["clock_time"]
        return typed.replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "minutes" in data:
            data["length"] = timedelta(minutes=data["minutes"])
        if "starts_on" in data and "clock_time" in data:
            try:
                data["starts_at"] = clock.at(data["starts_on"], data["clock_time"])
            except clock.NoSuchTime:
                self.add_error("clock_time", _leapt_over(data["starts_on"]))
        return data

    @staticmethod
    def of(session: ClientSession) -> dict[str, Any]:
        """Return the fields' first values for a session that is to move."""
        here = clock.local(session.starts_at)
        return {"starts_on": here.date(), "clock_time": here.time(), "minutes": _minutes(session)}

    def arguments(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data[name] for name in ("starts_at", "length")}

    def attempt(self, deed: Callable[[], ClientSession]) -> ClientSession | None:
        """Do the deed; where the diary refuses it, put the refusal at the time and return None."""
        try:
            return deed()
        except DiaryClash as refusal:
            span = f"from {_shown(refusal.starts_at)} to {_shown(refusal.ends_at)}"
            self.add_error("clock_time", f"You already have a session {span}. Please choose another time.")
        except PastSession:
            self.add_error("clock_time", PAST)
        return None


class BookForm(TimeForm):
    """A new session: with whom, when, how and where. `clients` are those whom the viewer may book."""

    client = forms.ChoiceField(
        error_messages={
            "required": "Please choose one of your clients.",
            "invalid_choice": "Please choose one of your clients.",
        }
    )
    mode = forms.ChoiceField(
        label="How",
        choices=ClientSession.Mode.choices,
        initial=ClientSession.Mode.IN_PERSON,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
        error_messages={
            "required": "Please choose how you meet.",
            "invalid_choice": "Please choose one of the ways shown.",
        },
    )
    place = forms.CharField(
        label="Room, video link or number",
        required=False,
        max_length=300,
        help_text="A room or a video link stands in the reminder, so that the client finds it.",
        error_messages={"max_length": "At most %(limit_value)d characters, please (there are %(show_value)d)."},
    )
    field_order = ("client", "starts_on", "clock_time", "minutes", "mode", "place")

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients = {str(client.pk): client for client in bookable_clients(viewer)}
        choices = [(key, f"{name_of(client)} · {client.reference}") for key, client in self._clients.items()]
        field = self.fields["client"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "Choose a client"), *choices]

    @staticmethod
    def usual(before: ClientSession) -> dict[str, Any]:
        """Return the fields' first values after an earlier session with the same client."""
        return {"minutes": _minutes(before), "mode": before.mode, "place": opened(before, "place").text}

    def arguments(self) -> dict[str, Any]:
        """Return what the service takes."""
        return super().arguments() | {name: self.cleaned_data[name] for name in ("client", "mode", "place")}

    @property
    def chosen(self) -> Client | None:
        """Return the client who is chosen in the form as it is shown."""
        return self._clients.get(str(self["client"].value()))

    def clean_client(self) -> Client:
        return self._clients[self.cleaned_data["client"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("mode") == ClientSession.Mode.VIDEO and data.get("place"):
            try:
                URLValidator(schemes=["https", "http"])(data["place"])
            except ValidationError:
                self.add_error("place", "Please give the whole link, beginning with https://, or leave it empty.")
        return data


class CancelForm(forms.Form):
    """Who cancels."""

    by = forms.ChoiceField(
        label="Who cancels?",
        choices=[
            (Status.CANCELLED_BY_CLIENT, "The client, in good time"),
            (Status.CANCELLED_LATE, "The client, at short notice"),
            (Status.CANCELLED_BY_COUNSELLOR, "I do"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Please choose who cancels.",
            "invalid_choice": "Please choose one of the answers shown.",
        },
    )


class OutcomeForm(forms.Form):
    """How a session went, as buttons send it."""

    outcome = forms.ChoiceField(choices=[(each, each) for each in ("attended", "did_not_attend", "booked")])
    # Where the button stood.
    back = forms.ChoiceField(choices=[("today", "today")], required=False)


class WeekForm(forms.Form):
    """A day whose week is to be shown."""

    day = forms.DateField(
        label="Go to a day",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[
            MinValueValidator(date(2000, 1, 1), "The diary begins in the year 2000."),
            MaxValueValidator(date(2100, 1, 1), "The diary ends in the year 2100."),
        ],
        error_messages={"required": "Please choose a date.", "invalid": "Please give a date, such as 24/11/2026."},
    )


def _minutes(session: ClientSession) -> int:
    return int(session.length.total_seconds()) // 60


def _shown(moment: datetime) -> str:
    return shown(clock.local(moment), "H:i")


def _leapt_over(day: date) -> str:
    return f"This time does not exist on {shown(day, 'l j F')}: the clocks go forward over it. Please choose another."
