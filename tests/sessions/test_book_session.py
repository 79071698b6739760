from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Client
from outbox.models import Message
from practice.models import AuditEntry
from sessions.models import ClientSession
from sessions.services import DiaryClash, PastSession, cancel_session
from tests.factories import make_client, make_session
from tests.sessions.factories import FIFTY, book, in_days

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


def test_a_booking_stands_in_the_diary_of_the_clients_counsellor() -> None:
    client = make_client()
    session = book(client, in_days(3))
    kept = ClientSession.visible_to(client.counsellor).get()
    assert (kept.pk, kept.client, kept.starts_at, kept.length) == (session.pk, client, in_days(3), FIFTY)
    assert (kept.status, kept.revision, kept.mode, kept.place) == ("booked", 1, "in_person", "Room 2")


def test_its_reminder_is_planned_a_day_before() -> None:
    client = make_client()
    session = book(client, in_days(3))
    reminder = Message.objects.get()
    assert reminder.key == f"session_reminder:{session.pk}:lead:24h:1"
    assert (reminder.owner_id, reminder.reference, reminder.state) == (client.pk, client.reference, "planned")
    assert (reminder.due_at, reminder.expires_at) == (in_days(3) - timedelta(hours=24), in_days(3))


def test_the_deed_is_in_the_trail_without_the_place() -> None:
    client = make_client()
    session = book(client, in_days(3))
    entry = AuditEntry.objects.get(deed="session.book")
    assert (entry.actor, entry.subject_id, entry.reference) == (client.counsellor, session.pk, client.reference)
    assert entry.detail == {"starts_at": in_days(3).isoformat(), "length": 3000, "mode": "in_person"}


@pytest.mark.parametrize(
    ("from_minute", "minutes"),
    [(0, 50), (-20, 50), (20, 50), (10, 10), (-60, 240)],
    ids=["same", "into its start", "from within", "inside", "around"],
)
def test_a_time_that_overlaps_is_refused_with_the_span_it_clashes_with(from_minute: int, minutes: int) -> None:
    client = make_client()
    first = make_session(client, in_days(2))
    with pytest.raises(DiaryClash) as refusal:
        book(client, in_days(2) + timedelta(minutes=from_minute), timedelta(minutes=minutes))
    assert (refusal.value.starts_at, refusal.value.ends_at) == (first.starts_at, first.ends_at)
    assert ClientSession.visible_to(client.counsellor).count() == 1


def test_sessions_may_follow_each_other_without_a_gap() -> None:
    client = make_client()
    make_session(client, in_days(2))
    book(client, in_days(2) + FIFTY)
    book(client, in_days(2) - FIFTY)
    assert ClientSession.visible_to(client.counsellor).count() == 3


def test_another_counsellors_diary_does_not_matter() -> None:
    make_session(starts_at=in_days(2))
    client = make_client()
    assert book(client, in_days(2)).client == client


@pytest.mark.parametrize("by", ClientSession.CANCELLED)
def test_a_cancelled_session_frees_its_time(by: str) -> None:
    client = make_client()
    cancel_session(actor=client.counsellor, session=book(client, in_days(2)), by=by)
    assert book(client, in_days(2)).status == Status.BOOKED


def test_a_time_that_has_passed_is_refused() -> None:
    client = make_client()
    with pytest.raises(PastSession):
        book(client, timezone.now() - timedelta(seconds=1))
    assert ClientSession.visible_to(client.counsellor).count() == 0


def test_no_session_is_booked_once_the_work_has_ended() -> None:
    client = make_client(state=Client.State.ENDED, ended_at=timezone.now())
    with pytest.raises(ValueError, match="has ended"):
        book(client, in_days(2))
