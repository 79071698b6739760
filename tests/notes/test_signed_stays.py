"""A signed note is read-only by every path: the database itself refuses."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from notes.models import Note
from tests.notes.factories import make_note

pytestmark = pytest.mark.django_db


def raw(statement: str, note: Note) -> None:
    pk = note.pk if connection.vendor == "postgresql" else note.pk.hex
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [pk])


def test_the_orm_cannot_change_a_signed_notes_words() -> None:
    note = make_note(is_signed=True, text="As it was.")
    note.text = "As somebody would have it."

    with pytest.raises(DatabaseError, match="a signed note is read-only"), transaction.atomic():
        note.save()

    assert Note.unscoped.get(pk=note.pk).text == "As it was."


@pytest.mark.parametrize(
    "change",
    ["text = NULL", "text = created_by_nobody", "state = 'draft', signed_at = NULL", "signed_at = NULL"],
)
def test_raw_sql_cannot_change_or_unsign_it(change: str) -> None:
    note = make_note(is_signed=True, text="As it was.")
    change = change.replace("created_by_nobody", "x'00'" if connection.vendor == "sqlite" else "'\\x00'::bytea")

    with pytest.raises(DatabaseError, match="a signed note is read-only"):
        raw(f"UPDATE notes_note SET {change} WHERE id = %s", note)

    note.refresh_from_db()
    assert (note.text, note.state) == ("As it was.", Note.State.SIGNED)


def test_a_queryset_cannot_move_it_to_another_moment() -> None:
    note = make_note(is_signed=True)

    with pytest.raises(DatabaseError, match="a signed note is read-only"), transaction.atomic():
        Note.unscoped.filter(pk=note.pk).update(signed_at=timezone.now())


def test_flagging_it_is_not_refused() -> None:
    note = make_note(is_signed=True)
    note.is_for_supervision, note.supervision_question = True, "What did I miss?"

    note.save(update_fields=["is_for_supervision", "supervision_question"])

    note.refresh_from_db()
    assert (note.is_for_supervision, note.supervision_question) == (True, "What did I miss?")


def test_deleting_it_is_not_refused() -> None:
    note = make_note(is_signed=True)

    raw("DELETE FROM notes_note WHERE id = %s", note)

    assert Note.unscoped.count() == 0


def test_a_draft_can_be_changed() -> None:
    note = make_note(text="As it was.")
    note.text = "As it is now."

    note.save(update_fields=["text"])

    assert Note.unscoped.get(pk=note.pk).text == "As it is now."
