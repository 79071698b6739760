"""What the client form refuses, in which words, and how it writes what it takes."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from clients.forms import ClientForm
from practice import clock
from tests.factories import make_practice

pytestmark = pytest.mark.django_db
ENOUGH = {"name": "Marigold Testwell", "may_email": "not_asked", "page_code": "none"}


def form_with(**typed: Any) -> ClientForm:
    make_practice()
    return ClientForm({**ENOUGH, **typed})


def taken(name: str, typed: Any) -> Any:
    form = form_with(**{name: typed})
    assert form.errors == {}
    return form.cleaned_data[name]


def test_a_name_is_enough() -> None:
    form = form_with()
    assert form.errors == {}
    assert form.details == {
        "name": "Marigold Testwell", "preferred_name": "", "pronouns": "", "date_of_birth": None, "email": "",
        "phone": "", "emergency_contact": "", "gp": "", "presenting": "", "may_email": "not_asked",
        "is_discreet": False, "preferred_hour": None, "page_code": "none", "page_word": None,
    }  # fmt: skip


def longer(limit: int) -> str:
    return f"This is longer than fits here ({limit} characters). Could you shorten it a little?"


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        ("name", "", "Please fill this in."),
        ("name", "  \n ", "Please fill this in."),
        ("name", "x" * 121, longer(120)),
        ("name", "Mari\x00gold", "Null characters are not allowed."),
        ("preferred_name", "x" * 121, longer(120)),
        ("email", "marigold", "This does not read as an e-mail address."),
        ("email", "m@example.org\nBcc: all@example.org", "This does not read as an e-mail address."),
        ("phone", "abc", "This does not read as a phone number."),
        ("phone", "12", "This is not a number that can be called. Is a digit missing?"),
        ("phone", "9" * 41, longer(40)),
        ("date_of_birth", "31/02/1990", "Please give a date such as 12/05/1990."),
        ("date_of_birth", "1899-12-31", "Please check the year: it is before 1900."),
        ("gp", "x" * 301, longer(300)),
        ("emergency_contact", "x" * 301, longer(300)),
        ("presenting", "x" * 50_001, longer(50000)),
        ("may_email", "", "Please fill this in."),
        (
            "may_email", "perhaps",
            "Please choose one of those shown.",
        ),
        ("page_code", "", "Please fill this in."),
        ("page_code", "riddle", "Please choose one of those shown."),
        ("page_code", "birth_year", "There is no date of birth yet: please add it above, or choose another."),
        ("page_word", "x" * 61, longer(60)),
        (
            "preferred_hour", "25",
            "Please choose one of those shown.",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_its_field(field: str, typed: str, error: str) -> None:
    form = form_with(**{field: typed})
    assert form.errors == {field: [error]}
    assert form[field].value() == typed


def test_a_birthday_ahead_is_refused_and_today_is_not() -> None:
    today = clock.today()
    assert form_with(date_of_birth=(today + timedelta(days=1)).isoformat()).errors == {
        "date_of_birth": ["This day has not come yet."]
    }
    assert taken("date_of_birth", today.isoformat()) == today


def test_a_birthday_may_be_typed_the_british_way() -> None:
    assert taken("date_of_birth", "12/05/1990") == date(1990, 5, 12)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("01632960100", "01632 960100"),
        ("+44 7700 900123", "07700 900123"),
        ("(020) 7946-0018", "020 7946 0018"),
        ("+353 1 234 5678", "+353 1 234 5678"),
        ("0049 30 123456", "+49 30 123456"),
        ("", ""),
    ],
)
def test_a_phone_number_is_written_as_its_country_does(typed: str, written: str) -> None:
    assert taken("phone", typed) == written


def test_names_are_one_line() -> None:
    assert taken("name", " Marigold \n  Testwell ") == "Marigold Testwell"
    assert taken("preferred_name", "Mari\r\nBcc: x") == "Mari Bcc: x"


def test_a_yes_to_mail_needs_an_address() -> None:
    assert form_with(may_email="yes").errors == {"email": ["They may be e-mailed, so please give an address."]}
    assert form_with(may_email="yes", email="m@example.org").errors == {}


def test_a_mistyped_address_is_not_also_called_missing() -> None:
    assert form_with(may_email="yes", email="m@").errors == {"email": ["This does not read as an e-mail address."]}


def test_the_hours_on_offer_are_the_practices_mail_hours() -> None:
    make_practice(mail_from_time=time(8, 30), mail_until_time=time(11))
    choices = form_with().fields["preferred_hour"].choices  # type: ignore[attr-defined]  # a choice field
    assert list(choices) == [("", "No preference"), (9, "09:00"), (10, "10:00")]


def test_an_hour_chosen_before_the_mail_hours_changed_is_kept() -> None:
    make_practice(mail_from_time=time(9), mail_until_time=time(11))
    form = ClientForm({**ENOUGH, "preferred_hour": "20"}, initial={"preferred_hour": 20})
    assert form.errors == {}
    assert form.cleaned_data["preferred_hour"] == 20


def test_a_word_is_asked_for_where_it_is_chosen_and_kept_nowhere_else() -> None:
    assert form_with(page_code="word").errors == {"page_word": ["Please give the word that you agreed."]}
    assert form_with(page_code="word", page_word="  ").errors == {
        "page_word": ["Please give the word that you agreed."]
    }
    form = form_with(page_code="word", page_word=" Blue \n Heron ")
    assert (form.errors, form.details["page_word"]) == ({}, "Blue Heron")
    form = form_with(page_code="none", page_word="Blue Heron")
    assert (form.errors, form.details["page_word"]) == ({}, None)


def test_a_year_of_birth_is_asked_for_only_where_it_is_known() -> None:
    assert form_with(page_code="birth_year", date_of_birth="12/05/1990").errors == {}
    assert form_with(page_code="birth_year", date_of_birth="31/02/1990").errors == {
        "date_of_birth": ["Please give a date such as 12/05/1990."]
    }
