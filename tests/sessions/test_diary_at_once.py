"""Everything that can take a time in a diary, at the same moment: one wins, the others are told so."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from itertools import pairwise
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clients.models import Client
from outbox.models import Message
from sessions import reminding, series, tasks, undoing
from sessions.diary import DiaryClash, SessionChanged
from sessions.models import ClientSession, ReminderSet, Series
from sessions.outlook import HORIZON, Place
from sessions.recurrence import Rule
from sessions.series import SeriesHits, Terms
from sessions.services import cancel_session, mark_outcome, move_session
from tests.factories import begin_trail, make_client, make_session
from tests.sessions.factories import FIFTY, book, in_days

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
REFUSALS = (DiaryClash, SeriesHits, undoing.CannotUndo, SessionChanged)
Status = ClientSession.Status


def at_once(*deeds: Callable[[], object]) -> Counter[str]:
    """Run deeds in threads that start together; count what came of them."""
    start = Barrier(len(deeds))

    def attempt(deed: Callable[[], object]) -> str:
        try:
            start.wait()
            deed()
        except REFUSALS:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(attempt, deeds))


def taken(client: Client) -> list[ClientSession]:
    rows = ClientSession.visible_to(client.counsellor).exclude(status__in=ClientSession.CANCELLED)
    return list(rows.order_by("starts_at"))


def overlaps(client: Client) -> int:
    return sum(before.ends_at > after.starts_at for before, after in pairwise(taken(client)))


def local_day(moment: datetime) -> Rule:
    return Rule(timezone.localtime(moment).date())


def series_at(client: Client, moment: datetime, *, count: int = 3) -> Series:
    here = timezone.localtime(moment)
    terms = Terms(Place(time(here.hour, here.minute), FIFTY), "phone")
    return series.book_series(
        actor=client.counsellor, client=client, rule=local_day(moment), terms=terms, count=count, choices={}
    )


def test_to_book_to_move_to_restore_and_to_repeat_into_one_hour_leaves_one_session_there() -> None:
    begin_trail()
    client = make_client()
    hour = in_days(8)
    restored = book(client, hour)
    cancel_session(actor=client.counsellor, session=restored, by=Status.CANCELLED_BY_CLIENT)
    restored.refresh_from_db()
    change = undoing.change_of(restored)
    assert change is not None
    movers = [make_session(client, in_days(9 + number)) for number in range(3)]
    moves = [
        lambda one=one: move_session(actor=client.counsellor, session=one, starts_at=hour, length=FIFTY)
        for one in movers
    ]
    outcome = at_once(
        lambda: book(client, hour),
        lambda: book(client, hour + timedelta(minutes=20)),
        lambda: undoing.undo(actor=client.counsellor, change=change),
        lambda: series_at(client, hour),
        lambda: series_at(client, hour + timedelta(minutes=10)),
        *moves,
    )
    there = [each for each in taken(client) if each.starts_at < hour + FIFTY and each.ends_at > hour]
    assert (outcome, len(there), overlaps(client)) == (Counter(done=1, refused=THREADS - 1), 1, 0)


def test_eight_undoings_of_one_deed_are_one() -> None:
    client = make_client()
    session = book(client, in_days(8))
    moved = move_session(actor=client.counsellor, session=session, starts_at=in_days(9), length=FIFTY)
    change = undoing.change_of(moved)
    assert change is not None
    outcome = at_once(*[lambda: undoing.undo(actor=client.counsellor, change=change)] * THREADS)
    session.refresh_from_db()
    assert (outcome, session.starts_at) == (Counter(done=1, refused=THREADS - 1), in_days(8))


def test_eight_series_into_one_diary_never_overlap() -> None:
    client = make_client()
    outcome = at_once(*[lambda n=n: series_at(client, in_days(8, 10, 5 * n)) for n in range(THREADS)])
    assert (outcome["done"], len(taken(client)), overlaps(client)) == (1, 3, 0)


def test_eight_sweeps_roll_a_series_once_and_bookings_meanwhile_never_overlap() -> None:
    client = make_client()
    row = series_at(client, in_days(8), count=2)
    Series.unscoped.filter(pk=row.pk).update(count=None, planned_until=timezone.localdate() + timedelta(days=16))
    usual = taken(client)[0].starts_at
    bookings = [lambda n=n: book(client, usual + timedelta(weeks=2 + n)) for n in range(2)]
    at_once(*[tasks.sweep] * 6, *bookings)
    tasks.sweep()
    days = [timezone.localtime(each.starts_at).date() for each in taken(client)]
    assert (overlaps(client), len(days) - len(set(days))) == (0, 0)
    assert Series.unscoped.get(pk=row.pk).planned_until == timezone.localdate() + HORIZON
    assert len(ClientSession.unscoped.filter(series=row).values("occurrence_on").distinct()) == len(
        ClientSession.unscoped.filter(series=row)
    )


def test_what_was_cancelled_and_is_said_to_have_taken_place_meets_a_booking_there() -> None:
    client = make_client()
    begun = timezone.now() - timedelta(minutes=5)
    gone = make_session(client, begun, status=Status.CANCELLED_LATE)
    other = make_session(client, begun, status=Status.CANCELLED_BY_CLIENT)
    outcome = at_once(
        *[
            lambda one=one: mark_outcome(actor=client.counsellor, session=one, outcome=Status.ATTENDED)
            for one in (gone, other)
        ]
    )
    assert (outcome, overlaps(client)) == (Counter(done=1, refused=1), 0)


@pytest.mark.postgres
def test_postgresql_itself_refuses_two_at_one_time() -> None:
    client = make_client()
    make_session(client, in_days(3))
    with pytest.raises(IntegrityError, match="sessions_no_overlap"), transaction.atomic():
        make_session(client, in_days(3, 10, 30))
    make_session(client, in_days(3, 10, 30), status=Status.CANCELLED_LATE)


def test_fifty_sweeps_and_eight_at_once_plan_each_reminder_once() -> None:
    client = make_client()
    sessions = [book(client, in_days(8 + number)) for number in range(3)]
    ReminderSet.objects.create(rules=["24h", "eve18:00"])
    ClientSession.unscoped.update(is_plan_stale=True)
    for _ in range(50):
        tasks.sweep()
    ClientSession.unscoped.update(is_plan_stale=True)
    at_once(*[tasks.sweep] * THREADS)
    keys = sorted(Message.objects.filter(state=Message.State.PLANNED).values_list("key", flat=True))
    assert keys == sorted(
        f"session_reminder:{each.pk}:{rule}:1" for each in sessions for rule in ("lead:24h", "eve:18:00")
    )
    assert ClientSession.unscoped.filter(is_plan_stale=True).count() == 0
    assert reminding.sweep_stale() == 0
