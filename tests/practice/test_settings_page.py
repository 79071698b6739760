from datetime import time

import pytest
from django.test import Client

from practice.models import AuditEntry, Practice

PAGE = "/practice/"


def fields(**changed: str) -> dict[str, str]:
    return {
        "name": "Alder  House",
        "nation": "wales",
        "contact_line": "call 01632 960 200",
        "mail_from_time": "09:00",
        "mail_until_time": "19:30",
        "retention_years": "6",
        **changed,
    }


def test_the_form_shows_what_is_kept(as_admin: Client) -> None:
    page = as_admin.get(PAGE).content.decode()
    assert 'value="Willow Practice"' in page
    assert 'name="mail_from_time" value="00:00"' in page


def test_settings_are_saved_in_the_services_units(as_admin: Client) -> None:
    response = as_admin.post(PAGE, fields(), follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert "Settings saved." in response.content.decode()
    practice = Practice.current()
    assert (practice.name, practice.nation) == ("Alder House", "wales")
    assert (practice.mail_from_time, practice.mail_until_time) == (time(9), time(19, 30))
    assert practice.retention_years == 6
    assert AuditEntry.objects.get().deed == "practice.change"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Please fill this in."),
        ("name", "x" * 121, "at most 120 characters"),
        ("name", "Alder\0House", "Null characters are not allowed."),
        ("nation", "wales\0", "Select a valid choice."),
        ("contact_line", "call\0us", "Null characters are not allowed."),
        ("mail_from_time", "09:00\0", "a time such as 08:30"),
        ("mail_from_time", "19:30", "must be later"),
        ("nation", "atlantis", "Select a valid choice."),
        ("contact_line", "x" * 201, "at most 200 characters"),
        ("contact_line", "Willow Counselling, 01632 960 200", "leave out what kind of work this is"),
        ("contact_line", "write to hello@mytherapist.test", "leave out what kind of work this is"),
        ("mail_from_time", "25:00", "a time such as 08:30"),
        ("mail_until_time", "09:00", "must be later"),
        ("retention_years", "0", "a whole number from 1 to 50"),
        ("retention_years", "51", "a whole number from 1 to 50"),
    ],
)
def test_what_does_not_fit_is_said_at_the_field_and_kept(as_admin: Client, field: str, value: str, words: str) -> None:
    page = as_admin.post(PAGE, fields(**{field: value, "name": value if field == "name" else "Kept as typed"}))
    assert page.status_code == 200
    at = "mail_until_time" if words == "must be later" else field
    assert words in str(page.context["form"].errors[at])
    assert page.context["form"]["name"].value() == (value if field == "name" else "Kept as typed")
    assert Practice.current().name == "Willow Practice"
    assert AuditEntry.objects.count() == 0


def test_a_counsellor_may_not(as_counsellor: Client) -> None:
    assert [as_counsellor.get(PAGE).status_code, as_counsellor.post(PAGE, fields()).status_code] == [403, 403]
    assert Practice.current().name == "Willow Practice"
