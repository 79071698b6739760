"""Who sees what a client writes: three ways, each with what is true of it."""

from datetime import datetime

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from exercises.models import Sharing

_CHOOSE = "Please choose who sees what you write."
# vault/linked.py says how. An older draft is written over when this is chosen, so it says when to choose it.
_KEPT = (
    "Sealed with a key that is only in the link in your mail: {name} can't read it, and neither can the server. Keep "
    "that mail if you would like to read it again. While you write, your words pass through the server; once you have "
    "chosen this, they are not kept there in a readable form. If you know from the start, choose it before you write."
)
# How long a link can be kept open: exercises/drafts.py.
_UNTIL = " The link works until {day}. When it has run out, a button on its page keeps it open; after about two months "
_UNTIL += "more it can't be opened again, and nor can what is sealed by it."


class SharingField(forms.ChoiceField):
    """Share it, only say that it was done, or keep it."""

    def __init__(self, counsellor_name: str, *, required: bool, until: datetime | None = None) -> None:
        name = counsellor_name or "my counsellor"
        # Whoever opens a discreet page reads of no name; a sentence of ours begins with "your".
        third = _KEPT.format(name=counsellor_name or "your counsellor")
        if until is not None:
            third += _UNTIL.format(day=date_format(timezone.localtime(until), "l j F"))
        super().__init__(
            label="Who sees what you write?",
            required=required,
            choices=[
                (Sharing.SHARED, f"Share my answer with {name}"),
                (Sharing.DONE_ONLY, _with_note("Only say that I did it", "What you wrote is not kept.")),
                (Sharing.KEPT, _with_note("Keep it to myself", third)),
            ],
            widget=forms.RadioSelect,
            error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
        )


def _with_note(choice: str, note: str) -> SafeString:
    return format_html('<span>{}<br><span class="soft small">{}</span></span>', choice, note)
