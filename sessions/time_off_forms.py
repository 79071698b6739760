"""What is typed to block time and to take leave."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.dateformat import format as shown

from practice import clock
from sessions.leaving import off
from sessions.models import TimeOff
from sessions.time_off import LONGEST

FURTHEST_AHEAD = timedelta(days=731)
LABEL_LENGTH = 80
DAY_WORDS = {"required": "Please choose a day.", "invalid": "Please give a day, such as 24/11/2026."}
TIME_WORDS = {"required": "Please choose a time.", "invalid": "Please give a time, such as 14:30."}
PAST = "This has passed already."
TOO_FAR = "Please choose a day within the next two years."


def _day(label: str, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    formats = ["%Y-%m-%d", "%d/%m/%Y"]
    within = [MinValueValidator(date(2000, 1, 1), PAST), MaxValueValidator(date(2100, 1, 1), TOO_FAR)]
    return forms.DateField(
        label=label, widget=widget, input_formats=formats, validators=within, error_messages=DAY_WORDS, **more
    )


def _time(label: str, **more: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, widget=widget, error_messages=TIME_WORDS, **more)


def _label(example: str) -> forms.CharField:
    return forms.CharField(
        label="What it is",
        required=False,
        max_length=LABEL_LENGTH,
        help_text=f"{example} For yourself: it is kept encrypted, and nobody else sees it.",
        error_messages={"max_length": "At most %(limit_value)d characters, please (there are %(show_value)d)."},
    )


class _OwnTimeForm(forms.Form):
    """What both have: the row that is changed, and a label that stays as it is where nobody has typed another."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, row: TimeOff | None = None, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)
        if row is not None:
            self.initial["version"] = row.version

    def change(self) -> dict[str, Any]:
        """Return what a service takes to change the row: which version was seen, and the label where it was typed."""
        label = self.cleaned_data["label"] if "label" in self.changed_data else None
        return {"row": self.row, "version": self.cleaned_data["version"] or 0, "label": label}

    def _is_refused_as_far(self, field: str, day: date) -> bool:
        is_far = day > clock.today() + FURTHEST_AHEAD
        if is_far:
            self.add_error(field, TOO_FAR)
        return is_far

    def _is_as_it_was(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.row is not None and (self.row.starts_at, self.row.ends_at) == (starts_at, ends_at)


class BlockForm(_OwnTimeForm):
    """A day, or some hours of it. Clean gives `starts_at` and `ends_at`."""

    on = _day("Day")
    is_all_day = forms.BooleanField(label="All day", required=False)
    from_time = _time("From")
    # 00:00 is the end of the day.
    until_time = _time("Until")
    label = _label("Training, a dentist, school pick-up.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("is_all_day"):
            for name in ("from_time", "until_time"):
                self.fields[name].required = False

    @staticmethod
    def of(row: TimeOff) -> dict[str, Any]:
        """Return the fields' first values for what is to change."""
        said, begins, ends = off(row), clock.local(row.starts_at), clock.local(row.ends_at)
        times = {} if said.is_whole_days else {"from_time": begins.time(), "until_time": ends.time()}
        return {"on": said.first_on, "is_all_day": said.is_whole_days, "label": said.label.text, **times}

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "on" not in data:
            return data
        if self._is_refused_as_far("on", data["on"]):
            return data
        span = self._whole_day(data["on"]) if data["is_all_day"] else self._hours(data["on"])
        if span is None or self.errors:
            return data
        data["starts_at"], data["ends_at"] = span
        if data["ends_at"] <= timezone.now() and not self._is_as_it_was(*span):
            self.add_error("on", PAST)
        return data

    @property
    def span(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: self.cleaned_data[name] for name in ("starts_at", "ends_at")}

    def _whole_day(self, day: date) -> tuple[datetime, datetime]:
        return clock.start_of(day), clock.start_of(day + timedelta(days=1))

    def _hours(self, day: date) -> tuple[datetime, datetime] | None:
        moments = [self._moment(day, "from_time"), self._moment(day, "until_time")]
        begins, ends = moments
        if begins is None or ends is None:
            return None
        if ends <= begins:
            self.add_error("until_time", "This is not after the beginning. Please choose a later time.")
            return None
        return begins, ends

    def _moment(self, day: date, field: str) -> datetime | None:
        typed: time | None = self.cleaned_data.get(field)
        if typed is None:
            return None
        if field == "until_time" and typed == time():
            return clock.start_of(day + timedelta(days=1))
        try:
            return clock.at(day, typed.replace(second=0, microsecond=0))
        except clock.NoSuchTime:
            self.add_error(field, f"This time does not exist on {shown(day, 'l j F')}: the clocks go forward over it.")
            return None


def asked_for(query: Mapping[str, str]) -> dict[str, Any]:
    """Return the first values that an address asks for (`day`, `time`); what is no day and no time is passed over."""
    asked: dict[str, Any] = {}
    with suppress(ValueError):
        asked["on"] = date.fromisoformat(query.get("day", ""))
    with suppress(ValueError):
        begins = time.fromisoformat(query.get("time", "")).replace(second=0, microsecond=0, tzinfo=None)
        asked |= {"from_time": begins, "until_time": begins.replace(hour=(begins.hour + 1) % 24)}
    return asked


class LeaveForm(_OwnTimeForm):
    """The first and the last day of a leave, by the practice's clock."""

    first_on = _day("First day")
    last_on = _day("Last day")
    label = _label("Holiday, conference, parental leave.")

    @staticmethod
    def of(row: TimeOff) -> dict[str, Any]:
        """Return the fields' first values for a leave that is to change."""
        said = off(row)
        return {"first_on": said.first_on, "last_on": said.last_on, "label": said.label.text}

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "first_on" not in data or "last_on" not in data:
            return data
        first, last = data["first_on"], data["last_on"]
        if last < first:
            self.add_error("last_on", "This is before the first day. Please choose that day or a later one.")
        elif last - first >= LONGEST:
            self.add_error("last_on", "A leave takes at most a year here. Please enter a longer one in parts.")
        self._is_refused_as_far("first_on", first)
        if last < clock.today() and not (self.row and LeaveForm.of(self.row)["last_on"] == last):
            self.add_error("last_on", PAST)
        return data

    @property
    def days(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: self.cleaned_data[name] for name in ("first_on", "last_on")}
