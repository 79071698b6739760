"""Clients and counsellors at the same moment: one of them is first, and nobody is told what is not so."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from practice.models import AuditEntry
from sessions import replies
from sessions.diary import SessionClosed
from sessions.models import ClientReply, ClientSession
from sessions.services import cancel_session, move_session
from tests.factories import make_session
from tests.sessions.factories import in_days

pytestmark = pytest.mark.django_db(transaction=True)
Deed = Callable[[], object]
Status, State = ClientSession.Status, ClientReply.State


def at_once(*deeds: Deed) -> Counter[str]:
    """Run deeds in a thread each that start together; count what came of them."""
    start = Barrier(len(deeds))

    def attempt(deed: Deed) -> str:
        try:
            start.wait()
            deed()
        except (replies.NotOffered, replies.OutOfDate, replies.ReplyClosed, SessionClosed) as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(attempt, deeds))


def test_eight_presses_of_one_button_are_one_deed() -> None:
    session = make_session(starts_at=in_days(4))
    wishes = [in_days(5), in_days(6)]
    asks = [lambda: replies.ask_to_move(session=session, revision=1, wishes=wishes, words="Rather")] * 8
    assert at_once(*asks) == {"done": 8}
    assert at_once(*[lambda: replies.confirm(session=session, revision=1)] * 8) == {"done": 8}
    assert at_once(*[lambda: replies.cancel(session=session, revision=1)] * 8) == {"done": 8}
    assert dict(ClientReply.unscoped.values_list("kind", "state")) == {"move": State.SEEN, "cancelled": State.OPEN}
    counted = Counter(AuditEntry.objects.values_list("deed", flat=True))
    assert counted == {"reply.ask": 1, "session.confirm": 1, "session.cancel": 1}


def test_a_client_who_confirms_while_it_moves_has_confirmed_the_time_that_they_saw_or_none() -> None:
    session = make_session(starts_at=in_days(4))
    later = in_days(5)
    outcomes = at_once(
        lambda: move_session(actor=session.counsellor, session=session, starts_at=later, length=session.length),
        lambda: replies.confirm(session=session, revision=1),
    )
    now = ClientSession.unscoped.get()
    assert (now.starts_at, now.status) == (later, Status.BOOKED)
    assert outcomes in ({"done": 2}, {"done": 1, "OutOfDate": 1})


def test_agreed_twice_and_cancelled_at_once_is_one_of_both() -> None:
    session = make_session(starts_at=in_days(4))
    reply = replies.ask_to_move(session=session, revision=1, wishes=[in_days(5), in_days(6)])
    actor = session.counsellor
    at_once(
        lambda: replies.agree_reply(actor=actor, reply=reply, starts_at=in_days(5)),
        lambda: replies.agree_reply(actor=actor, reply=reply, starts_at=in_days(6)),
        lambda: cancel_session(actor=actor, session=session, by=Status.CANCELLED_BY_COUNSELLOR),
        lambda: replies.see_reply(actor=actor, reply=reply),
        lambda: replies.ask_for_contact(session=session, revision=1, words="Hello"),
    )
    now, reply = ClientSession.unscoped.get(), ClientReply.unscoped.get(pk=reply.pk)
    assert now.status == Status.CANCELLED_BY_COUNSELLOR
    is_moved = now.starts_at != session.starts_at
    assert (reply.state == State.AGREED) == is_moved
    assert AuditEntry.objects.filter(deed="session.move").count() == is_moved
    assert now.ends_at - now.starts_at == timedelta(minutes=50)
