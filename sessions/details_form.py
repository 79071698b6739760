"""What is typed to change how a session is held, its kind, its pause and its fee."""

from datetime import timedelta
from typing import Any

from django import forms

from sessions import money
from sessions.models import ClientSession
from sessions.way_fields import WayFields

MOST_BUFFER = 240


class DetailsForm(WayFields):
    """Everything about a session but its time."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
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

    field_order = ("version", "session_type", "mode", "place", "buffer_minutes", "fee")

    @staticmethod
    def of(session: ClientSession) -> dict[str, Any]:
        """Return the fields' first values. Raise VaultError where the place does not open."""
        return {
            "version": session.version, "session_type": session.session_type, "mode": session.mode,
            "place": session.place, "fee": money.typed(session.fee_pence),
            "buffer_minutes": int(session.buffer.total_seconds()) // 60,
        }  # fmt: skip

    def arguments(self) -> dict[str, Any]:
        """Return what the service takes."""
        data = self.cleaned_data
        return {
            **{name: data[name] for name in ("version", "session_type", "mode", "place")},
            "buffer": timedelta(minutes=data["buffer_minutes"] or 0),
            "fee_pence": data["fee"],
        }
