import pytest
from django.utils import timezone

from outbox.models import Message
from outbox.services import DropResult
from practice.models import AuditEntry
from sessions.models import ClientSession
from sessions.services import SessionClosed, cancel_session
from tests.factories import make_client, make_session
from tests.sessions.factories import book, in_days

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


@pytest.mark.parametrize("by", ClientSession.CANCELLED)
def test_it_says_who_cancelled_and_drops_the_reminder(by: str) -> None:
    client = make_client()
    session = book(client, in_days(3))
    mail = cancel_session(actor=client.counsellor, session=session, by=by)
    assert mail == DropResult(dropped=1, on_their_way=0)
    assert ClientSession.visible_to(client.counsellor).get().status == by
    reminder = Message.objects.get()
    assert (reminder.state, reminder.reason) == ("dropped", "session cancelled")


def test_mail_that_is_on_its_way_is_told() -> None:
    client = make_client()
    session = book(client, in_days(3))
    Message.objects.update(state="leased", token=session.pk, lease_until=in_days(3), dispatched_at=timezone.now())
    mail = cancel_session(actor=client.counsellor, session=session, by=Status.CANCELLED_LATE)
    assert mail == DropResult(dropped=0, on_their_way=1)


def test_another_sessions_mail_stays() -> None:
    client = make_client()
    first, second = book(client, in_days(3)), book(client, in_days(4))
    cancel_session(actor=client.counsellor, session=first, by=Status.CANCELLED_BY_CLIENT)
    assert Message.objects.get(state="planned").subject_id == second.pk


@pytest.mark.parametrize("status", [each for each in Status if each not in ClientSession.AHEAD])
def test_only_a_session_ahead_can_be_cancelled(status: str) -> None:
    session = make_session(status=status)
    with pytest.raises(SessionClosed):
        cancel_session(actor=session.counsellor, session=session, by=Status.CANCELLED_LATE)


def test_attended_is_no_way_to_cancel() -> None:
    session = make_session()
    with pytest.raises(ValueError, match="no way to cancel"):
        cancel_session(actor=session.counsellor, session=session, by=Status.ATTENDED)


def test_the_deed_is_in_the_trail() -> None:
    client = make_client()
    session = book(client, in_days(3))
    cancel_session(actor=client.counsellor, session=session, by=Status.CANCELLED_LATE)
    entry = AuditEntry.objects.get(deed="session.cancel")
    assert (entry.actor, entry.subject_id, entry.reference) == (client.counsellor, session.pk, client.reference)
    assert entry.detail == {"by": "cancelled_late", "on_their_way": 0}
