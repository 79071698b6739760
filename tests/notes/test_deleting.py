"""A client can be deleted with all that is theirs, as an erasure will ask; a session that has a note cannot."""

import pytest
from django.db.models import RestrictedError

from clients.models import Client
from notes.models import Note
from sessions.models import ClientSession
from tests.notes.factories import make_note, make_past_session

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("is_signed", [True, False])
def test_a_deleted_client_takes_sessions_and_notes_along(is_signed: bool) -> None:
    note, other = make_note(is_signed=is_signed), make_note(is_signed=is_signed)

    note.client.delete()

    assert [row.pk for row in Client.unscoped.all()] == [other.client_id]
    assert [row.pk for row in ClientSession.unscoped.all()] == [other.session_id]
    assert [row.pk for row in Note.unscoped.all()] == [other.pk]


def test_a_session_that_has_a_note_is_not_deleted() -> None:
    note, bare = make_note(), make_past_session()

    bare.delete()
    with pytest.raises(RestrictedError):
        note.session.delete()

    assert [row.pk for row in ClientSession.unscoped.all()] == [note.session_id]
