"""What a counsellor fills in to give one exercise, once or on days of the week."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from clients.models import Client
from exercises.courses import StepWish
from exercises.forecast import first_coming
from exercises.giving_form import (
    LONG_MINUTES,
    GivingForm,
    caution,
    check_day,
    day_field,
    day_in_words,
    line,
    moment_in_words,
)
from exercises.models import ExerciseVersion, Mode
from exercises.selectors import SendWhen, sending_moment, usual_due_day
from practice import clock
from practice.models import Practice
from sessions.models import ClientSession

ONCE, DAILY, DAYS = "once", "daily", "days"
SESSION, DAY = "session", "day"
MOST_MINUTES = 120
CHOOSE_DAY = "Please choose a day."
NO_SESSION = "There is no session ahead any more. Please choose a day."
WEEKDAYS = [("0", "Mon"), ("1", "Tue"), ("2", "Wed"), ("3", "Thu"), ("4", "Fri"), ("5", "Sat"), ("6", "Sun")]


def _either(label: str, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, widget=forms.RadioSelect, error_messages={"invalid_choice": NO_SESSION}, **more
    )


class AssignForm(GivingForm):
    """What goes with an exercise. Clean adds `due_on` and `send_at`; to a repeated one `weekdays` and `until_on`."""

    plan_when = line(
        "When it might fit", "Please plan when, together if you can.", "Such as “after supper”.",
        forms.TextInput(attrs={"list": "when-ideas"}),
    )  # fmt: skip
    often = forms.ChoiceField(
        label="How often",
        choices=[(ONCE, "Once"), (DAILY, "Every day"), (DAYS, "On certain days")],
        initial=ONCE,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
    )
    minutes = forms.IntegerField(
        label="Minutes",
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
        help_text="What the client reads: “about … minutes”. Ten or fewer are kept up more easily.",
    )
    by = _either("Best done by")
    due_on = day_field("The day", CHOOSE_DAY, required=False)
    send = forms.ChoiceField(
        label="When to send it",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Please choose when to send it."},
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="On these days",
        required=False,
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "seven"}),
    )
    until = _either("Until")
    until_on = day_field("The last day", CHOOSE_DAY, required=False)

    def __init__(
        self, *args: Any, client: Client, version: ExerciseVersion, coming: ClientSession | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.client, self.version, self.coming = client, version, coming
        practice = Practice.current()
        ways: list[SendWhen] = ["now"] if client.preferred_hour is None else ["preferred", "now"]
        self.moments = {way: sending_moment(client, way, practice) for way in ways}
        names = {"preferred": "At the hour they prefer", "now": "Straight away"}
        self._offer("send", [(way, f"{names[way]}: {moment_in_words(self.moments[way])}") for way in ways])
        self._offer("by", self._ends("Before the next session, {}, and moves with it", "By a day"))
        self._offer("until", self._ends("Until the next session, {}, and moves with it", "Until a day"))
        self.initial.setdefault("minutes", version.minutes)
        self.initial.setdefault("due_on", usual_due_day(None, self.first_day))
        self.initial.setdefault("until_on", usual_due_day(None, clock.today()))

    @property
    def first_day(self) -> date:
        """Return the day on which the mail would leave by default."""
        return clock.local(next(iter(self.moments.values()))).date()

    @property
    def is_repeated(self) -> bool:
        return bool(self.cleaned_data["often"] != ONCE)

    @property
    def step(self) -> StepWish:
        """Return the one step of a repeated exercise."""
        return StepWish(self.version, Mode.WEEKDAYS, weekdays=self.cleaned_data["weekdays"])

    def once(self) -> dict[str, Any]:
        """Return what `assign_exercise` takes besides who gives what to whom."""
        names = ("personal_line", "why", "plan_when", "plan_where", "due_on", "send_at", "is_practised_together")
        data = self.cleaned_data
        minutes = None if data["minutes"] == self.version.minutes else data["minutes"]
        more = {"follows_session": data["by"] == SESSION, "minutes": minutes, "nudges": data["nudges"]}
        return {**{name: data[name] for name in names}, **more, "nonce": data["nonce"]}

    def repeated(self) -> dict[str, Any]:
        """Return what `start_course` takes besides who gives it to whom. Nudges would crowd what comes again anyway."""
        data = self.cleaned_data
        is_until_session = data["until"] == SESSION
        return {
            "steps": [self.step], "words": self.words, "starts_on": clock.today(), "nonce": data["nonce"],
            "until_session": is_until_session, "until_on": None if is_until_session else data["until_on"],
            "nudges": 0, "is_practised_together": data["is_practised_together"],
        }  # fmt: skip

    def asks(self) -> dict[str, str]:
        """Ask about what takes long, and about imagery and letters that were not practised together."""
        minutes = self.version.minutes if self.is_repeated else self.cleaned_data["minutes"]
        long = {"long": long_in_words(minutes)} if minutes > LONG_MINUTES else {}
        is_together = self.cleaned_data["is_practised_together"]
        return long | caution([self.version], is_practised_together=is_together)

    def clean(self) -> dict[str, Any]:
        """Look at what belongs to the chosen way alone: what the other way asks for may stay empty."""
        data = self.cleaned_data
        if data.get("often") == ONCE:
            self._clean_once(data)
        elif "often" in data:
            self._clean_repeated(data)
        return data

    def _clean_once(self, data: dict[str, Any]) -> None:
        if data.get("minutes") is None and "minutes" not in self.errors:
            self.add_error("minutes", "Please say how many minutes it may take.")
        send_at = data["send_at"] = self.moments.get(data.get("send", ""))
        if send_at is None:
            if "send" not in self.errors:
                self.add_error("send", "Please choose when to send it.")
            return
        leaves_on = clock.local(send_at).date()
        if self._last_day("by", "due_on", usual_due_day(self.coming, leaves_on)) and leaves_on > data["due_on"]:
            leaves = f"The mail would leave later, {moment_in_words(send_at)}."
            self.add_error("due_on", f"{leaves} Please choose a later day.")

    def _clean_repeated(self, data: dict[str, Any]) -> None:
        for name in ("minutes", "due_on", "send", "by"):  # what is not asked for is not complained of
            self.errors.pop(name, None)
        if data["often"] == DAILY:
            data["weekdays"] = list(range(7))
            self.errors.pop("weekdays", None)
        if not data.get("weekdays"):
            if "weekdays" not in self.errors:
                self.add_error("weekdays", "Please tick at least one day.")
            return
        is_whole = self._last_day("until", "until_on", usual_due_day(self.coming, clock.today()))
        if is_whole and first_coming(self.client, [self.step], clock.today(), data["until_on"]) is None:
            self.add_error("weekdays", "None of these days comes before it ends.")

    def _last_day(self, which: str, day: str, before_session: date) -> bool:
        """Put the last day into the data, whichever way it was chosen; return whether there is one."""
        chosen = self.cleaned_data.get(which)
        if which in self.errors:
            return False
        if chosen == SESSION:
            self.errors.pop(day, None)
            self.cleaned_data[day] = before_session
            return True
        if day not in self.errors:
            wrong = CHOOSE_DAY if self.cleaned_data.get(day) is None else check_day(self.cleaned_data[day])
            if wrong:
                self.add_error(day, wrong)
        return day not in self.errors

    def _ends(self, session: str, by_day: str) -> list[tuple[str, str]]:
        if self.coming is None:
            return [(DAY, by_day)]
        return [(SESSION, session.format(day_in_words(clock.local(self.coming.starts_at).date()))), (DAY, by_day)]

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field
        self.fields[name].initial = choices[0][0]


def long_in_words(minutes: int) -> str:
    """Return the question that a long exercise raises."""
    return f"It takes about {minutes} minutes. What takes ten or fewer is done more often. Is there room for this one?"
