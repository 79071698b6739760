"""What is typed to repeat a session, and to change a series."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.dateparse import parse_date, parse_datetime

from practice import clock
from sessions.forms import FURTHEST_AHEAD, BookForm, TimeForm
from sessions.models import ClientSession, Series, SessionType
from sessions.outlook import KEEP, MOST, SKIP, Place
from sessions.recurrence import Rule
from sessions.series import ALL, FOLLOWING, Terms
from sessions.series_rows import Choices
from sessions.way_fields import WayFields

MOST_INTERVAL = 12
ONCE, WEEKLY, FORTNIGHTLY, WEEKS, MONTHS = "once", "weekly", "fortnightly", "weeks", "months"
RHYTHMS = [
    (WEEKLY, "Every week"), (FORTNIGHTLY, "Every two weeks"), (WEEKS, "Every … weeks"),
    (MONTHS, "Every … months, on the same weekday"),
]  # fmt: skip
OPEN, COUNT, UNTIL = "open", "count", "until"
# A day's own choice is sent as `on-2026-12-25`.
ON = "on-"
# One session of a series may step aside by so much.
ASIDE = timedelta(days=14)


def choices_in(data: Mapping[str, Any]) -> Choices:
    """Return what a form says of each day; what is no such word is left out, and asked about once more."""
    found: dict[date, str | datetime] = {}
    for name, value in data.items():
        day = parse_day(name.removeprefix(ON)) if name.startswith(ON) else None
        choice = _choice(day, str(value)) if day is not None else None
        if day is not None and choice is not None:
            found[day] = choice
    return found


def parse_day(text: str) -> date | None:
    """Return an ISO date, or None for anything else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _choice(day: date, value: str) -> str | datetime | None:
    if value in (SKIP, KEEP):
        return value
    try:
        moment = parse_datetime(value)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None:
        return None
    try:
        return moment if abs(clock.local(moment).date() - day) <= ASIDE else None
    except OverflowError:  # a moment at the very edge of what a date can hold
        return None


class RhythmFields(forms.Form):
    """How a series comes round."""

    every = forms.IntegerField(
        label="Every how many",
        required=False,
        min_value=1,
        max_value=MOST_INTERVAL,
        initial=2,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"Please give a whole number from 1 to {MOST_INTERVAL}."
        ),
    )

    def rule_from(self, first_on: date, until_on: date | None = None) -> Rule:
        """Return the rule that was chosen, from this first day on."""
        chosen = self.cleaned_data["repeats"]
        interval = {WEEKLY: 1, FORTNIGHTLY: 2}.get(chosen) or self.cleaned_data["every"] or 1
        if chosen == MONTHS:
            return Rule.monthly(first_on, interval, until_on)
        return Rule(first_on, interval=interval, until_on=until_on)

    def refuse_no_number(self) -> None:
        """Put an error at the number where the rhythm needs one."""
        data = self.cleaned_data
        if data.get("repeats") in (WEEKS, MONTHS) and data.get("every") is None and "every" not in self.errors:
            self.add_error("every", "Please say every how many.")


