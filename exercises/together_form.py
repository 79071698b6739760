"""The form that marks several answers as reviewed."""

from uuid import UUID

from django import forms

from exercises.forms import ReviewForm


class TogetherForm(ReviewForm):
    """What was learned from several answers. `shown` are the assignments whose answers stood on the page."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = None  # type: ignore[assignment]  # these begin from no words of before

    def clean_shown(self) -> list[UUID]:
        """Return the ids; what is none counts for nothing."""
        return [UUID(text) for text in self.cleaned_data["shown"].split() if _is_id(text)]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
