"""Bookings at the same moment: the diary holds one, on PostgreSQL and on SQLite."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from clients.models import Client
from outbox.models import Message
from practice.models import AuditEntry
from sessions.models import ClientSession
from sessions.services import DiaryClash, move_session
from tests.factories import make_client, make_session
from tests.sessions.factories import FIFTY, book, in_days

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


def at_once(deed: Callable[[int], object]) -> Counter[str]:
    """Run a deed in eight threads that start together; count what came of it."""
    start = Barrier(THREADS)

    def attempt(number: int) -> str:
        try:
            start.wait()
            deed(number)
        except DiaryClash:
            return "clash"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(attempt, range(THREADS)))


def test_eight_bookings_of_one_hour_leave_one_session() -> None:
    client = make_client()
    assert at_once(lambda _: book(client, in_days(3))) == {"done": 1, "clash": THREADS - 1}
    assert ClientSession.visible_to(client.counsellor).count() == 1
    assert Message.objects.count() == AuditEntry.objects.filter(deed="session.book").count() == 1


def test_eight_bookings_that_overlap_in_a_chain_never_overlap_in_the_diary() -> None:
    client = make_client()
    at_once(lambda number: book(client, in_days(3, 10, 5 * number)))
    assert ClientSession.visible_to(client.counsellor).count() == 1


def test_eight_sessions_moved_to_one_hour_leave_one_there() -> None:
    client = make_client()
    sessions = [make_session(client, in_days(4 + number)) for number in range(THREADS)]

    def move(number: int) -> None:
        move_session(actor=client.counsellor, session=sessions[number], starts_at=in_days(3), length=FIFTY)

    assert at_once(move) == {"done": 1, "clash": THREADS - 1}


@pytest.mark.postgres
def test_a_row_written_past_the_service_is_a_clash_too() -> None:
    client = make_client()
    written, asked = Event(), Event()

    def write_and_wait() -> None:
        with transaction.atomic():
            make_session(client, in_days(3))
            written.set()
            asked.wait(5)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(write_and_wait)
        written.wait(5)
        pool_of_one = ThreadPoolExecutor(1)
        booking = pool_of_one.submit(_book_and_close, client)
        # The booking has looked, found nothing, and waits for the row that is not committed yet.
        _until_somebody_waits()
        asked.set()
        other.result(10)
        assert booking.result(10) == "clash"
        pool_of_one.shutdown()
    assert ClientSession.visible_to(client.counsellor).count() == 1


def _book_and_close(client: Client) -> str:
    try:
        book(client, in_days(3))
    except DiaryClash:
        return "clash"
    finally:
        connection.close()
    return "done"


def _until_somebody_waits() -> None:
    """Return once a transaction waits for another. Give up after five seconds."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            (waiting,) = cursor.fetchone() or (0,)
        if waiting:
            return
        time.sleep(0.02)
    pytest.fail("the booking did not wait for the other row")
