"""What is typed to change how a session is held, its kind, its pause and its fee."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clients.selectors import opened
from sessions.forms import offer_types, refuse_broken_link
from sessions.models import ClientSession, SessionType

MOST_BUFFER = 240
MOST_PENCE = 1_000_000
_POUNDS = re.compile(r"£?\s*(\d{1,5})(?:\.(\d{2}))?")


def pence_of(text: str) -> int | None:
    """Return an amount such as "60", "£60" or "60.50" in pence; None for none. Raise ValidationError."""
    if not text.strip():
        return None
    found = _POUNDS.fullmatch(text.strip())
    pence = int(found[1]) * 100 + int(found[2] or 0) if found else MOST_PENCE + 1
    if pence > MOST_PENCE:
        raise ValidationError("Please give an amount in pounds, such as 60 or 60.50.")
    return pence


def pounds_of(pence: int | None) -> str:
    """Return pence as somebody would type them: "60", "60.50", or "" for none."""
    if pence is None:
        return ""
    pounds, rest = divmod(pence, 100)
    return f"{pounds}.{rest:02d}" if rest else str(pounds)


class DetailsForm(forms.Form):
    """Everything about a session but its time."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    session_type = forms.ModelChoiceField(
        label="Kind of session",
        queryset=SessionType.objects.none(),
        required=False,
        empty_label="No particular kind",
        error_messages={"invalid_choice": "Please choose one of the kinds shown."},
    )
    mode = forms.ChoiceField(
        label="How",
        choices=ClientSession.Mode.choices,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
        error_messages={
            "required": "Please choose how you meet.",
            "invalid_choice": "Please choose one of the ways shown.",
        },
    )
    place = forms.CharField(
        label="Room, video link or number",
        required=False,
        max_length=300,
        help_text="A room or a video link stands in the client's mail, so that they find it.",
        error_messages={"max_length": "At most %(limit_value)d characters, please (there are %(show_value)d)."},
    )
    buffer_minutes = forms.IntegerField(
        label="Pause afterwards, in minutes",
        required=False,
        min_value=0,
        max_value=MOST_BUFFER,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"Please give a whole number from 0 to {MOST_BUFFER}."
        ),
    )
    fee = forms.CharField(label="Fee in pounds", required=False, max_length=20, help_text="Empty for none.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_types(self.fields["session_type"])

    @staticmethod
    def of(session: ClientSession) -> dict[str, Any]:
        """Return the fields' first values. A place that does not open is shown empty, and marked beside the form."""
        return {
            "version": session.version, "session_type": session.session_type, "mode": session.mode,
            "place": opened(session, "place").text, "fee": pounds_of(session.fee_pence),
            "buffer_minutes": int(session.buffer.total_seconds()) // 60,
        }  # fmt: skip

    def clean_fee(self) -> int | None:
        return pence_of(self.cleaned_data["fee"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        refuse_broken_link(self)
        return self.cleaned_data

    def arguments(self) -> dict[str, Any]:
        """Return what the service takes."""
        data = self.cleaned_data
        return {
            **{name: data[name] for name in ("version", "session_type", "mode", "place")},
            "buffer": timedelta(minutes=data["buffer_minutes"] or 0),
            "fee_pence": data["fee"],
        }
