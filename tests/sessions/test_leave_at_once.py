"""Leave, bookings and moves at the same moment: each is done whole or refused, on PostgreSQL and on SQLite."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from practice.models import AuditEntry, User
from sessions.models import ClientSession, TimeOff
from sessions.services import DiaryClash, SessionClosed, cancel_session, move_session
from sessions.time_off import CannotMove, Choice, Do, LeaveChanged, SameTimeOff, block_time, take_leave
from sessions.undoing import CannotUndo, change_of, undo
from tests.factories import make_client, make_session, make_user
from tests.sessions.factories import FIFTY, book, in_days
from vault.models import DataKey

pytestmark = pytest.mark.django_db(transaction=True)
REFUSALS = (DiaryClash, SessionClosed, CannotMove, LeaveChanged, SameTimeOff, CannotUndo)


def at_once(deeds: Sequence[Callable[[], object]]) -> list[str]:
    """Run deeds in threads that start together; return what came of each."""
    start = Barrier(len(deeds))

    def attempt(deed: Callable[[], object]) -> str:
        try:
            start.wait()
            deed()
        except REFUSALS as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(attempt, deeds))


def leave(counsellor: User, *choices: Choice) -> Callable[[], object]:
    today = timezone.localdate()
    first, last = today + timedelta(days=10), today + timedelta(days=13)
    return lambda: take_leave(actor=counsellor, first_on=first, last_on=last, label="Rest", choices=choices)


def test_a_session_booked_into_a_leave_as_it_is_taken_stops_it_or_is_kept() -> None:
    counsellor = make_user()
    seen = make_session(make_client(counsellor), in_days(10))
    newcomer = make_client(counsellor)
    came = at_once([leave(counsellor, Choice(seen, 1, Do.CANCEL)), lambda: book(newcomer, in_days(11))])
    seen.refresh_from_db()
    assert came in (["done", "done"], ["LeaveChanged", "done"])
    is_taken = came[0] == "done"
    assert (TimeOff.unscoped.count(), seen.status == "cancelled_by_counsellor") == (int(is_taken), is_taken)
    assert ClientSession.visible_to(counsellor).get(client=newcomer).status == "booked"


def test_a_session_cancelled_as_the_leave_is_taken_is_cancelled_once() -> None:
    counsellor = make_user()
    seen = make_session(make_client(counsellor), in_days(10))
    came = at_once([
        leave(counsellor, Choice(seen, 1, Do.CANCEL)),
        lambda: cancel_session(actor=counsellor, session=seen, by="cancelled_by_client"),
    ])  # fmt: skip
    assert came in (["done", "SessionClosed"], ["LeaveChanged", "done"])
    assert AuditEntry.objects.filter(deed="session.cancel").count() == 1


def test_a_time_that_somebody_else_takes_leaves_the_leave_undone() -> None:
    counsellor = make_user()
    one, two = (make_session(make_client(counsellor), in_days(10 + n)) for n in range(2))
    outside = make_session(make_client(counsellor), in_days(30))
    came = at_once([
        leave(counsellor, Choice(one, 1, Do.CANCEL), Choice(two, 1, Do.MOVE, in_days(20))),
        lambda: move_session(actor=counsellor, session=outside, starts_at=in_days(20), length=FIFTY),
    ])  # fmt: skip
    assert came in (["done", "DiaryClash"], ["CannotMove", "done"])
    one.refresh_from_db()
    two.refresh_from_db()
    done = (one.status, two.starts_at) == ("cancelled_by_counsellor", in_days(20))
    undone = (one.status, two.starts_at) == ("booked", in_days(11))
    assert (done, undone, TimeOff.unscoped.count()) == (came[0] == "done", came[0] != "done", int(came[0] == "done"))


def test_eight_clicks_take_one_leave() -> None:
    counsellor = make_user()
    seen = make_session(make_client(counsellor), in_days(10))
    came = at_once([leave(counsellor, Choice(seen, 1, Do.CANCEL))] * 8)
    assert Counter(came) == {"done": 1, "LeaveChanged": 7}
    assert (TimeOff.unscoped.count(), AuditEntry.objects.filter(deed="leave.take").count()) == (1, 1)


def test_eight_first_blocks_make_one_key() -> None:
    counsellor = make_user()
    came = at_once([
        lambda day=day: block_time(  # type: ignore[misc]
            actor=counsellor, starts_at=in_days(day), ends_at=in_days(day, 12), label=f"Day {day}"
        )
        for day in range(2, 10)
    ])  # fmt: skip
    assert (came, DataKey.objects.filter(owner_id=counsellor.pk).count()) == (["done"] * 8, 1)
    labels = {row.label for row in TimeOff.visible_to(counsellor)}
    assert labels == {f"Day {day}" for day in range(2, 10)}


def test_a_booking_into_the_old_time_and_the_undo_of_a_leave_never_overlap() -> None:
    counsellor = make_user()
    gone, moved = (make_session(make_client(counsellor), in_days(10 + n)) for n in range(2))
    leave(counsellor, Choice(gone, 1, Do.CANCEL), Choice(moved, 1, Do.MOVE, in_days(20)))()
    change = change_of(TimeOff.visible_to(counsellor).get())
    assert change is not None
    newcomer = make_client(counsellor)
    came = at_once([lambda: undo(actor=counsellor, change=change), lambda: book(newcomer, in_days(10, 10, 20))])
    assert sorted(came) == ["DiaryClash", "done"]
    moved.refresh_from_db()
    is_undone = came[0] == "done"
    assert (TimeOff.unscoped.count(), moved.starts_at == in_days(11)) == (int(not is_undone), is_undone)
