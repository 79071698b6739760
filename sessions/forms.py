"""What is typed to book or move a session, and to look at a week."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.dateformat import format as shown

from clients.models import Client
from clients.selectors import opened
from practice import clock
from practice.models import User
from sessions.calendar import View
from sessions.diary import DiaryClash, PastSession
from sessions.hits import MATTERS_OF_TASTE, Hit, hits_of
from sessions.models import ClientSession, Series, SessionType
from sessions.selectors import bookable_clients, clash, name_of
from sessions.way_fields import WayFields

SHORTEST, LONGEST, USUAL = 10, 480, 50
FURTHEST_AHEAD = timedelta(days=731)
PAST = "This time has already passed."
_Made = TypeVar("_Made", ClientSession, Series)


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

    # What a time runs into has been read, and is meant all the same: the time that this was said of.
    all_the_same = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)
    warned: list[Hit] | None = None

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

    def arguments(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data[name] for name in ("starts_at", "length")}

    def is_warned(self, counsellor_id: UUID, *, buffer: timedelta, but: Iterable[UUID] = ()) -> bool:
        """Say whether the chosen time is taken, or runs into something that has not been said yet; `warned` is what."""
        starts_at, length = self.cleaned_data["starts_at"], self.cleaned_data["length"]
        other = clash(counsellor_id, starts_at, starts_at + length, but=next(iter(but), None))
        if other is not None:
            self.say_clash(other.starts_at, other.ends_at)
            return True
        if self.cleaned_data["all_the_same"] == self.said_of:
            return False
        self.warned = hits_of(counsellor_id, starts_at, starts_at + length, buffer=buffer, but=but)
        return bool(self.warned)

    def is_warned_softly(self, counsellor_id: UUID, *, buffer: timedelta, but: Iterable[UUID] = ()) -> bool:
        """Say whether the first time of a series is a matter of taste: said once, and not day by day."""
        starts_at, length = self.cleaned_data["starts_at"], self.cleaned_data["length"]
        if self.cleaned_data["all_the_same"] == self.said_of:
            return False
        found = hits_of(counsellor_id, starts_at, starts_at + length, buffer=buffer, but=but)
        self.warned = [hit for hit in found if hit.why in MATTERS_OF_TASTE]
        return bool(self.warned)

    def say_clash(self, starts_at: datetime, ends_at: datetime) -> None:
        """Put at the time what stands there already."""
        span = f"from {_shown(starts_at)} to {_shown(ends_at)}"
        self.add_error("clock_time", f"You already have a session {span}. Please choose another time.")

    @property
    def said_of(self) -> str:
        """Return the time that a warning is about, for the form's next round."""
        data = self.cleaned_data
        return f"{data['starts_at'].isoformat()}/{data['minutes']}" if {"starts_at", "minutes"} <= data.keys() else ""

    def attempt(self, deed: Callable[[], _Made]) -> _Made | None:
        """Do the deed; where the diary refuses it, put the refusal at the time and return None."""
        try:
            return deed()
        except DiaryClash as refusal:
            self.say_clash(refusal.starts_at, refusal.ends_at)
        except PastSession:
            self.add_error("clock_time", PAST)
        return None


class MoveForm(TimeForm):
    """Another time for a session. `back` is where the form stood, `version` the session's when it was shown."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    back = forms.ChoiceField(choices=View.choices, required=False, widget=forms.HiddenInput)

    @staticmethod
    def of(session: ClientSession) -> dict[str, Any]:
        """Return the fields' first values for a session that is to move."""
        here = clock.local(session.starts_at)
        return {
            "starts_on": here.date(), "clock_time": here.time(), "minutes": _minutes(session),
            "version": session.version,
        }  # fmt: skip

    def arguments(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {**super().arguments(), "version": self.cleaned_data["version"]}


class BookForm(WayFields, TimeForm):
    """A new session: with whom, when, how and where. `clients` are those whom the viewer may book."""

    client = forms.ChoiceField(
        error_messages={
            "required": "Please choose one of your clients.",
            "invalid_choice": "Please choose one of your clients.",
        }
    )
    field_order: Sequence[str] = ("client", "session_type", "starts_on", "clock_time", "minutes", "mode", "place")

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
        data = self.cleaned_data
        chosen: SessionType | None = data["session_type"]
        more = {"session_type": chosen, "buffer": self.buffer, "fee_pence": chosen.fee_pence if chosen else None}
        chosen_too = {"client": data["client"], "mode": data["mode"], "place": self.whereabouts}
        return super().arguments() | chosen_too | more

    @property
    def whereabouts(self) -> str:
        """Return where it is: what was typed, else the place of the chosen kind, where it is held in the same way."""
        typed: str = self.cleaned_data["place"]
        chosen: SessionType | None = self.cleaned_data["session_type"]
        is_usual = chosen is not None and chosen.mode == self.cleaned_data["mode"]
        return typed or (chosen.place if chosen is not None and is_usual else "")

    @property
    def buffer(self) -> timedelta:
        """Return the pause after the session that its kind asks for."""
        chosen: SessionType | None = self.cleaned_data["session_type"]
        return chosen.buffer if chosen else timedelta(0)

    @property
    def chosen(self) -> Client | None:
        """Return the client who is chosen in the form as it is shown."""
        return self._clients.get(str(self["client"].value()))

    def clean_client(self) -> Client:
        return self._clients[self.cleaned_data["client"]]


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


class LooksForm(forms.Form):
    """What is to be seen in the diary, as its buttons send it, and the page to return to."""

    hides_names = forms.BooleanField(required=False)
    hides_cancelled = forms.BooleanField(required=False)
    view = forms.ChoiceField(choices=View.choices)
    day = forms.DateField()


def _minutes(session: ClientSession) -> int:
    return int(session.length.total_seconds()) // 60


def _shown(moment: datetime) -> str:
    return clock.shown(moment)


def _leapt_over(day: date) -> str:
    return f"This time does not exist on {shown(day, 'l j F')}: the clocks go forward over it. Please choose another."