class RepeatForm(RhythmFields, BookForm):
    """A booking that may repeat. Everything about repeating is by choice."""

    repeats = forms.ChoiceField(
        label="Repeats",
        choices=[(ONCE, "Does not repeat"), *RHYTHMS],
        required=False,
        initial=ONCE,
        error_messages={"invalid_choice": "Please choose one of the rhythms shown."},
    )
    ends = forms.ChoiceField(
        label="Ends",
        choices=[(OPEN, "When we end it"), (COUNT, "After a number of sessions"), (UNTIL, "On a day")],
        required=False,
        initial=OPEN,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Please choose one of the answers shown."},
    )
    count = forms.IntegerField(
        label="Number of sessions",
        required=False,
        min_value=2,
        max_value=MOST,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"Please give a whole number from 2 to {MOST}."
        ),
    )
    until_on = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Please give a date, such as 24/11/2026."},
    )
    field_order = (*BookForm.field_order, "repeats", "every", "ends", "count", "until_on")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.is_series:
            return data
        self.refuse_no_number()
        if data.get("ends") == COUNT and data.get("count") is None and "count" not in self.errors:
            self.add_error("count", "Please say how many sessions.")
        if data.get("ends") == UNTIL and "until_on" not in self.errors:
            self._refuse_odd_end(data.get("until_on"), data.get("starts_on"))
        return data

    def _refuse_odd_end(self, until_on: date | None, first_on: date | None) -> None:
        if until_on is None:
            self.add_error("until_on", "Please choose the last day.")
        elif first_on is not None and until_on < first_on:
            self.add_error("until_on", "This day is before the first session.")
        elif until_on > clock.today() + FURTHEST_AHEAD:
            self.add_error("until_on", "Please choose a day within the next two years.")

    @property
    def is_series(self) -> bool:
        """Return whether it repeats."""
        return self.cleaned_data.get("repeats") in dict(RHYTHMS)

    def series_arguments(self) -> dict[str, Any]:
        """Return what the service that books a series takes."""
        data = self.cleaned_data
        kind: SessionType | None = data["session_type"]
        at = Place(data["clock_time"], data["length"], self.buffer)
        return {
            "client": data["client"],
            "rule": self.rule_from(data["starts_on"], data["until_on"] if data["ends"] == UNTIL else None),
            "terms": Terms(at, data["mode"], self.whereabouts, kind, kind.fee_pence if kind else None),
            "count": data["count"] if data["ends"] == COUNT else None,
            "choices": choices_in(self.data),
        }


class SeriesForm(RhythmFields, WayFields, TimeForm):
    """Another rhythm, time or way for what of a series is ahead. `version` is the series' own."""

    scope = forms.ChoiceField(
        label="Which sessions?",
        choices=[(FOLLOWING, "This one and those that follow"), (ALL, "All that are ahead")],
        initial=FOLLOWING,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Please choose which sessions.",
            "invalid_choice": "Please choose one of the answers shown.",
        },
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    repeats = forms.ChoiceField(
        label="Repeats",
        choices=RHYTHMS,
        error_messages={
            "required": "Please choose a rhythm.",
            "invalid_choice": "Please choose one of the rhythms shown.",
        },
    )
    field_order = (
        "scope", "starts_on", "clock_time", "minutes", "repeats", "every", "session_type", "mode", "place",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].label = "First day"

    @staticmethod
    def of(session: ClientSession, series: Series) -> dict[str, Any]:
        """Return the fields' first values: the series as it is, from this session on. Raise VaultError."""
        # The rule's own day, also where this session was moved by itself.
        own = session.occurrence_on or clock.today()
        here = own if own >= clock.today() else clock.local(session.starts_at).date()
        rhythm, interval = series.rhythm, series.interval
        usual = {1: WEEKLY, 2: FORTNIGHTLY}.get(interval, WEEKS) if rhythm == Series.Rhythm.WEEKLY else MONTHS
        return {
            "version": series.version, "starts_on": here, "clock_time": series.clock_time,
            "minutes": int(series.length.total_seconds()) // 60, "repeats": usual, "every": interval,
            "session_type": series.session_type, "mode": series.mode, "place": series.place,
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.refuse_no_number()
        return data

    def series_arguments(self, series: Series) -> dict[str, Any]:
        """Return what the service that changes a series takes, besides the session. A chosen kind brings its pause."""
        data = self.cleaned_data
        kind: SessionType | None = data["session_type"]
        is_same_kind = kind == series.session_type
        buffer = series.buffer if is_same_kind else kind.buffer if kind else timedelta(0)
        fee = series.fee_pence if is_same_kind else kind.fee_pence if kind else None
        at = Place(data["clock_time"], data["length"], buffer)
        return {
            "scope": data["scope"], "version": data["version"], "rule": self.rule_from(data["starts_on"]),
            "terms": Terms(at, data["mode"], data["place"], kind, fee), "choices": choices_in(self.data),
        }  # fmt: skip
