"""What a counsellor chooses and types about a pack."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms

from notes.forms import QUESTION_MOST, TEXT_MOST, WordsField


class PrepareForm(forms.Form):
    """The notes ticked on the agenda. `nonce` becomes the pack's id, so that a form sent twice makes one pack."""

    notes = forms.TypedMultipleChoiceField(
        coerce=UUID, error_messages={"required": "Tick at least one note for the pack."}
    )
    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, data: Mapping[str, Any] | None = None, *, choices: list[UUID]) -> None:
        super().__init__(data)
        self.fields["notes"].choices = [(str(pk), str(pk)) for pk in choices]  # type: ignore[attr-defined]


class ItemForm(forms.Form):
    """An item's words. Marks are longer than what they replace: there is room for more than a note has."""

    question = WordsField(
        label="Question", required=False, max_length=QUESTION_MOST * 2, widget=forms.Textarea(attrs={"rows": 2})
    )
    text = WordsField(
        label="Note",
        max_length=TEXT_MOST * 2,
        widget=forms.Textarea(attrs={"class": "page"}),
        error_messages={"required": "This needs some words. To leave the note out, remove it from the pack."},
    )
