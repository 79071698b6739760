"""What counsellors type about erasing: who asked, why not, why held, and the reference that confirms."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clients.models import AskedBy, Client, ErasureRequest
from practice import clock

LONG = 5_000
WORDS = {
    "required": "Please fill this in.",
    "max_length": "This is longer than fits here (%(limit_value)d characters). Could you shorten it a little?",
    "invalid_choice": "Please choose one of those shown.",
}
_LINES = {"rows": 4, "class": "short"}


class AskForm(forms.Form):
    """Who asked, and when."""

    asked_by = forms.ChoiceField(
        label="Who asks?", choices=AskedBy.choices, widget=forms.RadioSelect, error_messages=WORDS
    )
    received_on = forms.DateField(
        label="Received on",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=clock.today,
        help_text="The month to answer in begins on this day, whichever way they asked.",
        error_messages={**WORDS, "invalid": "Please give a date such as 12/05/2026."},
    )
    note = forms.CharField(
        label="Note",
        max_length=LONG,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs=_LINES),
        help_text="How they asked, how you know that it was them. It is erased with the record.",
        error_messages=WORDS,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].widget.attrs.pop("maxlength", None)

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > clock.today():
            raise ValidationError("This day has not come yet.")
        if day.year < clock.today().year - 10:
            raise ValidationError("Please check the year.")
        return day


class DeclineForm(forms.Form):
    """Why a request is not carried out."""

    why = forms.ChoiceField(
        label="Why not now?", choices=ErasureRequest.Why.choices, widget=forms.RadioSelect, error_messages=WORDS
    )
    note = forms.CharField(
        label="In your words",
        max_length=LONG,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs=_LINES),
        help_text="For your own record; it is erased with it. Another reason needs a word or two.",
        error_messages=WORDS,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].widget.attrs.pop("maxlength", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("why") == ErasureRequest.Why.OTHER and not cleaned.get("note", "-").strip():
            self.add_error("note", "Please say which reason it is.")
        return cleaned


class HoldForm(forms.Form):
    """Why a record must not be erased."""

    reason = forms.CharField(
        label="What is it for?",
        max_length=LONG,
        widget=forms.Textarea(attrs=_LINES),
        help_text="For example a claim that was announced, an inquest, a safeguarding inquiry; and who may lift it.",
        error_messages=WORDS,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("maxlength", None)


class EraseForm(forms.Form):
    """The reference, typed; and while the rule's time runs, that it was considered."""

    is_rule_considered = forms.BooleanField(
        label="I have considered the rule, and erase all the same",
        error_messages={"required": "The time is not over. Please say that you have considered it."},
    )
    reference = forms.CharField(
        max_length=40, error_messages=WORDS, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, client: Client, *args: Any, is_rule_ahead: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client = client
        self.fields["reference"].label = f"Type {client.reference} to confirm"
        if not is_rule_ahead:
            del self.fields["is_rule_considered"]

    def clean_reference(self) -> str:
        typed = str(self.cleaned_data["reference"]).strip()
        if typed.casefold() != self.client.reference.casefold():
            raise ValidationError(f"This is not the reference of this client: {self.client.reference}.")
        return typed
