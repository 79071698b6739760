"""Whoever is refused leaves a row: a page beyond their role, a row of another's."""

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from practice.models import AuditEntry, User
from tests.factories import make_client


def refusals() -> list[tuple[object, ...]]:
    columns = ("actor", "subject_type", "subject_id", "reference", "detail")
    return list(AuditEntry.objects.filter(deed="refused").order_by("number").values_list(*columns))


def test_a_page_beyond_a_role_leaves_a_row(as_counsellor: Browser, counsellor: User) -> None:
    assert as_counsellor.get("/practice/audit/").status_code == 403
    assert refusals() == [(counsellor.pk, "practice.user", counsellor.pk, "", {"page": "practice:audit"})]


def test_anothers_client_leaves_a_row_with_the_reference(as_counsellor: Browser, counsellor: User) -> None:
    client = make_client(reference="C-0042")
    assert as_counsellor.get(f"/clients/{client.pk}/").status_code == 404
    assert refusals() == [(counsellor.pk, "clients.client", client.pk, "C-0042", {"page": "clients:record"})]


def test_what_is_nowhere_leaves_none(as_counsellor: Browser, counsellor: User) -> None:
    assert as_counsellor.get(f"/clients/{counsellor.pk}/").status_code == 404
    assert as_counsellor.get("/no/such/page/").status_code == 404
    assert refusals() == []


def test_a_stranger_leaves_none(client: Browser, practice: object) -> None:
    assert client.get("/practice/audit/").status_code == 302
    assert refusals() == []


def test_the_same_again_within_a_minute_leaves_one(as_counsellor: Browser) -> None:
    client = make_client()
    for page in ("/practice/audit/", "/practice/mail/", f"/clients/{client.pk}/"):
        as_counsellor.get(page)
        as_counsellor.get(page)
    assert len(refusals()) == 3
    cache.clear()  # a minute later
    as_counsellor.get("/practice/audit/")
    assert len(refusals()) == 4


def test_without_its_row_nobody_is_let_in(as_counsellor: Browser, broken_trail: type[Exception]) -> None:
    with pytest.raises(broken_trail):
        as_counsellor.get("/practice/audit/")
