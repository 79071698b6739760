"""What is typed to settle something about the diary: its rules, a kind of session, what was agreed with a client."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator

from practice import clock
from sessions import money
from sessions.arrangements import Rules, TypeDetails
from sessions.forms import LONGEST, SHORTEST, USUAL
from sessions.models import Agreement, DiaryRules, SessionType
from sessions.models.ways import Mode

MOST_HOURS = 336
MOST_DELAY, MOST_BUFFER, MOST_BEFORE, MOST_AGREED = 60, 120, 20, 200
_REQUIRED = {"required": "Please fill this in."}


def whole_number(label: str, least: int, most: int, help_text: str = "", **more: Any) -> forms.IntegerField:
    """Return a field for a whole number, with our words for what is none, or too small or too large."""
    words = f"Please give a whole number from {least} to {most}."
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={**_REQUIRED, "invalid": words, "min_value": words, "max_value": words},
        **more,
    )  # fmt: skip


def switch(label: str, help_text: str = "") -> forms.BooleanField:
    """Return a field that is on or off."""
    return forms.BooleanField(label=label, required=False, help_text=help_text)


class DiaryRulesForm(forms.Form):
    """What clients are told of the diary's changes, and what they may do by themselves."""

    notify_booked = switch("When a session is booked")
    notify_moved = switch("When it is moved")
    notify_cancelled = switch("When it is cancelled")
    delay_minutes = whole_number(
        "Minutes that such a mail waits", 0, MOST_DELAY,
        "Whatever is undone meanwhile is never sent. Three is usual.",
    )  # fmt: skip
    clients_may_cancel = switch(
        "Clients may cancel by themselves", "By the link in their mail, until it is short notice."
    )
    late_hours = whole_number(
        "Hours before the start from which it is short notice", 0, MOST_HOURS,
        "A client’s cancellation from then on is a late one. 0 if there is no such rule.",
    )  # fmt: skip
    offers_slots = switch(
        "Show your free times to who asks to move",
        "From the counsellor’s working hours. Otherwise the client writes a line.",
    )
    soon_hours = whole_number(
        "Hours before the start within which counsellors are mailed", 0, MOST_HOURS,
        "When a client cancels, asks to move or to be contacted. It stands on Today in any case; 0 for no such mail.",
    )  # fmt: skip
    review_before = whole_number(
        "Sessions before the agreed number is reached", 0, MOST_BEFORE,
        "From then on a word beside the session suggests a review. 0 for the last one only.",
    )  # fmt: skip

    SWITCHES = ("notify_booked", "notify_moved", "notify_cancelled", "clients_may_cancel", "offers_slots")

    @classmethod
    def initial_for(cls, rules: DiaryRules) -> dict[str, Any]:
        """Return what the fields show before anything is typed."""
        return {name: getattr(rules, name) for name in (*cls.SWITCHES, "review_before")} | {
            "delay_minutes": rules.notice_delay // timedelta(minutes=1),
            "late_hours": rules.late_within // timedelta(hours=1),
            "soon_hours": rules.soon_within // timedelta(hours=1),
        }

    def rules(self) -> Rules:
        """Return the service's arguments."""
        data = self.cleaned_data
        return Rules(
            notify_booked=data["notify_booked"], notify_moved=data["notify_moved"],
            notify_cancelled=data["notify_cancelled"], notice_delay=timedelta(minutes=data["delay_minutes"]),
            late_within=timedelta(hours=data["late_hours"]), clients_may_cancel=data["clients_may_cancel"],
            offers_slots=data["offers_slots"], soon_within=timedelta(hours=data["soon_hours"]),
            review_before=data["review_before"],
        )  # fmt: skip


class SessionTypeForm(forms.Form):
    """A kind of session that the practice offers."""

    name = forms.CharField(
        label="Name", max_length=60, help_text="For counsellors: clients don’t see it.", error_messages=_REQUIRED
    )
    minutes = whole_number("Length in minutes", SHORTEST, LONGEST, initial=USUAL)
    buffer_minutes = whole_number(
        "Minutes kept free afterwards", 0, MOST_BUFFER, "For the note, for a breath.", initial=0
    )
    mode = forms.ChoiceField(
        label="How", choices=Mode.choices, initial=Mode.IN_PERSON,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
        error_messages={
            "required": "Please choose how you meet.", "invalid_choice": "Please choose one of the ways shown.",
        },
    )  # fmt: skip
    place = forms.CharField(
        label="Room, video link or number",
        required=False,
        max_length=300,
        help_text="The practice’s own. A booking takes it over, and may differ.",
        error_messages={"max_length": "At most %(limit_value)d characters, please (there are %(show_value)d)."},
    )
    fee = money.PoundsField(
        label="Fee in pounds", required=False, max_length=20, help_text="Such as 60 or 62.50; 0 where nothing is due."
    )

    @staticmethod
    def initial_for(kind: SessionType) -> dict[str, Any]:
        """Return what the fields show of a kind that there is."""
        return {
            "name": kind.name,
            "minutes": kind.length // timedelta(minutes=1),
            "buffer_minutes": kind.buffer // timedelta(minutes=1),
            "mode": kind.mode,
            "place": kind.place,
            "fee": money.typed(kind.fee_pence),
        }

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("mode") == Mode.VIDEO and data.get("place"):
            try:
                URLValidator(schemes=["https", "http"])(data["place"])
            except ValidationError:
                self.add_error("place", "Please give the whole link, beginning with https://, or leave it empty.")
        return data

    def details(self) -> TypeDetails:
        """Return the service's arguments."""
        data = self.cleaned_data
        return TypeDetails(
            name=data["name"], length=timedelta(minutes=data["minutes"]),
            buffer=timedelta(minutes=data["buffer_minutes"]), mode=data["mode"], place=data["place"],
            fee_pence=data["fee"],
        )  # fmt: skip

    def refuse_name(self) -> None:
        self.add_error("name", "There is one of this name already.")


class AgreementForm(forms.Form):
    """How many sessions are agreed with a client, and from which day they count."""

    sessions = whole_number("Sessions agreed", 1, MOST_AGREED)
    counts_from = forms.DateField(
        label="Counted from",
        help_text="Sessions on this day or later count; cancelled ones never do.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[
            MinValueValidator(date(2000, 1, 1), "Please choose a day from 2000 on."),
            MaxValueValidator(date(2099, 12, 31), "Please choose a day before 2100."),
        ],
        error_messages={"required": "Please choose a date.", "invalid": "Please give a date, such as 24/11/2026."},
    )

    @staticmethod
    def initial_for(agreement: Agreement | None) -> dict[str, Any]:
        """Return what the fields show before anything is typed."""
        if agreement is None:
            return {"counts_from": clock.today()}
        return {"sessions": agreement.sessions, "counts_from": agreement.counts_from}
