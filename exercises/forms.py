"""What a counsellor types to review and to choose."""

from collections.abc import Iterable
from typing import Any

from django import forms

LONG = 50_000


class ReviewForm(forms.Form):
    """What counsellor and client take from it."""

    learned = forms.CharField(
        required=False,
        max_length=LONG,
        label="What did we learn?",
        help_text="For you and for the next session; the client does not see it.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    # What stood there when the page was opened (exercises/services.py, `mark_of`).
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def arguments(self) -> dict[str, Any]:
        """Return what was typed as the service's arguments."""
        return {"learned": self.cleaned_data["learned"], "seen": self.cleaned_data["seen"] or None}


class ChooseClientForm(forms.Form):
    """For whom an exercise is."""

    client = forms.ChoiceField(label="Client")

    def __init__(self, *args: Any, names: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nobody is chosen beforehand: it would be the wrong person one day.
        self.fields["client"].choices = [("", "Choose a client"), *names]  # type: ignore[attr-defined]  # a choice field
