"""What is typed to change how a session is held, its kind, its pause and its fee."""

from datetime import timedelta
from typing import Any

from django import forms

from clients.selectors import opened
from sessions import money
from sessions.models import ClientSession, SessionType
from sessions.way_fields import offer_types, refuse_broken_link

MOST_BUFFER = 240


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
    fee = money.PoundsField(label="Fee in pounds", required=False, max_length=20, help_text="Empty for none.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_types(self.fields["session_type"])

    @staticmethod
    def of(session: ClientSession) -> dict[str, Any]:
        """Return the fields' first values. A place that does not open is shown empty, and marked beside the form."""
        return {
            "version": session.version, "session_type": session.session_type, "mode": session.mode,
            "place": opened(session, "place").text, "fee": money.typed(session.fee_pence),
            "buffer_minutes": int(session.buffer.total_seconds()) // 60,
        }  # fmt: skip

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
