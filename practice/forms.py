"""What people type about the practice: settings, invitations, joining, the trail's filter."""

import re
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from practice.deeds import LABELS
from practice.models import Invitation, Practice, User
from practice.roles import Role

# Field.md 3.1: nothing that a client receives names counselling, therapy or mental health.
_KIND_OF_WORK = re.compile(r"counsel|therap|psych|mental", re.IGNORECASE)
_TIME = {"type": "time"}
_DATE = {"type": "date"}
_THIS_CENTURY = [
    MinValueValidator(date(2000, 1, 1), "Please choose a day from 2000 on."),
    MaxValueValidator(date(2099, 12, 31), "Please choose a day before 2100."),
]
_REFERENCE = re.compile(r"[A-Z]{1,3}-\d{1,12}")
_LONGEST_KEPT_YEARS = 50
_REQUIRED = {"required": "Please fill this in."}
_TIME_WORDS = {**_REQUIRED, "invalid": "Please give a time such as 08:30."}


def _number_between(least: int, most: int) -> dict[str, str]:
    """Return our words for a number that is none, or is too small or too large."""
    words = f"Please give a whole number from {least} to {most}."
    return {**_REQUIRED, "invalid": words, "min_value": words, "max_value": words}


def _one_line(text: str) -> str:
    """Fold line breaks and runs of spaces: names stand in mail subjects."""
    return " ".join(text.split())


class PracticeForm(forms.Form):
    """The practice's settings."""

    name = forms.CharField(label="Name of the practice", max_length=120, error_messages=_REQUIRED)
    nation = forms.ChoiceField(
        label="Help lines for",
        choices=Practice.Nation.choices,
        help_text="Whom clients can call when nobody here is at work: in every mail, and on their pages.",
    )
    contact_line = forms.CharField(
        label="How clients reach you",
        max_length=200,
        required=False,
        help_text=(
            "For example “call or text 01632 960 100, weekdays 9 to 5”. It stands in clients’ mail, which somebody"
            " else may see: leave out what kind of work this is."
        ),
    )
    mail_from_time = forms.TimeField(
        label="Clients’ mail from",
        widget=forms.TimeInput(attrs=_TIME, format="%H:%M"),
        help_text="Not earlier.",
        error_messages=_TIME_WORDS,
    )
    mail_until_time = forms.TimeField(
        label="Clients’ mail until",
        widget=forms.TimeInput(attrs=_TIME, format="%H:%M"),
        help_text="Not later.",
        error_messages=_TIME_WORDS,
    )
    retention_years = forms.IntegerField(
        label="Years that a record is kept after the last session",
        min_value=1,
        max_value=_LONGEST_KEPT_YEARS,
        error_messages=_number_between(1, _LONGEST_KEPT_YEARS),
        help_text=(
            "Often your insurer's rule; seven is usual. Where somebody was not yet 18, it is at least until their 25th"
            " birthday (the 26th if they were 17). Nothing is ever deleted by itself."
        ),
    )

    @classmethod
    def initial_for(cls, practice: Practice) -> dict[str, Any]:
        """Return what the fields show before anything is typed."""
        return {
            "name": practice.name,
            "nation": practice.nation,
            "contact_line": practice.contact_line,
            "mail_from_time": practice.mail_from_time,
            "mail_until_time": practice.mail_until_time,
            "retention_years": practice.retention_years,
        }

    def clean_name(self) -> str:
        return _one_line(self.cleaned_data["name"])

    def clean_contact_line(self) -> str:
        line = _one_line(self.cleaned_data["contact_line"])
        if _KIND_OF_WORK.search(line):
            raise ValidationError("Somebody else may see this line. Please leave out what kind of work this is.")
        return line

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        begins, ends = cleaned.get("mail_from_time"), cleaned.get("mail_until_time")
        if begins and ends and begins >= ends:
            self.add_error("mail_until_time", "This must be later than the time before it.")
        return cleaned

    def settings(self) -> dict[str, Any]:
        """Return the service's arguments."""
        return dict(self.cleaned_data)


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages=_REQUIRED,
    )
    role = forms.ChoiceField(label="Role", choices=Role.choices, widget=forms.RadioSelect, initial=Role.COUNSELLOR)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class JoinForm(forms.Form):
    """A new member's name and password."""

    name = forms.CharField(
        label="Your name", max_length=120, help_text="Clients see your first name only.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}), error_messages=_REQUIRED,
    )  # fmt: skip
    password = forms.CharField(
        label="Password", strip=False, max_length=200,
        help_text="At least twelve characters. Three or four words in a row are easy to remember and hard to guess.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), error_messages=_REQUIRED,
    )  # fmt: skip
    password_again = forms.CharField(
        label="Password, once more", strip=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), error_messages=_REQUIRED,
    )  # fmt: skip

    def __init__(self, invitation: Invitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation

    def clean_name(self) -> str:
        return _one_line(self.cleaned_data["name"])

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        member = User(email=self.invitation.email, name=self.cleaned_data.get("name", ""))
        validate_password(password, member)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("password"), cleaned.get("password_again")
        if first and second and first != second:
            self.add_error("password_again", "The two passwords differ.")
        return cleaned


class TrailForm(forms.Form):
    """The trail's filter; all of it by choice. A value that is none of ours finds nothing, and says so."""

    reference = forms.CharField(
        label="Reference", max_length=16, required=False, widget=forms.TextInput(attrs={"placeholder": "C-0042"})
    )
    deed = forms.ChoiceField(label="Deed", required=False, choices=[("", "Every deed"), *LABELS.items()])
    member = forms.ModelChoiceField(
        label="Member", required=False, queryset=User.objects.none(), empty_label="Everybody"
    )
    first_day = forms.DateField(
        label="From", required=False, validators=_THIS_CENTURY, widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    )
    last_day = forms.DateField(
        label="Until", required=False, validators=_THIS_CENTURY, widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["member"]
        field.queryset = User.objects.order_by("name", "id")  # type: ignore[attr-defined]  # a ModelChoiceField
        field.label_from_instance = lambda member: member.name  # type: ignore[attr-defined]  # as above

    def clean_reference(self) -> str:
        """Take nothing but a reference: what is exported is said in the trail, where a name must not stand."""
        reference = str(self.cleaned_data["reference"]).upper()
        if reference and not _REFERENCE.fullmatch(reference):
            raise ValidationError("A reference looks like C-0042.")
        return reference

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and first > last:
            self.add_error("last_day", "This day is before the first one.")
        return cleaned

    def filters(self) -> dict[str, Any]:
        """Return the selector's arguments."""
        member = self.cleaned_data["member"]
        chosen = {name: self.cleaned_data[name] for name in ("reference", "deed", "first_day", "last_day")}
        return {**chosen, "member": member.pk if member else None}

    def chosen(self) -> list[tuple[str, str]]:
        """Return what was chosen, as it was sent: for the form that exports it."""
        return [(name, self.data[name]) for name in self.fields if self.data.get(name)]
