"""What is chosen for the sessions in a leave."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.dateparse import parse_datetime

from practice import clock
from sessions.leaving import InTheWay
from sessions.time_off import Choice, Do

MOST_YEARS = 5
CHOOSE = "Please choose what happens to it."
TAKEN = "This time has been taken meanwhile. Please choose again."


class ChoicesForm(forms.Form):
    """What becomes of each session in a leave. `rest` counts for those of which nothing else was chosen."""

    rest = forms.ChoiceField(
        label="What happens to these sessions?",
        choices=[
            (Do.CANCEL, "Cancel them"),
            (Do.MOVE, "Move each to the first free time offered"),
            (Do.KEEP, "Keep them: I'll see to them myself"),
        ],
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args: Any, rows: Sequence[InTheWay], words: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # `words` say which days these are.
        self.rows, self.words = list(rows), words
        for row in self.rows:
            self.fields[_do(row)] = forms.ChoiceField(
                label=f"{row.name}, {_when(row.session.starts_at)}",
                choices=self._choices(row),
                required=False,
                error_messages={"invalid_choice": TAKEN},
            )

    def lines(self) -> Iterable[dict[str, Any]]:
        """Give each session with its fields, for the page."""
        for row in self.rows:
            first = _when(row.slots[0]) if row.slots else ""
            yield {"row": row, "field": self[_do(row)], "seen": _was(row), "news": self._news(row), "first": first}

    def clean(self) -> dict[str, Any]:
        if self.rows and not self.errors and not any(self.cleaned_data.values()):
            self.add_error("rest", "Please choose what happens to these sessions.")
            return self.cleaned_data
        for row in self.rows:
            said = self.cleaned_data.get(_do(row)) or self.cleaned_data.get("rest")
            if not said and _do(row) not in self.errors:
                self.add_error(_do(row), CHOOSE)
            elif said == Do.MOVE and not row.slots:
                self.add_error(_do(row), "No free time was found for it. Please choose something else.")
        return self.cleaned_data

    def choices(self) -> list[Choice]:
        """Return what the services take."""
        return [self._chosen(row) for row in self.rows]

    @property
    def is_settled(self) -> bool:
        """Say whether everything is chosen, of sessions that are still those that were looked at."""
        if not self.is_bound:
            return not self.rows
        return self.is_valid() and not self.has_news

    @property
    def has_news(self) -> bool:
        """Say whether the diary has changed since these sessions were looked at."""
        return bool(self.gone) or any(self._news(row) for row in self.rows)

    @property
    def gone(self) -> int:
        """Return how many of the sessions that were looked at are in these days no more."""
        return len({name for name in self.data if name.startswith("was-")} - {_was(row) for row in self.rows})

    def refuse(self, session_pk: UUID) -> None:
        """Say at a session that the time chosen for it is free no more."""
        for row in self.rows:
            if row.session.pk == session_pk:
                field = self.fields[_do(row)]
                assert isinstance(field, forms.ChoiceField)  # noqa: S101 - made above
                field.choices = [choice for choice in self._choices(row) if choice[0] != self.data.get(_do(row))]
                self.add_error(_do(row), TAKEN)

    def _choices(self, row: InTheWay) -> list[tuple[str, str]]:
        """Return what is offered; a free time that was offered before and chosen stays among it."""
        starts = list(row.slots)
        chosen = _moved_to(self.data.get(_do(row), ""))
        if chosen is not None and chosen not in starts:
            starts.append(chosen)
        moves = [(f"{Do.MOVE}:{start.isoformat()}", f"Move to {_when(start)}") for start in starts]
        return [("", "As above"), *moves, (Do.CANCEL, "Cancel"), (Do.KEEP, "Keep")]

    def _chosen(self, row: InTheWay) -> Choice:
        said: str = self.cleaned_data[_do(row)] or self.cleaned_data["rest"]
        starts_at = row.slots[0] if said == Do.MOVE else _moved_to(said)
        return Choice(row.session, row.session.version, Do.MOVE if starts_at else said, starts_at)

    def _news(self, row: InTheWay) -> str:
        """Say what is new of a session since the page was shown; "" for nothing."""
        if not self.is_bound:
            return ""
        seen = self.data.get(_was(row))
        if seen is None:
            return "New in these days"
        return "" if seen == str(row.session.version) else "Changed meanwhile"


def _do(row: InTheWay) -> str:
    return f"do-{row.session.pk.hex}"


def _was(row: InTheWay) -> str:
    return f"was-{row.session.pk.hex}"


def _moved_to(said: str) -> datetime | None:
    """Return the moment in a choice; None where it names none."""
    do, _, moment = said.partition(":")
    try:
        found = parse_datetime(moment) if do == Do.MOVE else None
    except ValueError:
        return None
    if found is None or found.tzinfo is None:
        return None
    return found if 0 <= found.year - clock.today().year <= MOST_YEARS else None


def _when(moment: datetime) -> str:
    here = clock.local(moment)
    return clock.shown(here, "D j M, H:i" if here.year == clock.today().year else "D j M Y, H:i")
