"""What a counsellor fills in to start a programme for a client."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from exercises.assign_form import long_in_words
from exercises.courses import StepWish
from exercises.giving_form import LONG_MINUTES, GivingForm, caution, check_day, day_field
from exercises.mode_words import when_it_comes
from exercises.models import ExerciseVersion, Mode, Programme, ProgrammeStep
from practice import clock

CHANGED = "This programme has changed since you opened the page. Please look at its steps once more."


@dataclass(frozen=True)
class StepLine:
    """One step on the page: what it is, when it comes, whether it is to come, and its date where it has one."""

    version: ExerciseVersion
    when: str
    tick: forms.BoundField
    date: forms.BoundField | None


class StartForm(GivingForm):
    """The words that go with a programme, its days, and which of its steps are to come."""

    # Which state of the programme the counsellor has looked at; the page always writes the present one.
    programme_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    starts_on = day_field("First day", "Please choose the day on which it may begin.", "Nothing comes before it.")
    until_on = day_field("Last day", "", "Empty: until all has come.", required=False)

    def __init__(
        self, *args: Any, programme: Programme, steps: Sequence[tuple[ProgrammeStep, ExerciseVersion]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.programme, self.steps = programme, steps
        self.initial.setdefault("starts_on", clock.today())
        for step, version in steps:
            self.fields[f"step_{step.position}"] = forms.BooleanField(required=False, initial=True, label=version.title)
            if step.mode == Mode.ON_DATE:
                self.fields[f"on_{step.position}"] = day_field("Its date", "", required=False)

    @property
    def lines(self) -> list[StepLine]:
        """Return each step with its words and its fields, for the page."""
        return [
            StepLine(
                version=version,
                when=when_it_comes(step.mode, step.days, is_first=step == self.steps[0][0]),
                tick=self[f"step_{step.position}"],
                date=self[f"on_{step.position}"] if step.mode == Mode.ON_DATE else None,
            )
            for step, version in self.steps
        ]

    @property
    def planned(self) -> list[StepWish]:
        """Return all steps as they would run, before anything is chosen."""
        return [StepWish(version, step.mode, step.days) for step, version in self.steps]

    @property
    def wishes(self) -> list[StepWish]:
        """Return the steps that were left ticked, as they are to run."""
        return [
            StepWish(version, step.mode, step.days, self.cleaned_data.get(f"on_{step.position}"))
            for step, version in self._ticked()
        ]

    def arguments(self) -> dict[str, Any]:
        """Return what `start_course` takes besides who starts it for whom."""
        names = ("starts_on", "nonce", "until_on", "nudges", "is_practised_together")
        more = {name: self.cleaned_data[name] for name in names}
        return {"steps": self.wishes, "words": self.words, "programme": self.programme, **more}

    def asks(self) -> dict[str, str]:
        """Ask about steps that take long, and about imagery and letters that were not practised together."""
        versions = [version for _, version in self._ticked()]
        long = [version for version in versions if version.minutes > LONG_MINUTES]
        asked = {
            f"long-{version.exercise.slug}": f"“{version.title}”: {long_in_words(version.minutes)}" for version in long
        }
        return asked | caution(versions, is_practised_together=self.cleaned_data["is_practised_together"])

    def clean_starts_on(self) -> date:
        return self._checked("starts_on")

    def clean_until_on(self) -> date | None:
        return self._checked("until_on") if self.cleaned_data["until_on"] else None

    def clean(self) -> dict[str, Any]:
        """Look at the steps, and at the days beside each other."""
        data = self.cleaned_data
        if data.get("programme_version") != self.programme.version:
            self.add_error(None, CHANGED)
        first, last = data.get("starts_on"), data.get("until_on")
        if first and last and last < first:
            self.add_error("until_on", "The last day lies before the first.")
        ticked = self._ticked()
        if not ticked:
            self.add_error(None, "Please leave at least one step ticked.")
        for step, _ in ticked:
            if step.mode == Mode.ON_DATE:
                self._check_date(f"on_{step.position}", first)
        return data

    def _check_date(self, name: str, first: date | None) -> None:
        if name in self.errors:
            return
        day = self.cleaned_data[name]
        if day is None:
            self.add_error(name, "Please give its date, or leave this step out.")
        elif wrong := check_day(day):
            self.add_error(name, wrong)
        elif first and day < first:
            self.add_error(name, "Its date lies before the first day.")

    def _checked(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if wrong := check_day(day):
            raise ValidationError(wrong)
        return day

    def _ticked(self) -> list[tuple[ProgrammeStep, ExerciseVersion]]:
        return [pair for pair in self.steps if self.cleaned_data.get(f"step_{pair[0].position}")]
