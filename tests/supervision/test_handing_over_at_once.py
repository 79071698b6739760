"""A hand-over at the same moment as another, a booking, a move, a note, a pack: the client is whole in one place."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from clients.models import Client
from notes.models import Note
from notes.services import save_draft
from practice.models import AuditEntry
from sessions.models import ClientSession
from sessions.services import SessionClosed, cancel_session, move_session
from supervision.handing_over import HandedOver, hand_over
from supervision.models import PackItem
from supervision.services import prepare_pack
from tests.factories import make_client, make_session, make_user
from tests.notes.factories import make_past_session
from tests.sessions.factories import book, in_days
from tests.supervision.factories import make_flagged_note

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Do these deeds at the same moment; say of each whether it was done or refused."""
    start = Barrier(len(deeds))

    def attempt(deed: Callable[[], object]) -> str:
        try:
            start.wait()
            deed()
        except (HandedOver, SessionClosed):
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(attempt, deeds))


def fresh(client: Client) -> Client:
    """Return the row as a page of its counsellor holds it."""
    return Client.unscoped.select_related("counsellor").get(pk=client.pk)


def test_two_hand_overs_leave_one_counsellor() -> None:
    client, first, second = make_client(), make_user(), make_user()
    one, other = fresh(client), fresh(client)
    ways = (
        lambda: hand_over(actor=one.counsellor, client=one, to=first, is_told=True),
        lambda: hand_over(actor=other.counsellor, client=other, to=second, is_told=True),
    )
    assert sorted(at_once(*ways)) == ["done", "refused"]
    assert AuditEntry.objects.filter(deed="client.hand_over").count() == 1


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_booking_is_in_the_new_diary_or_refused(number: int) -> None:
    client, to = make_client(), make_user()
    row, same = fresh(client), fresh(client)
    gone, booked = at_once(
        lambda: hand_over(actor=row.counsellor, client=row, to=to, is_told=True), lambda: book(same, in_days(3))
    )
    assert gone == "done"
    sessions = ClientSession.visible_to(to)
    assert [session.counsellor for session in sessions] == ([to] if booked == "done" else [])


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_move_and_a_cancellation_do_not_cross_it(number: int) -> None:
    client, to = make_client(), make_user()
    moving, going = (make_session(client, in_days(4 + day)) for day in range(2))
    row = fresh(client)
    gone, *_ = at_once(
        lambda: hand_over(actor=row.counsellor, client=row, to=to, is_told=True),
        lambda: move_session(actor=client.counsellor, session=moving, starts_at=in_days(9), length=moving.length),
        lambda: cancel_session(actor=client.counsellor, session=going, by=ClientSession.Status.CANCELLED_BY_CLIENT),
    )
    assert gone == "done"
    booked = ClientSession.visible_to(to).filter(status=ClientSession.Status.BOOKED)
    assert {session.counsellor for session in booked} == {to}


@pytest.mark.parametrize("number", range(ROUNDS))
def test_words_saved_at_that_moment_are_kept(number: int) -> None:
    client, to = make_client(), make_user()
    session, row = make_past_session(client=client), fresh(client)
    at_once(
        lambda: hand_over(actor=row.counsellor, client=row, to=to, is_told=True, takes_drafts=True),
        lambda: save_draft(actor=client.counsellor, session=session, text="We sat.", version=0),
    )
    assert [note.text for note in Note.visible_to(to)] == ["We sat."]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_no_draft_of_a_pack_holds_a_client_who_went(number: int) -> None:
    note, to = make_flagged_note(), make_user()
    row = fresh(note.client)
    gone, _ = at_once(
        lambda: hand_over(actor=row.counsellor, client=row, to=to, is_told=True),
        lambda: prepare_pack(actor=note.author, notes=[note]),
    )
    assert gone == "done"
    assert PackItem.unscoped.count() == 0
