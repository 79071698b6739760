"""Every change that somebody makes to the trail behind the program's back is found, and the row is named."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from practice import trail
from practice.chain import findings
from practice.models import AuditEntry, AuditHead, User
from tests.conftest import trail_laid_open

ENTRY = "practice_auditentry"
DEEDS = ("client.admit", "client.read", "note.save", "note.sign", "note.read")


@pytest.fixture
def five_deeds(admin: User) -> None:
    for deed in DEEDS:
        trail.record(deed, actor=admin, subject=admin, reference="C-0042", mode="phone", count=3, on=True, why=None)
        trail.record(deed, actor=None, subject=AuditHead(id=None))


@pytest.fixture
def laid_open(five_deeds: None) -> Iterator[None]:
    """Let the test do what only the database's owner could: without triggers, constraints as they are."""
    connection.check_constraints()
    with trail_laid_open():
        yield
        connection.check_constraints()


def found() -> list[str]:
    return list(findings(AuditHead.objects.first()))


def execute(statement: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.usefixtures("five_deeds")
def test_a_trail_as_it_was_written_has_nothing_to_find() -> None:
    assert found() == []


@pytest.mark.usefixtures("db")
def test_neither_has_one_that_has_not_begun() -> None:
    assert found() == []


def changed(column: str, stranger: User) -> object:
    """Return something that a column does not hold in any row of these tests."""
    return {
        "at": timezone.now() - timedelta(days=1), "actor_id": stranger.pk, "deed": "note.flag", "subject_type": "x.y",
        "subject_id": stranger.pk, "reference": "C-0001", "detail": {"mode": "video"}, "mac": b"\1" * 32, "id": 77,
    }[column]  # fmt: skip


@pytest.mark.usefixtures("laid_open")
@pytest.mark.parametrize(
    "column", ["at", "actor_id", "deed", "subject_type", "subject_id", "reference", "detail", "mac", "id"]
)
def test_each_column_of_each_row_is_under_the_code(column: str, counsellor: User) -> None:
    for entry in AuditEntry.objects.order_by("number"):
        kept = getattr(entry, column)
        AuditEntry.objects.filter(number=entry.number).update(**{column: changed(column, counsellor)})
        (only,) = found()
        assert only.startswith(f"No. {entry.number} ")
        AuditEntry.objects.filter(number=entry.number).update(**{column: kept})
    assert found() == []


@pytest.mark.usefixtures("laid_open")
def test_another_number_is_found() -> None:
    for number in range(1, 11):
        execute(f"UPDATE {ENTRY} SET number = 99 WHERE id = %s", number)
        assert found()[0].startswith(f"No. {number} is missing: removed" if number < 10 else "No. 10 to 98 are missing")
        execute(f"UPDATE {ENTRY} SET number = id WHERE id = %s", number)
    assert found() == []


@pytest.mark.usefixtures("laid_open")
def test_a_removed_row_is_named_at_the_start_in_the_middle_and_at_the_end() -> None:
    for number in range(1, 11):
        entry = AuditEntry.objects.get(number=number)
        AuditEntry.objects.filter(number=number).delete()
        where = " at the end" if number == 10 else ""
        assert found() == [f"No. {number} is missing{where}: removed."]
        entry.save(force_insert=True)
    AuditEntry.objects.filter(number__in=(4, 5, 6)).delete()
    assert found() == ["No. 4 to 6 are missing: removed."]


COLUMNS = ("at", "actor_id", "deed", "subject_type", "subject_id", "reference", "detail")


@pytest.mark.usefixtures("laid_open")
@pytest.mark.parametrize("with_code", [True, False])
def test_two_rows_that_changed_places_are_both_named(with_code: bool) -> None:
    moved = [*COLUMNS, "mac"] if with_code else [*COLUMNS]
    pairs = [(one, other) for one in range(1, 10) for other in range(one + 1, 11)]
    for one, other in pairs:
        first, second = AuditEntry.objects.get(number=one), AuditEntry.objects.get(number=other)
        AuditEntry.objects.filter(number=one).update(**{name: getattr(second, name) for name in moved})
        AuditEntry.objects.filter(number=other).update(**{name: getattr(first, name) for name in moved})
        named = {line.split(" is ")[0] for line in found()}
        assert {f"No. {one}", f"No. {other}"} <= named
        for entry in (first, second):
            AuditEntry.objects.filter(number=entry.number).update(**{name: getattr(entry, name) for name in moved})
    assert found() == []


@pytest.mark.usefixtures("laid_open")
@pytest.mark.parametrize("place", range(1, 12))
def test_a_row_put_in_with_the_code_of_another_is_named(place: int) -> None:
    put_in = AuditEntry.objects.get(number=3)
    for entry in AuditEntry.objects.filter(number__gte=place).order_by("-number"):
        AuditEntry.objects.filter(number=entry.number).update(number=entry.number + 1, id=entry.number + 1)
    put_in.id = put_in.number = place
    put_in.save(force_insert=True)
    # In its own place the copy is the row itself: then its shadow behind it is the one put in.
    assert f"No. {4 if place == 3 else place} is not as it was written: changed, moved, or put in." in found()


@pytest.mark.usefixtures("laid_open")
def test_a_row_before_the_first_is_named() -> None:
    entry = AuditEntry.objects.get(number=2)
    entry.id = entry.number = 0
    entry.save(force_insert=True)
    assert found() == ["Row 0 bears the number 0, which another has or nobody gave: it was put in."]


@pytest.mark.usefixtures("laid_open")
def test_a_head_that_was_moved_or_removed_is_found() -> None:
    head = AuditHead.objects.get()
    tenth = AuditEntry.objects.get(number=10)
    for number, mac, words in (
        (9, tenth.mac, "The head says that 9 is the last number: what stands after it was put in."),
        (12, tenth.mac, "No. 11 to 12 are missing at the end: removed."),
        (10, b"\2" * 32, "The head does not know No. 10: the head was changed, or the end of the trail replaced."),
    ):
        AuditHead.objects.update(number=number, mac=mac)
        assert found() == [words]
    head.delete()
    assert found() == ["The head of the trail is gone: nobody can say where the trail ended."]


@pytest.mark.usefixtures("laid_open")
@pytest.mark.parametrize("column", ["at", "mac", "subject_id", "number"])
def test_a_value_that_nobody_writes_there_is_named_and_stops_nothing(column: str, database_vendor: str) -> None:
    if database_vendor != "sqlite":
        pytest.skip("PostgreSQL takes no such value")
    execute(f"UPDATE {ENTRY} SET {column} = '2026-13-45 00:00:00' WHERE id = 5")
    words = "No. 5 is missing: removed." if column == "number" else "No. 5 is not as it was written: changed, moved,"
    assert found()[0].startswith(words)


@pytest.mark.usefixtures("five_deeds")
@pytest.mark.parametrize(
    "at", [datetime(2026, 7, 1, 12, 30, tzinfo=UTC), datetime(2026, 7, 1, 12, 30, 1, 5, tzinfo=ZoneInfo("Asia/Tokyo"))]
)
def test_the_code_is_over_what_both_databases_keep_alike(admin: User, at: datetime) -> None:
    """A whole second, summer time, names in another order than PostgreSQL's, words beyond ASCII: all fit."""
    entry = AuditEntry(deed="x", actor=admin, subject_type="a.b", detail={"bb": 1, "a": "“é”", "ccc": None, "B": False})
    trail.append(entry, at=at)
    assert found() == []
