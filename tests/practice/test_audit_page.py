from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from practice import anchor, trail
from practice.models import AuditEntry, AuditHead, User
from tests.factories import make_client, make_session

PAGE = "/practice/audit/"


def shown(client: Client, query: str = "") -> list[str]:
    return [row.entry.deed for row in client.get(f"{PAGE}?{query}").context["rows"]]


def test_the_newest_deed_stands_first_in_plain_words_and_without_a_clients_name(
    as_admin: Client, counsellor: User
) -> None:
    subject = make_client(counsellor, name="Marigold Testwell", reference="C-0042")
    trail.record("client.admit", actor=counsellor, subject=subject, reference=subject.reference)
    session = make_session(subject)
    trail.record("session.book", actor=counsellor, subject=session, reference=subject.reference, mode="phone")
    page = as_admin.get(PAGE)
    text = page.content.decode()
    assert [row.deed for row in page.context["rows"]] == ["Session booked", "Client admitted"]
    assert text.count('<span class="ref">C-0042</span>') == 2
    assert "Rowan Testling" in text
    assert "how: phone" in text
    assert "Marigold" not in text


def test_the_filter_takes_reference_deed_and_member(as_admin: Client, admin: User, counsellor: User) -> None:
    trail.record("client.read", actor=counsellor, subject=admin, reference="C-0042")
    trail.record("note.sign", actor=counsellor, subject=admin, reference="C-0043")
    trail.record("note.sign", actor=admin, subject=admin, reference="C-0042")
    assert shown(as_admin, "reference=c-0042") == ["note.sign", "client.read"]
    assert shown(as_admin, "deed=note.sign&reference=C-0043") == ["note.sign"]
    assert shown(as_admin, f"member={counsellor.pk}") == ["note.sign", "client.read"]
    assert shown(as_admin, "deed=pack.export") == []


@pytest.mark.parametrize(
    "query",
    [
        "deed=nonsense",
        "member=nonsense",
        f"member={UUID(int=7)}",
        "reference=" + "x" * 17,
        "member=%00",
        "reference=Marigold",
        "first_day=yesterday",
        "last_day=9999-12-31",
        "first_day=0001-01-01",
        "first_day=2026-02-02&last_day=2026-02-01",
    ],
)
def test_a_filter_that_is_none_of_ours_finds_nothing_and_says_so(as_admin: Client, admin: User, query: str) -> None:
    trail.record("client.read", actor=admin, subject=admin)
    page = as_admin.get(f"{PAGE}?{query}")
    assert (page.status_code, page.context["rows"]) == (200, [])
    assert len(page.context["form"].errors) == 1


def test_the_filter_takes_days_of_the_practices_clock(as_admin: Client, admin: User) -> None:
    for day, hour in ((1, 22), (1, 23), (2, 22), (2, 23)):  # in June London is an hour ahead: 23:00 is tomorrow
        entry = AuditEntry(deed=f"d.{day}{hour}", actor=admin, subject_type="a.b")
        trail.append(entry, at=datetime(2026, 6, day, hour, tzinfo=UTC))
    assert shown(as_admin, "first_day=2026-06-02") == ["d.223", "d.222", "d.123"]
    assert shown(as_admin, "last_day=2026-06-01") == ["d.122"]
    assert shown(as_admin, "first_day=2026-06-02&last_day=2026-06-02") == ["d.222", "d.123"]


def test_it_says_where_the_trail_stands_and_whether_the_anchor_agrees(as_admin: Client, admin: User) -> None:
    trail.record("note.sign", actor=admin, subject=admin)
    code = AuditHead.objects.get().mac.hex()
    assert anchor.move_on()
    text = as_admin.get(PAGE).content.decode()
    assert (f"Where the trail stands: 1 · {code[:8]}…" in text, f"1:{code}</code>" in text) == (True, True)
    assert "The anchor does not hold" not in text
    anchor.path().write_text(f"1:{'00' * 32} {timezone.now().isoformat()}\n")
    assert "The anchor does not hold" in as_admin.get(PAGE).content.decode()
    anchor.path().write_text("nonsense\n")
    assert "The anchor does not hold" in as_admin.get(PAGE).content.decode()


def test_it_shows_fifty_a_page_and_keeps_the_filter(as_admin: Client, admin: User) -> None:
    for _ in range(51):
        trail.record("note.sign", actor=admin, subject=admin)
    first = as_admin.get(f"{PAGE}?deed=note.sign")
    assert len(first.context["rows"]) == 50
    assert 'href="?deed=note.sign&amp;page=2"' in first.content.decode()
    assert shown(as_admin, "deed=note.sign&page=2") == ["note.sign"]
    assert shown(as_admin, "page=nonsense") == ["note.sign"] * 50


def test_an_empty_trail_says_what_it_is_for(as_admin: Client) -> None:
    assert "No entries yet" in as_admin.get(PAGE).content.decode()


def test_a_deed_of_a_model_that_is_gone_is_still_shown(as_admin: Client, admin: User) -> None:
    trail.append(AuditEntry(deed="old.deed", actor=admin, subject_type="old.thing"))
    (row,) = as_admin.get(PAGE).context["rows"]
    assert (row.deed, row.about) == ("old.deed", "old.thing")


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_as_often_for_three_as_for_one(
    as_admin: Client, rows: int, counsellor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        trail.record("client.read", actor=counsellor, subject=counsellor, reference="C-0042")
    anchor.move_on()
    # Web session, member, count, rows with who acted, the filter's members; the head, and the row that is anchored.
    with django_assert_num_queries(7):
        as_admin.get(PAGE)


def test_a_counsellor_may_not(as_counsellor: Client) -> None:
    assert as_counsellor.get(PAGE).status_code == 403
