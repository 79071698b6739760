"""What the trail's page says of a deed's details: plain words, and never an id."""

import ast
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from practice import trail
from practice.models import AuditEntry, User
from practice.selectors import trail_rows
from practice.trail_words import LABELS, PAGES, details_of
from tests.test_house import code_files
from tests.walking import views

ID = str(UUID(int=7))


def said(**detail: Any) -> list[tuple[str, str]]:
    return details_of(AuditEntry(detail=detail), {ID: "Alder Testman"})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("is_replayed", True, ("after a restore", "Yes")),
        ("is_rule_considered", False, ("erased before its time", "No")),
        ("first_erased_at", "2026-06-23T22:39:24.321868+00:00", ("first erased on", "Tue 23 June 2026, 23:39")),
        ("received_on", "2026-11-23", ("received on", "Mon 23 November 2026")),
        ("length", 3000, ("length", "50 minutes")),
        ("page", "clients:certificate", ("page", "certificate of erasure")),
        ("to_member", ID, ("to", "Alder Testman")),
        ("only_deed", "note.sign", ("only", "Note signed")),
        ("mode", "in_person", ("how", "in person")),
        ("columns", "date_of_birth, phone", ("changed", "date of birth, phone")),
        ("clients", "C-0001 C-0002", ("clients", "C-0001, C-0002")),
        ("version", 2, ("version", "2")),
        ("sessions_moved", 0, ("sessions moved", "0")),
        ("odd_thing", True, ("odd thing", "True")),
        ("odd_id", ID, ("odd id", ID)),
    ],
)
def test_a_detail_is_said_in_words(name: str, value: Any, words: tuple[str, str]) -> None:
    assert said(**{name: value}) == [words]


@pytest.mark.parametrize("name", ["session", "version", "item", "invitation", "page"])
def test_what_says_nothing_to_a_reader_is_left_out(name: str) -> None:
    assert said(**{name: str(UUID(int=8))}, why="", was=None) == []


def recorded() -> set[str]:
    """Return the names of the details that our code records, off the calls that write rows."""
    found: set[str] = set()
    for path in code_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("trail.record", "_record"):
                continue
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) or ast.unparse(node.func) == "trail.record":
                found |= {each.arg for each in node.keywords if each.arg}
    return found - {"actor", "subject", "reference"}


def test_every_detail_that_is_recorded_has_words() -> None:
    names = recorded()
    assert {"length", "is_replayed", "page"} <= names
    assert sorted(names - set(LABELS)) == []


def test_every_page_that_can_be_refused_has_a_name() -> None:
    guarded = {name for view, name, _ in views() if hasattr(view.callback, "permission")}
    assert sorted(guarded - set(PAGES)) == []


def test_a_member_is_named_and_an_erased_client_is_called_one(as_admin: Client, admin: User, counsellor: User) -> None:
    trail.record("client.hand_over", actor=admin, subject=admin, reference="C-0042", to_member=counsellor.pk)
    trail.append(AuditEntry(deed="refused", actor=admin, subject_type="clients.tombstone", reference="C-0042"))
    erased, handed = trail_rows(AuditEntry.objects.order_by("-number"))
    assert (erased.about, handed.details) == ("Erased client", [("to", counsellor.name)])
    assert f"to: {counsellor.name}" in as_admin.get("/practice/audit/").content.decode()
