"""Many deeds at once: none waits for another for ever, and the chain has no gap and no double."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.utils import timezone

from clients import services as clients
from clients.models import Client
from exercises import answers
from exercises.models import ExerciseVersion
from notes import services as notes
from practice import trail
from practice.chain import findings
from practice.models import AuditEntry, AuditHead
from sessions import services as sessions
from sessions.models import ClientSession
from tests.exercises.factories import assign, make_version
from tests.factories import make_client, make_practice, make_session, make_user
from tests.notes.factories import make_past_session

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, ROUNDS = 8, 4


def at_once(works: Sequence[Callable[[], object]]) -> list[BaseException]:
    """Run each in a thread of its own, all from the same moment. Return what went wrong."""
    gate, wrong = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        try:
            gate.wait(30)
            work()
        except BaseException as error:  # noqa: BLE001 - the test shows it
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


def whole() -> tuple[int, list[str]]:
    """Return how many rows the trail has and what is wrong with them."""
    numbers = list(AuditEntry.objects.order_by("id").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    return len(numbers), list(findings(AuditHead.objects.get()))


def test_of_two_first_deeds_one_makes_the_head() -> None:
    practice = make_practice()
    works = [lambda: trail.record("practice.change", actor=None, subject=practice)] * THREADS
    assert at_once(works) == []
    assert whole() == (THREADS, [])


def book(client: Client, number: int, turn: int) -> None:
    starts_at = timezone.now() + timedelta(days=1 + number, hours=turn)
    session = sessions.book_session(
        actor=client.counsellor, client=client, starts_at=starts_at, length=timedelta(minutes=50), mode="phone"
    )
    sessions.cancel_session(actor=client.counsellor, session=session, by=next(iter(session.CANCELLED)))


def practise(client: Client, number: int, turn: int) -> None:
    """Give an exercise before the next session, which others lock, and answer it."""
    version = ExerciseVersion.objects.get(exercise__slug=f"quiet-{number}-{turn}")
    answers.submit_answer(assignment=assign(client, version=version), sharing="done_only", values={})


def note(client: Client, number: int, turn: int) -> None:
    session = ClientSession.unscoped.get(client=client, status="attended")
    try:
        notes.save_draft(actor=client.counsellor, session=session, text=f"{number} {turn}", version=0)
    except notes.NoteChanged as changed:
        notes.open_note(actor=client.counsellor, note=changed.note)


def change(client: Client, number: int, turn: int) -> None:
    kept, email = Client.unscoped.get(pk=client.pk), f"m{number}{turn}@example.org"
    try:
        clients.change_client(actor=client.counsellor, client=kept, version=kept.version, email=email)
    except clients.ClientChanged:
        clients.open_record(actor=client.counsellor, client=client)


KINDS = [book, practise, note, change]


def test_deeds_of_every_kind_on_the_same_rows_neither_lock_each_other_out_nor_break_the_chain() -> None:
    """Bookings, exercises, notes, changes and readings of two clients of one counsellor, by eight at once."""
    counsellor, now = make_user(), timezone.now()
    both = [make_client(counsellor) for _ in range(2)]
    for days, client in enumerate(both):
        make_past_session(client=client, starts_at=now - timedelta(days=1 + days))
        make_session(client, now + timedelta(days=90 + days))
    for number, turn in product(range(THREADS), range(ROUNDS)):
        make_version(f"quiet-{number}-{turn}")

    def work(number: int) -> Callable[[], None]:
        def do() -> None:
            for turn in range(ROUNDS):
                KINDS[(number + turn) % len(KINDS)](both[number // 2 % 2], number, turn)

        return do

    assert at_once([work(number) for number in range(THREADS)]) == []
    rows, wrong = whole()
    assert (rows >= THREADS * ROUNDS, wrong) == (True, [])
