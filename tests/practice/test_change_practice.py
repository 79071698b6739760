from datetime import time
from typing import Any

import pytest

from practice.models import AuditEntry, Practice, User
from practice.services import change_practice
from tests.practice.rows import last_deed

WANTED: dict[str, Any] = {
    "name": "Alder House",
    "nation": "wales",
    "contact_line": "call 01632 960 200",
    "mail_from_time": time(9),
    "mail_until_time": time(19),
    "retention_years": 6,
}


def test_all_settings_are_kept(practice: Practice, admin: User) -> None:
    change_practice(actor=admin, practice=practice, **WANTED)
    kept = Practice.objects.values(*WANTED).get()
    assert kept == WANTED


def test_the_trail_names_what_changed_and_no_text(practice: Practice, admin: User) -> None:
    same = {name: getattr(practice, name) for name in WANTED}
    change_practice(actor=admin, practice=practice, **{**same, "nation": "wales", "contact_line": "call us"})
    assert (last_deed().deed, last_deed().actor) == ("practice.change", admin)
    assert last_deed().detail == {"changed": "nation, contact_line"}


def test_a_practice_that_is_as_it_was_leaves_no_row(practice: Practice, admin: User) -> None:
    change_practice(actor=admin, practice=practice, **{name: getattr(practice, name) for name in WANTED})
    assert AuditEntry.objects.count() == 0


def test_mail_hours_that_end_before_they_begin_are_a_mistake(practice: Practice, admin: User) -> None:
    with pytest.raises(ValueError, match="Mail hours"):
        change_practice(actor=admin, practice=practice, **{**WANTED, "mail_until_time": time(9)})


def test_without_its_audit_row_nothing_changes(practice: Practice, admin: User, broken_trail: type[Exception]) -> None:
    with pytest.raises(broken_trail):
        change_practice(actor=admin, practice=practice, **WANTED)
    assert Practice.current().name == "Willow Practice"
