"""What is chosen to cancel a session or a series, or to say how it stands."""

from typing import Any

from django import forms

from sessions.calendar import View
from sessions.models import ClientSession, DiaryRules

Status = ClientSession.Status
WHO: list[tuple[str, str]] = [
    (Status.CANCELLED_BY_CLIENT, "The client, in good time"),
    (Status.CANCELLED_LATE, "The client, at short notice"),
    (Status.CANCELLED_BY_COUNSELLOR, "I do"),
]


class CancelForm(forms.Form):
    """Who cancels."""

    by = forms.ChoiceField(
        label="Who cancels?",
        choices=WHO,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Please choose who cancels.",
            "invalid_choice": "Please choose one of the answers shown.",
        },
    )
    scope = forms.ChoiceField(
        label="Which sessions?",
        choices=[
            ("this", "This one alone"), ("following", "This one and those that follow"), ("all", "All that are ahead"),
        ],
        required=False,
        initial="this",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Please choose one of the answers shown."},
    )  # fmt: skip
    series_version = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, data: Any, *, session: ClientSession, scope: str = "") -> None:
        series = session.series
        version = series.version if series else None
        super().__init__(data, initial={"scope": scope or "this", "series_version": version})
        self._name_the_window()
        if series is None or session.has_begun:
            del self.fields["scope"], self.fields["series_version"]

    def _name_the_window(self) -> None:
        """Say what the practice calls short notice."""
        hours = round(DiaryRules.current().late_within.total_seconds() / 3600)
        field = self.fields["by"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        window = f": less than {hours} hours before" if hours else ""
        field.choices = [(by, label + (window if by == Status.CANCELLED_LATE else "")) for by, label in WHO]

    @property
    def part_of_series(self) -> dict[str, Any] | None:
        """Return which part of the series goes, as its service takes it; None for one session alone."""
        scope = self.cleaned_data.get("scope") or "this"
        return None if scope == "this" else {"scope": scope, "version": self.cleaned_data["series_version"] or 0}


class OutcomeForm(forms.Form):
    """How it stands with a session, as buttons send it."""

    outcome = forms.ChoiceField(choices=Status.choices)
    # Where the button stood.
    back = forms.ChoiceField(choices=[("today", "today"), *View.choices], required=False)
