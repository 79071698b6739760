"""The database itself keeps the trail: nothing changes, deletes or empties it, or puts a row elsewhere than last."""

import pytest
from django.db import IntegrityError, connection, transaction

from practice import trail
from practice.models import AuditEntry, AuditHead, User

ENTRY, HEAD = "practice_auditentry", "practice_audithead"


@pytest.fixture
def three_deeds(admin: User) -> None:
    for deed in ("client.read", "note.read", "note.sign"):
        trail.record(deed, actor=admin, subject=admin, reference="C-0042")


def stored() -> list[object]:
    return [*AuditEntry.objects.order_by("id").values_list(), *AuditHead.objects.values_list()]


@pytest.mark.usefixtures("three_deeds")
@pytest.mark.parametrize(
    "statement",
    [
        *(f"UPDATE {ENTRY} SET {column} = {column}" for column in ("deed", "mac", "number", "at", "detail")),
        f"UPDATE {ENTRY} SET reference = 'C-0001' WHERE id = 2",
        f"DELETE FROM {ENTRY}",
        f"DELETE FROM {ENTRY} WHERE id = 3",
        f"DELETE FROM {HEAD}",
        f"UPDATE {HEAD} SET number = number - 1",
        f"UPDATE {HEAD} SET number = number",
        f"UPDATE {HEAD} SET number = number + 2",
    ],
)
def test_the_database_refuses_to_change_the_trail(statement: str) -> None:
    before = stored()
    with pytest.raises(IntegrityError, match="audit trail"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert stored() == before


@pytest.mark.usefixtures("three_deeds")
@pytest.mark.parametrize("word", ["INSERT", pytest.param("INSERT OR REPLACE", id="replace")])
@pytest.mark.parametrize(("pk", "number"), [(2, 2), (2, 4), (4, 5), (5, 5), (0, 0), (4, 2)])
def test_a_row_is_taken_at_the_end_alone(word: str, pk: int, number: int, database_vendor: str) -> None:
    if database_vendor == "postgresql" and word != "INSERT":
        pytest.skip("a word of SQLite's")
    before = stored()
    columns = "at, actor_id, deed, subject_type, subject_id, reference, detail, mac"
    with pytest.raises(IntegrityError, match="next number"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"{word} INTO {ENTRY} (id, number, {columns}) SELECT %s, %s, {columns} FROM {ENTRY} WHERE id = 2",
            [pk, number],
        )
    assert stored() == before


@pytest.mark.postgres
@pytest.mark.usefixtures("three_deeds")
@pytest.mark.parametrize("table", [ENTRY, HEAD])
def test_postgresql_empties_neither_table(table: str) -> None:
    connection.check_constraints()  # PostgreSQL truncates no table whose foreign keys are still to be checked
    before = stored()
    with pytest.raises(IntegrityError, match="audit trail"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table}")
    assert stored() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_of_its_own_transactions_begins_with_an_empty_trail(turn: int, admin: User) -> None:
    trail.record("client.read", actor=admin, subject=admin)
    assert (AuditEntry.objects.get().number, AuditHead.objects.get().number) == (1, 1)
