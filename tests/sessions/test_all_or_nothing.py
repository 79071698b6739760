"""A deed and its audit row stand or fall together: where the row cannot be written, nothing was done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from outbox.models import Message
from practice.models import AuditEntry
from sessions.models import ClientSession
from sessions.services import cancel_session, mark_outcome, move_session
from tests.factories import make_client, make_session
from tests.sessions.factories import FIFTY, book, in_days

pytestmark = pytest.mark.django_db
SQLITE = """
CREATE TRIGGER refuse_audit BEFORE INSERT ON practice_auditentry BEGIN SELECT RAISE(ABORT, 'no audit row today'); END
"""
POSTGRESQL = """
CREATE FUNCTION refuse_audit() RETURNS trigger AS $$ BEGIN RAISE 'no audit row today'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER refuse_audit BEFORE INSERT ON practice_auditentry FOR EACH ROW EXECUTE FUNCTION refuse_audit()
"""


@contextmanager
def audit_refused() -> Iterator[None]:
    """Have the database refuse every audit row, and expect the error that comes of it."""
    with connection.cursor() as cursor:
        cursor.execute(SQLITE if connection.vendor == "sqlite" else POSTGRESQL)
    with pytest.raises(DatabaseError, match="no audit row today"), transaction.atomic():
        yield


def test_booking() -> None:
    client = make_client()
    with audit_refused():
        book(client, in_days(3))
    assert (ClientSession.visible_to(client.counsellor).count(), Message.objects.count()) == (0, 0)


def test_moving() -> None:
    session = book(make_client(), in_days(3))
    with audit_refused():
        move_session(actor=session.counsellor, session=session, starts_at=in_days(5), length=FIFTY)
    kept = ClientSession.visible_to(session.counsellor).get()
    assert (kept.starts_at, kept.revision) == (in_days(3), 1)
    assert Message.objects.get().state == "planned"


def test_cancelling() -> None:
    session = book(make_client(), in_days(3))
    with audit_refused():
        cancel_session(actor=session.counsellor, session=session, by=ClientSession.Status.CANCELLED_LATE)
    assert ClientSession.visible_to(session.counsellor).get().status == "booked"
    assert Message.objects.get().state == "planned"


def test_marking() -> None:
    session = make_session(starts_at=timezone.now() - timedelta(hours=1))
    with audit_refused():
        mark_outcome(actor=session.counsellor, session=session, outcome="attended")
    assert ClientSession.visible_to(session.counsellor).get().status == "booked"
    assert AuditEntry.objects.filter(deed="session.outcome").count() == 0
