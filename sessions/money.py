"""Pounds as people type and read them; pence as they are kept."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

MOST_PENCE = 1_000_000
_POUNDS = re.compile(r"£?\s*(?P<pounds>\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(?P<pence>\d{1,2}))?", re.ASCII)


def pounds(pence: int) -> str:
    """Write pence as £60, or £62.50 where they are not whole pounds."""
    whole, rest = divmod(pence, 100)
    return f"£{whole:,}.{rest:02}" if rest else f"£{whole:,}"


def typed(pence: int | None) -> str:
    """Return what stands in a field for an amount; nothing where there is none."""
    return "" if pence is None else pounds(pence).removeprefix("£")


class PoundsField(forms.CharField):
    """An amount typed as 60, 60.00 or £60. Cleans to pence; None where it is left empty, 0 for nothing to pay."""

    default_error_messages = {
        "required": "Please give an amount in pounds, such as 60 or 62.50.",
        "invalid": "Please give an amount in pounds, such as 60 or 62.50.",
        "too_much": f"At most {pounds(MOST_PENCE)}, please.",
    }
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        found = _POUNDS.fullmatch(text)
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        pence = int(found["pounds"].replace(",", "")) * 100 + int((found["pence"] or "").ljust(2, "0"))
        if pence > MOST_PENCE:
            raise ValidationError(self.error_messages["too_much"], code="too_much")
        return pence

    def run_validators(self, value: Any) -> None:
        """Leave out those of a text: the value is a number by now."""
