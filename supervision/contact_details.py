"""Patterns for contact details and dates of birth in a folded text."""

import re
from datetime import date

EMAIL, PHONE, GP, BIRTH, POSTCODE = "[e-mail]", "[telephone]", "[GP]", "[date of birth]", "[postcode]"

_MONTHS = ("january february march april may june july august september october november december").split()
_BEGIN, _END = r"(?<![^\W_])", r"(?![^\W_])"
# What may stand between two digits of a number.
_GAP = r"[\s().-]{0,3}"
_COUNTRY = rf"(?:\+|00){_GAP}44{_GAP}(?:\(0\){_GAP})?"
# A date and an hour are not a number to ring: 01.02.2024 10:30.
_NO_DATE = r"(?!\d{1,2}[.-]\d{1,2}[.-]\d{2})"

# Whatever the record says. Possessive quantifiers keep a long text without blanks from being searched again and again.
GENERAL = [
    (re.compile(r"(?<![\w.+%'-])[\w.+%'-]++@[\w-]++(?:\.[\w-]++)+"), EMAIL),
    (re.compile(rf"(?<!\w){_NO_DATE}(?:{_COUNTRY}|\(?0)(?:{_GAP}\d){{9,10}}(?!\d)"), PHONE),
    (re.compile(rf"(?<!\w)\+\d(?:{_GAP}\d){{8,14}}(?!\d)"), PHONE),
    (re.compile(_BEGIN + r"[a-z]{1,2}\d[a-z\d]?[^\S\n]{0,2}\d[abd-hjlnp-uw-z]{2}" + _END), POSTCODE),
]


def phone_patterns(field: str) -> list[re.Pattern[str]]:
    """Return a pattern for each number in a field, however spaced, with or without its country's and area's prefix.

    The last nine digits tell; numbers of fewer than six are none.
    """
    numbers = [re.sub(r"\D", "", run) for run in re.findall(r"\+?\d[\d\s().-]*\d", field)]
    tails = dict.fromkeys(number[-9:] for number in numbers if len(number) >= 6)
    return [re.compile(rf"(?<!\d)\+?\(?(?:\d{_GAP}){{0,5}}{_GAP.join(tail)}(?!\d)") for tail in tails]


def birth_patterns(iso: str) -> list[re.Pattern[str]]:
    """Return the patterns of a date of birth in common ways to write it; what is no ISO date is taken as it stands."""
    try:
        born = date.fromisoformat(iso)
    except ValueError:
        return [re.compile(_BEGIN + re.escape(iso.casefold()) + _END)] if iso.strip() else []
    name = _MONTHS[born.month - 1]
    month = rf"(?:{name}|{name[:3]}t?\.?)"
    year = rf"(?:{born.year}|'?{born.year % 100:02d})"
    day = rf"0?{born.day}(?:st|nd|rd|th)?"
    part = r"\s*[/. -]\s*"
    written = [
        rf"{born.year}{part}0?{born.month}{part}0?{born.day}",
        rf"0?{born.day}{part}0?{born.month}{part}{year}",
        rf"0?{born.month}{part}0?{born.day}{part}{year}",
        rf"{day}(?:\s+of)?[\s-]*{month}[\s,-]*{year}",
        rf"{month}[\s-]*{day}[\s,-]*{year}",
    ]
    return [re.compile(_BEGIN + pattern + _END) for pattern in written]
