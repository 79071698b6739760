"""A counsellor's working hours, typed for the whole week in one form."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms

from sessions.arrangements import Span
from sessions.models import WorkingHours

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FRIDAY = 4
# So many spans a day; the last is offered once the others are filled in.
MOST, SHOWN = 3, 2
_ORDER = ("", ", second time", ", third time")


@dataclass(frozen=True)
class Line:
    """One span of a day as the page shows it."""

    begins: forms.BoundField
    ends: forms.BoundField
    nth: str


@dataclass(frozen=True)
class Weekday:
    """A day of the form. `spare` is one more line for a day that is full, shown when it is asked for."""

    name: str
    lines: list[Line]
    spare: list[Line]


class HoursForm(forms.Form):
    """From when until when on each weekday, up to three times a day. Clean gives `spans`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, name in enumerate(DAYS):
            for nth in range(MOST):
                self.fields[f"from_{day}_{nth}"] = _time_field(f"{name}{_ORDER[nth]}, from")
                self.fields[f"until_{day}_{nth}"] = _time_field(f"{name}{_ORDER[nth]}, until")

    @staticmethod
    def initial_for(hours: Iterable[WorkingHours]) -> dict[str, time]:
        """Return what the fields show of the hours that are kept."""
        found: dict[str, time] = {}
        counts = [0] * len(DAYS)
        for each in hours:
            day = each.weekday
            found[f"from_{day}_{counts[day]}"], found[f"until_{day}_{counts[day]}"] = each.from_time, each.until_time
            counts[day] += 1
        return found

    @staticmethod
    def like_monday(typed: Mapping[str, str]) -> dict[str, str]:
        """Return what was typed, with Monday's hours on Tuesday to Friday too."""
        found = {name: value for name, value in typed.items() if name.startswith(("from_", "until_"))}
        for day in range(1, FRIDAY + 1):
            for nth in range(MOST):
                for end in ("from", "until"):
                    found[f"{end}_{day}_{nth}"] = typed.get(f"{end}_0_{nth}", "")
        return found

    def week(self) -> list[Weekday]:
        """Return the days with as many lines as they need, at least two, and one to spare."""
        return [Weekday(name, *self._lines(day)) for day, name in enumerate(DAYS)]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["spans"] = [(day, *span) for day in range(len(DAYS)) for span in self._spans(day)]
        return data

    def spans(self) -> list[Span]:
        """Return the service's argument."""
        found: list[Span] = self.cleaned_data["spans"]
        return found

    def _lines(self, day: int) -> tuple[list[Line], list[Line]]:
        lines = [Line(self[f"from_{day}_{nth}"], self[f"until_{day}_{nth}"], _ORDER[nth]) for nth in range(MOST)]
        filled = [nth for nth, line in enumerate(lines) if line.begins.value() or line.ends.value()]
        needed = filled[-1] + 1 if filled else 0
        return lines[: max(SHOWN, needed)], lines[SHOWN:] if needed == SHOWN else []

    def _spans(self, day: int) -> list[tuple[time, time]]:
        """Return a day's spans in order, those that touch made one; put what does not fit at its field."""
        typed = sorted((begins, ends, nth) for nth, begins, ends in self._whole(day))
        spans: list[tuple[time, time]] = []
        for begins, ends, nth in typed:
            if spans and begins < spans[-1][1]:
                self.add_error(f"from_{day}_{nth}", "This overlaps with another time of the day.")
            elif spans and begins == spans[-1][1]:
                spans[-1] = (spans[-1][0], ends)
            else:
                spans.append((begins, ends))
        return spans

    def _whole(self, day: int) -> Iterator[tuple[int, time, time]]:
        """Give the spans that have a beginning before their end."""
        for nth in range(MOST):
            first, last = f"from_{day}_{nth}", f"until_{day}_{nth}"
            if first in self.errors or last in self.errors:
                continue
            begins, ends = self.cleaned_data.get(first), self.cleaned_data.get(last)
            if begins and ends and begins < ends:
                yield nth, begins, ends
            elif begins and ends:
                self.add_error(last, "This must be later than the time before it.")
            elif begins:
                self.add_error(last, "Please say until when.")
            elif ends:
                self.add_error(first, "Please say from when.")


def _time_field(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Please give a time, such as 09:30."},
    )
