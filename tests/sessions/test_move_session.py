from datetime import timedelta

import pytest
from django.utils import timezone

from outbox.models import Message
from practice.models import AuditEntry
from sessions.models import ClientSession
from sessions.services import DiaryClash, PastSession, SessionClosed, cancel_session, move_session
from tests.factories import make_client, make_session
from tests.sessions.factories import FIFTY, book, in_days

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


def reminders(session: ClientSession) -> dict[str, tuple[str, str]]:
    """Return (state, reason) of each reminder by the revision in its key."""
    rows = Message.objects.filter(subject_id=session.pk)
    return {row.key.rpartition(":")[2]: (row.state, row.reason) for row in rows}


def test_it_has_the_new_time_and_a_new_revision() -> None:
    client = make_client()
    session = book(client, in_days(3))
    moved = move_session(actor=client.counsellor, session=session, starts_at=in_days(4, 15), length=timedelta(hours=1))
    kept = ClientSession.visible_to(client.counsellor).get()
    assert (kept.starts_at, kept.ends_at, kept.revision) == (in_days(4, 15), in_days(4, 16), 2)
    assert moved.revision == 2


def test_the_reminder_follows_it() -> None:
    client = make_client()
    session = book(client, in_days(3))
    move_session(actor=client.counsellor, session=session, starts_at=in_days(5), length=FIFTY)
    assert reminders(session) == {"1": ("dropped", "session moved"), "2": ("planned", "")}
    assert Message.objects.get(state="planned").due_at == in_days(5) - timedelta(hours=24)


def test_a_stale_copy_of_the_row_does_not_reuse_a_revision() -> None:
    client = make_client()
    stale = book(client, in_days(3))
    for days in (4, 5):
        move_session(actor=client.counsellor, session=stale, starts_at=in_days(days), length=FIFTY)
    assert ClientSession.visible_to(client.counsellor).get().revision == 3


def test_it_may_overlap_with_its_own_old_time() -> None:
    client = make_client()
    session = book(client, in_days(3))
    later = in_days(3) + timedelta(minutes=20)
    assert move_session(actor=client.counsellor, session=session, starts_at=later, length=FIFTY).starts_at == later


def test_the_same_time_again_changes_nothing() -> None:
    client = make_client()
    session = book(client, in_days(3))
    same = move_session(actor=client.counsellor, session=session, starts_at=in_days(3), length=FIFTY)
    assert (same.revision, AuditEntry.objects.filter(deed="session.move").count()) == (1, 0)


def test_a_taken_time_is_refused_and_nothing_changes() -> None:
    client = make_client()
    first, second = book(client, in_days(3)), book(client, in_days(4))
    with pytest.raises(DiaryClash) as refusal:
        move_session(actor=client.counsellor, session=second, starts_at=in_days(3), length=FIFTY)
    assert refusal.value.starts_at == first.starts_at
    assert ClientSession.visible_to(client.counsellor).get(pk=second.pk).revision == 1
    assert reminders(second) == {"1": ("planned", "")}


def test_a_past_time_is_refused() -> None:
    client = make_client()
    session = book(client, in_days(3))
    with pytest.raises(PastSession):
        move_session(
            actor=client.counsellor, session=session, starts_at=timezone.now() - timedelta(minutes=1), length=FIFTY
        )


@pytest.mark.parametrize("status", [each for each in Status if each not in ClientSession.AHEAD])
def test_a_closed_session_stays_where_it_is(status: str) -> None:
    session = make_session(status=status)
    with pytest.raises(SessionClosed):
        move_session(actor=session.counsellor, session=session, starts_at=in_days(4), length=FIFTY)


def test_a_session_that_is_over_stays_where_it_is() -> None:
    session = make_session(starts_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(SessionClosed):
        move_session(actor=session.counsellor, session=session, starts_at=in_days(4), length=FIFTY)


def test_a_copy_that_does_not_know_of_the_cancellation_cannot_move_it() -> None:
    client = make_client()
    stale = book(client, in_days(3))
    cancel_session(actor=client.counsellor, session=stale, by=Status.CANCELLED_BY_CLIENT)
    with pytest.raises(SessionClosed):
        move_session(actor=client.counsellor, session=stale, starts_at=in_days(4), length=FIFTY)
    assert reminders(stale) == {"1": ("dropped", "session cancelled")}


def test_the_deed_is_in_the_trail_with_both_times() -> None:
    client = make_client()
    session = book(client, in_days(3))
    move_session(actor=client.counsellor, session=session, starts_at=in_days(4), length=FIFTY)
    entry = AuditEntry.objects.get(deed="session.move")
    assert (entry.subject_id, entry.reference) == (session.pk, client.reference)
    assert set(entry.detail) == {"was", "starts_at", "length"}
