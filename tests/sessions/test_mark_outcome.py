from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.handing_over import HandedOver
from clients.models import Client
from outbox.models import Message
from practice.models import AuditEntry
from sessions.models import ClientSession
from sessions.services import DiaryClash, SessionAhead, SessionClosed, cancel_session, mark_outcome
from tests.factories import make_client, make_session, make_user
from tests.sessions.factories import book, in_days

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


def begun(**fields: Any) -> ClientSession:
    return make_session(starts_at=timezone.now() - timedelta(minutes=55), **fields)


@pytest.mark.parametrize("outcome", [Status.ATTENDED, Status.DID_NOT_ATTEND])
def test_it_is_marked_and_traced(outcome: str) -> None:
    session = begun()
    mark_outcome(actor=session.counsellor, session=session, outcome=outcome)
    assert ClientSession.visible_to(session.counsellor).get().status == outcome
    entry = AuditEntry.objects.get(deed="session.outcome")
    assert (entry.subject_id, entry.detail) == (session.pk, {"was": "booked", "outcome": outcome})


def test_it_can_be_taken_back() -> None:
    session = begun(status=Status.ATTENDED)
    mark_outcome(actor=session.counsellor, session=session, outcome=Status.BOOKED)
    assert ClientSession.visible_to(session.counsellor).get().status == Status.BOOKED


def test_the_same_again_leaves_no_second_trace() -> None:
    session = begun()
    for _ in range(2):
        mark_outcome(actor=session.counsellor, session=session, outcome=Status.ATTENDED)
    assert AuditEntry.objects.filter(deed="session.outcome").count() == 1


@pytest.mark.parametrize("status", ClientSession.CANCELLED)
def test_what_was_said_can_be_corrected_afterwards_and_is_traced(status: str) -> None:
    session = begun(status=status)
    mark_outcome(actor=session.counsellor, session=session, outcome=Status.ATTENDED)
    assert ClientSession.visible_to(session.counsellor).get().status == Status.ATTENDED
    assert AuditEntry.objects.get(deed="session.outcome").detail == {"was": status, "outcome": "attended"}


def test_a_time_taken_meanwhile_stays_taken() -> None:
    session = begun(status=Status.CANCELLED_LATE)
    make_session(session.client, session.starts_at)
    with pytest.raises(DiaryClash):
        mark_outcome(actor=session.counsellor, session=session, outcome=Status.DID_NOT_ATTEND)


def test_nobody_can_say_before_it_begins() -> None:
    session = make_session()
    with pytest.raises(SessionAhead):
        mark_outcome(actor=session.counsellor, session=session, outcome=Status.ATTENDED)


def test_a_cancellation_can_be_said_afterwards() -> None:
    session = begun()
    mark_outcome(actor=session.counsellor, session=session, outcome=Status.CANCELLED_LATE)
    assert ClientSession.visible_to(session.counsellor).get().status == Status.CANCELLED_LATE


def test_any_other_word_is_no_outcome() -> None:
    session = begun()
    with pytest.raises(ValueError, match="no outcome"):
        mark_outcome(actor=session.counsellor, session=session, outcome="overslept")


def cancelled_ahead() -> ClientSession:
    session = book(make_client(), in_days(3))
    cancel_session(actor=session.counsellor, session=session, by=Status.CANCELLED_BY_CLIENT)
    return session


def test_a_session_ahead_that_was_cancelled_is_booked_again_with_its_mail() -> None:
    session = cancelled_ahead()
    assert [message.state for message in Message.objects.all()] == ["dropped"]
    mark_outcome(actor=session.counsellor, session=session, outcome=Status.BOOKED)
    assert ClientSession.visible_to(session.counsellor).get().status == Status.BOOKED
    assert [message.state for message in Message.objects.all()] == ["planned"]
    assert AuditEntry.objects.get(deed="session.outcome").detail == {"was": "cancelled_by_client", "outcome": "booked"}


def test_a_time_ahead_that_is_taken_meanwhile_stays_taken() -> None:
    session = cancelled_ahead()
    book(session.client, session.starts_at)
    with pytest.raises(DiaryClash):
        mark_outcome(actor=session.counsellor, session=session, outcome=Status.BOOKED)


def test_nothing_is_booked_again_where_the_work_has_ended_or_the_client_is_anothers() -> None:
    session = cancelled_ahead()
    clients = Client.unscoped.filter(pk=session.client_id)  # no viewer: a test's own row
    clients.update(state="ended", ended_at=timezone.now())
    with pytest.raises(SessionClosed):
        mark_outcome(actor=session.counsellor, session=session, outcome=Status.BOOKED)
    clients.update(state="active", ended_at=None, counsellor=make_user())
    with pytest.raises(HandedOver):
        mark_outcome(actor=session.counsellor, session=session, outcome=Status.BOOKED)
