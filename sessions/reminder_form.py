"""Rules of reminding as they are typed: one form for the practice, a counsellor, a client and a session."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms

from clients.models import Client
from practice.models import User
from sessions.models import ClientSession
from sessions.models.reminders import RULE, USUAL
from sessions.reminders import in_words
from sessions.reminding import set_of

LEAST_ROWS, MOST_ROWS = 5, 20
LONGEST_HOURS = 336
EVENING = time(18)
_NUMBERS = f"Please give hours from 1 to {LONGEST_HOURS}, such as 24 or 1.5."
_MOST_MINUTES = 9999


@dataclass(frozen=True)
class Scope:
    """Whose rules these are; with none of the three the practice's."""

    counsellor: User | None = None
    client: Client | None = None
    session: ClientSession | None = None

    @property
    def is_practice(self) -> bool:
        return not (self.counsellor or self.client or self.session)

    def own(self) -> list[str] | None:
        """Return the rules of this very scope; None where it has none of its own."""
        found = set_of(session=self.session, client=self.client, counsellor=self.counsellor)
        return None if found is None else list(found.rules)

    def usual(self) -> list[str]:
        """Return the rules that count where this scope has none of its own."""
        client = self.session.client if self.session else None
        counsellor = self.session.counsellor if self.session else self.client.counsellor if self.client else None
        above = [Scope(client=client)] if client else []
        above += [Scope(counsellor=counsellor)] if counsellor else []
        above += [] if self.is_practice else [Scope()]
        found = (scope.own() for scope in above)
        return next((rules for rules in found if rules is not None), list(USUAL))

    def now(self) -> list[str]:
        """Return the rules that count."""
        own = self.own()
        return self.usual() if own is None else own


def listed(rules: Iterable[str]) -> str:
    """Return rules in one line of words, the earliest first."""
    words = [in_words(rule) for rule in sorted(rules, key=_minutes_before, reverse=True)]
    if len(words) < 2:
        return words[0] if words else "no reminder"
    return f"{'; '.join(words[:-1])}; and {words[-1]}"


class RemindersForm(forms.Form):
    """Usual rules, none, or own ones: so many hours before each, and the evening before. Clean gives `rules`."""

    choice = forms.ChoiceField(
        label="When clients are reminded",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Please choose one of these.", "invalid_choice": "Please choose one of the answers shown.",
        },
    )  # fmt: skip
    is_evening = forms.BooleanField(label="The evening before", required=False)
    evening_at = forms.TimeField(
        label="At",
        required=False,
        initial=EVENING,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Please give a time, such as 18:00."},
    )

    def __init__(self, data: Any = None, *, scope: Scope) -> None:
        self._own, self._usual, self._scope = scope.own(), scope.usual(), scope
        now = self._usual if self._own is None else self._own
        hours = sorted((rule for rule in now if not rule.startswith("eve")), key=_minutes_before, reverse=True)
        super().__init__(data, initial=self._initial(now, hours))
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - declared above
        choice.choices = self._choices()
        sent = sum(name.startswith("hours_") for name in data or {})
        rows = max(LEAST_ROWS, len(hours) + 2 if len(hours) >= LEAST_ROWS else 0, sent)
        for number in range(min(rows, MOST_ROWS)):
            self.fields[f"hours_{number}"] = _hours_field(number)

    def rows(self) -> list[forms.BoundField]:
        """Return the fields of hours."""
        return [self[name] for name in self.fields if name.startswith("hours_")]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("choice") == "own":
            self._clean_own(data)
        return data

    def rules(self) -> list[str] | None:
        """Return the service's argument: None for the usual ones, each rule once."""
        choice, rules = self.cleaned_data["choice"], self.cleaned_data.get("rules")
        if choice == "usual":
            return None
        if self._scope.is_practice and self._own is None and rules == USUAL:
            return None  # as it has been, without anybody's saying so
        return list(rules or [])

    def _clean_own(self, data: dict[str, Any]) -> None:
        rules = {_rule(value) for name, value in data.items() if name.startswith("hours_") and value is not None}
        if data.get("is_evening") and "evening_at" not in self.errors:
            rules.add(f"eve{data.get('evening_at') or EVENING:%H:%M}")
        if not rules and not self.errors:
            self.add_error("hours_0", "Please give at least one, or choose another answer above.")
        data["rules"] = sorted(rules, key=_minutes_before, reverse=True)

    def _choices(self) -> Sequence[tuple[str, str]]:
        if self._scope.is_practice:
            return [("own", "At these times"), ("none", "Not at all")]
        return [
            ("usual", f"As usual: {listed(self._usual)}"), ("own", "At other times"), ("none", "Not at all"),
        ]  # fmt: skip

    def _initial(self, now: list[str], hours: list[str]) -> dict[str, Any]:
        choice = "own" if self._own or (self._own is None and self._scope.is_practice) else "none"
        if self._own is None and not self._scope.is_practice:
            choice = "usual"
        found: dict[str, Any] = {f"hours_{number}": _hours_of(rule) for number, rule in enumerate(hours)}
        evening = next((rule for rule in now if rule.startswith("eve")), "")
        found |= {"choice": choice, "is_evening": bool(evening)}
        return found | ({"evening_at": time.fromisoformat(evening.removeprefix("eve"))} if evening else {})


def _hours_field(number: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=f"Hours before, {number + 1}", required=False, min_value=1, max_value=LONGEST_HOURS,
        validators=[_whole_minutes], error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _NUMBERS),
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )  # fmt: skip


def _whole_minutes(hours: Decimal) -> None:
    """Refuse what is no whole number of minutes; a number out of range has its own refusal."""
    if 1 <= hours <= LONGEST_HOURS and (hours * 60 % 1 or (hours % 1 and hours * 60 > _MOST_MINUTES)):
        raise forms.ValidationError(_NUMBERS)


def _rule(hours: Decimal) -> str:
    return f"{int(hours)}h" if hours == int(hours) else f"{int(hours * 60)}m"


def _hours_of(rule: str) -> str:
    """Return what stands in a field for a rule of hours or minutes: 24, 1.5."""
    hours = Decimal(_minutes_before(rule)) / 60
    return str(int(hours)) if hours == int(hours) else f"{hours:.2f}".rstrip("0")


def _minutes_before(rule: str) -> int:
    """Return how long before the start a rule is; the evening before counts as of a session at noon."""
    parts = RULE.fullmatch(rule)
    if parts is None:
        return 0
    if parts["at"]:
        at = time.fromisoformat(parts["at"])
        return 36 * 60 - at.hour * 60 - at.minute
    return int(parts["hours"]) * 60 if parts["hours"] else int(parts["minutes"])
