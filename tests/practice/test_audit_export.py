"""The trail as a file: after a password, with a row of its own, and harmless in a spreadsheet."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from practice import trail
from practice.models import AuditEntry, User
from practice.trail_export import COLUMNS
from tests.factories import PASSWORD, confirm_identity

URL = "/practice/audit/export/"


def exported(client: Client, **chosen: str) -> list[list[str]]:
    response: Any = client.post(URL, chosen)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def confirmed(as_admin: Client) -> Client:
    confirm_identity(as_admin)
    return as_admin


def test_it_has_every_row_and_column_the_oldest_first(confirmed: Client, admin: User) -> None:
    trail.record("client.read", actor=admin, subject=admin, reference="C-0042", mode="phone", why=None)
    trail.record("exercise.answer", actor=None, subject=admin)
    first, second = AuditEntry.objects.order_by("number")
    head, one, two = exported(confirmed)
    assert head == list(COLUMNS)
    assert one[:2] == ["1", first.at.isoformat(timespec="microseconds")]
    assert one[2:9] == [
        "Alder Testman", admin.email, "client.read", "Record opened", "practice.user", str(admin.pk), "C-0042",
    ]  # fmt: skip
    assert (json.loads(one[9]), one[10]) == ({"mode": "phone", "why": None}, bytes(first.mac).hex())
    assert (two[0], two[2:5], two[10]) == ("2", ["", "", "exercise.answer"], bytes(second.mac).hex())


def test_it_takes_the_filter_and_says_so_in_a_row_of_its_own(confirmed: Client, admin: User) -> None:
    for deed, reference in (("client.read", "C-0042"), ("note.read", "C-0042"), ("note.read", "C-0043")):
        trail.record(deed, actor=admin, subject=admin, reference=reference)
    lines = exported(confirmed, reference="c-0042", deed="note.read", member=str(admin.pk), first_day="2026-01-01")
    assert [line[0] for line in lines[1:]] == ["2"]
    entry = AuditEntry.objects.get(deed="trail.export")
    assert (entry.actor, entry.subject_type, entry.reference) == (admin, "practice.audithead", "C-0042")
    assert entry.detail == {
        "rows": 1, "only_deed": "note.read", "only_member": str(admin.pk), "first_day": "2026-01-01", "last_day": None,
    }  # fmt: skip


def test_a_spreadsheet_computes_nothing(confirmed: Client, admin: User) -> None:
    for name in ("=1+1", "+44", "-2", "@SUM(A1)", "\t=1"):
        User.objects.filter(pk=admin.pk).update(name=name)
        trail.record("sign_in", actor=admin, subject=admin)
        lines = exported(confirmed)
        assert {line[2] for line in lines[1:]} == {f"'{name}"}


def test_who_has_not_just_said_who_they_are_is_asked_and_comes_back_to_the_same_choice(
    as_admin: Client, admin: User
) -> None:
    trail.record("client.read", actor=admin, subject=admin, reference="C-0042")
    trail.record("client.read", actor=admin, subject=admin, reference="C-0043")
    response = as_admin.post(URL, {"reference": "C-0042", "deed": "client.read", "member": ""})
    door = "/accounts/reauthenticate/?next=%2Fpractice%2Faudit%2F%3Freference%3DC-0042%26deed%3Dclient.read"
    assert (response.status_code, response.headers["Location"]) == (302, door)
    back = as_admin.post(door, {"password": PASSWORD})
    assert back.headers["Location"] == "/practice/audit/?reference=C-0042&deed=client.read"
    assert len(as_admin.get(back.headers["Location"]).context["rows"]) == 1
    assert AuditEntry.objects.filter(deed="trail.export").count() == 0


def test_a_filter_that_is_none_of_ours_exports_nothing(confirmed: Client, admin: User) -> None:
    trail.record("sign_in", actor=admin, subject=admin)
    response = confirmed.post(URL, {"reference": "Marigold", "deed": "sign_in"})
    assert (response.status_code, "A reference looks like C-0042." in response.content.decode()) == (422, True)
    assert AuditEntry.objects.filter(deed="trail.export").count() == 0


def test_without_its_row_nothing_leaves(confirmed: Client, admin: User, broken_trail: type[Exception]) -> None:
    with pytest.raises(broken_trail):
        confirmed.post(URL)


def test_looking_exports_nothing(confirmed: Client) -> None:
    assert confirmed.get(URL).status_code == 405


def test_a_counsellor_may_not(as_counsellor: Client) -> None:
    assert as_counsellor.post(URL).status_code == 403
