"""What counsellors type about clients: details, contact rules, a search word."""

from datetime import date
from typing import Any, cast
from uuid import uuid4

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError

from clients.models import Client
from clients.services import Details
from practice import clock
from practice.models import Practice

NAME, SHORT, LONG = 120, 300, 50_000
EARLIEST_BIRTH = date(1900, 1, 1)
REGION = "GB"
WORDS = {
    "required": "Please fill this in.",
    "max_length": "This is longer than fits here (%(limit_value)d characters). Could you shorten it a little?",
    "invalid_choice": "Please choose one of those shown.",
}


class ClientForm(forms.Form):
    """A client's details and contact rules; its fields are the arguments of `admit_client`."""

    name = forms.CharField(max_length=NAME, label="Full name")
    preferred_name = forms.CharField(max_length=NAME, required=False)
    pronouns = forms.CharField(max_length=NAME, required=False)
    date_of_birth = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Please give a date such as 12/05/1990."},
    )
    email = forms.EmailField(
        required=False, label="E-mail address", error_messages={"invalid": "This does not read as an e-mail address."}
    )
    phone = forms.CharField(max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    emergency_contact = forms.CharField(
        max_length=SHORT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "short"}),
        help_text="Who, how they are related, and a number.",
    )
    gp = forms.CharField(
        max_length=SHORT, required=False, label="GP", widget=forms.Textarea(attrs={"rows": 2, "class": "short"}),
        help_text="Name and surgery.",
    )  # fmt: skip
    presenting = forms.CharField(
        max_length=LONG,
        required=False,
        strip=False,
        label="What brings them",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="In their words where you can.",
    )
    may_email = forms.ChoiceField(
        choices=Client.MayEmail.choices,
        initial=Client.MayEmail.NOT_ASKED,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
        label="May we e-mail them?",
        help_text="Reminders and exercises go out only after a yes.",
    )
    is_discreet = forms.BooleanField(
        required=False,
        label="Keep e-mails discreet",
        help_text="No names and no address in the mail: somebody else may read it.",
    )
    preferred_hour = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label="Preferred hour for exercises",
        help_text="Reminders go by the time of the session.",
    )
    page_code = forms.ChoiceField(
        choices=Client.PageCode.choices,
        initial=Client.PageCode.NONE,
        label="What their pages ask for, besides the link",
        help_text="Exercises, and the place of their own, open by a link in a mail. Where somebody else may read that"
        " mail, a code keeps the page shut. Changing it shuts pages that are open.",
        widget=forms.RadioSelect,
    )
    page_word = forms.CharField(
        max_length=60,
        required=False,
        label="The word",
        help_text="Choose it together: easy for them to recall, and hard for others to guess. Capitals do not matter.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages |= WORDS
            if isinstance(field.widget, forms.Textarea):
                # A browser would cut a longer text that is pasted, without a word.
                field.widget.attrs.pop("maxlength", None)
        hours = mail_hours(Practice.current())
        kept = self.initial.get("preferred_hour")
        if kept is not None and kept not in hours:
            hours = sorted([*hours, kept])
        choices = [("", "No preference"), *((hour, f"{hour:02d}:00") for hour in hours)]
        self.fields["preferred_hour"].choices = choices  # type: ignore[attr-defined]  # a choice field

    @property
    def details(self) -> Details:
        """Return what was typed as the service's arguments."""
        names = Details.__annotations__
        return cast(Details, {name: value for name, value in self.cleaned_data.items() if name in names})

    def clean_name(self) -> str:
        name = one_line(self.cleaned_data["name"])
        if not any(letter.isalnum() for letter in name):
            raise ValidationError(WORDS["required"])  # nothing that could be seen in the caseload
        return name

    def clean_preferred_name(self) -> str:
        return one_line(self.cleaned_data["preferred_name"])

    def clean_phone(self) -> str:
        return phone_number(self.cleaned_data["phone"])

    def clean_date_of_birth(self) -> date | None:
        born: date | None = self.cleaned_data["date_of_birth"]
        if born is not None and born > clock.today():
            raise ValidationError("This day has not come yet.")
        if born is not None and born < EARLIEST_BIRTH:
            raise ValidationError("Please check the year: it is before 1900.")
        return born

    def clean_page_word(self) -> str | None:
        return one_line(self.cleaned_data["page_word"]) or None

    def clean(self) -> None:
        """Ask for an address where mail is agreed, and for what a code is made of."""
        typed = self.cleaned_data
        if typed.get("may_email") == Client.MayEmail.YES and typed.get("email") == "":
            self.add_error("email", "They may be e-mailed, so please give an address.")
        code = typed.get("page_code")
        if code == Client.PageCode.BIRTH_YEAR and "date_of_birth" in typed and typed["date_of_birth"] is None:
            self.add_error("page_code", "There is no date of birth yet: please add it above, or choose another.")
        if code == Client.PageCode.WORD and "page_word" in typed and typed["page_word"] is None:
            self.add_error("page_word", "Please give the word that you agreed.")
        if code is not None and code != Client.PageCode.WORD:
            typed["page_word"] = None


class EditForm(ClientForm):
    """The same for a client who is there, with the version of the details that it began from."""

    version = forms.IntegerField(min_value=1, max_value=2_000_000_000, widget=forms.HiddenInput)


class AdmitForm(ClientForm):
    """The same for somebody new. `nonce` becomes the row's id, so a form sent twice admits once."""

    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class SearchForm(forms.Form):
    """A word to look for in one's own caseload."""

    word = forms.CharField(
        max_length=NAME,
        required=False,
        label="Find a client",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name or reference"}),
        error_messages=WORDS,
    )


def one_line(text: str) -> str:
    """Return a text without line breaks or doubled spaces: names stand in mails and headings."""
    return " ".join(text.split())


def phone_number(text: str) -> str:
    """Return a number as it is written in its country, with +… from abroad. Raise ValidationError for none."""
    if not text:
        return ""
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as error:
        raise ValidationError("This does not read as a phone number.") from error
    # Possible is enough: a range newer than our data, or one kept for films and demos, must not be refused.
    if not phonenumbers.is_possible_number(number):
        raise ValidationError("This is not a number that can be called. Is a digit missing?")
    is_home = number.country_code == phonenumbers.country_code_for_region(REGION)
    shape = phonenumbers.PhoneNumberFormat.NATIONAL if is_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, shape)


def mail_hours(practice: Practice) -> list[int]:
    """Return the full hours at which mail may leave."""
    opens, closes = practice.mail_from_time, practice.mail_until_time
    return [hour for hour in range(24) if opens.hour + bool(opens.minute) <= hour < closes.hour + bool(closes.minute)]
