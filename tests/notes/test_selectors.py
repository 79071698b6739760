"""Which notes are still to write."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notes.selectors import notes_to_write
from practice.roles import Role
from sessions.models import ClientSession
from tests.factories import make_client, make_session, make_user
from tests.notes.factories import make_note, make_past_session

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


def test_sessions_that_are_over_wait_for_their_note_the_newest_first() -> None:
    client = make_client()
    older = make_session(client, timezone.now() - timedelta(days=3), status=Status.ATTENDED)
    newer = make_session(client, timezone.now() - timedelta(days=2), status=Status.BOOKED)

    assert [each.session for each in notes_to_write(client.counsellor)] == [newer, older]


def test_a_draft_still_waits_and_a_signed_note_does_not() -> None:
    client = make_client()
    draft = make_note(make_past_session(client=client))
    make_note(make_past_session(client=client, starts_at=timezone.now() - timedelta(days=2)), is_signed=True)

    assert [(each.session, each.has_draft) for each in notes_to_write(client.counsellor)] == [(draft.session, True)]


@pytest.mark.parametrize("status", [Status.DID_NOT_ATTEND, *ClientSession.CANCELLED])
def test_a_session_that_did_not_take_place_waits_for_none(status: str) -> None:
    session = make_past_session(status=status)

    assert notes_to_write(session.counsellor) == []


def test_a_session_to_come_waits_for_none() -> None:
    session = make_session()

    assert notes_to_write(session.counsellor) == []


def test_nobody_else_is_shown_them() -> None:
    make_past_session()

    assert notes_to_write(make_user()) == []
    assert notes_to_write(make_user(Role.ADMIN)) == []
