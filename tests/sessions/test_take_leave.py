"""Leave: its days, what becomes of the sessions in them, their mail, and one undo for all of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from clients.models import Client
from outbox.models import Message
from practice import clock
from practice.models import AuditEntry, User
from sessions.leaving import in_the_way, offered
from sessions.models import ClientReply, ClientSession, DiaryChange, DiaryRules, TimeOff
from sessions.notices import NOTICE
from sessions.reminders import REMINDER
from sessions.services import cancel_session
from sessions.time_off import (
    CannotMove,
    Choice,
    Do,
    LeaveChanged,
    SameTimeOff,
    change_leave,
    take_leave,
    whole_days,
)
from sessions.undoing import CannotUndo, change_of, undo
from tests.factories import make_client, make_session, make_user
from tests.sessions.factories import book, in_days
from tests.sessions.time import make_leave

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def day(number: int) -> date:
    return timezone.localdate() + number * DAY


def choose(session: ClientSession, do: str, starts_at: datetime | None = None) -> Choice:
    return Choice(session, session.version, do, starts_at)


def take(counsellor: User, first: int, last: int, *choices: Choice, **more: Any) -> Any:
    return take_leave(actor=counsellor, first_on=day(first), last_on=day(last), choices=choices, **more)


def fresh(session: ClientSession) -> ClientSession:
    return ClientSession.visible_to(session.counsellor).get(pk=session.pk)


def test_leave_is_whole_days_with_a_label_of_ones_own() -> None:
    counsellor = make_user()
    left = take(counsellor, 10, 23, label="Lapland ❄️")
    kept = TimeOff.visible_to(counsellor).get()
    assert (kept.kind, kept.label) == ("leave", "Lapland ❄️")
    assert (kept.starts_at, kept.ends_at) == (clock.start_of(day(10)), clock.start_of(day(24)))
    assert (left.row, left.changed, left.kept) == (kept, [], [])
    detail = AuditEntry.objects.get(deed="leave.take").detail
    assert (detail["kind"], detail["sessions_cancelled"], "Lapland" in str(detail)) == ("leave", 0, False)


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        (date(2026, 10, 19), date(2026, 11, 1), 14 * 24 + 1),
        (date(2027, 3, 22), date(2027, 4, 4), 14 * 24 - 1),
        (date(2026, 10, 25), date(2026, 10, 25), 25),
        (date(2027, 3, 28), date(2027, 3, 28), 23),
    ],
    ids=["autumn", "spring", "the long day", "the short day"],
)
def test_a_fortnight_over_a_clock_change_begins_and_ends_at_midnight(first: date, last: date, hours: int) -> None:
    begins, ends = whole_days(first, last)
    assert ends - begins == timedelta(hours=hours)
    assert [clock.local(moment).strftime("%H:%M") for moment in (begins, ends)] == ["00:00", "00:00"]


def test_the_evening_of_the_last_day_is_in_it_and_the_next_morning_is_not() -> None:
    counsellor = make_user()
    with time_machine.travel(datetime(2026, 10, 1, 12, tzinfo=UTC), tick=True):
        late = make_session(make_client(counsellor), datetime(2026, 10, 25, 23, 0, tzinfo=UTC))
        make_session(make_client(counsellor), datetime(2026, 10, 26, 0, 0, tzinfo=UTC))
        make_session(make_client(counsellor), datetime(2026, 10, 23, 22, 0, tzinfo=UTC))
        found = in_the_way(counsellor, *whole_days(date(2026, 10, 24), date(2026, 10, 25)))
    assert found == [late]


@pytest.mark.parametrize(("first", "last"), [(10, 9), (10, 10 + 366)], ids=["backwards", "over a year"])
def test_no_days_and_too_many_are_a_callers_mistake(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="from one day to a year"):
        take(make_user(), first, last)


def test_what_was_chosen_is_done_to_each_session() -> None:
    counsellor = make_user()
    gone, moved, kept = (make_session(make_client(counsellor), in_days(10 + n)) for n in range(3))
    outside = make_session(make_client(counsellor), in_days(14))
    left = take(
        counsellor, 10, 13, choose(gone, Do.CANCEL), choose(moved, Do.MOVE, in_days(20, 11)), choose(kept, Do.KEEP)
    )
    assert (left.cancelled, left.moved, left.kept) == ([gone], [moved], [kept])
    assert (fresh(gone).status, fresh(gone).version) == ("cancelled_by_counsellor", 2)
    now = fresh(moved)
    assert (now.starts_at, now.length, now.revision, now.version) == (in_days(20, 11), moved.length, 2, 2)
    assert [(fresh(each).status, fresh(each).version) for each in (kept, outside)] == [("booked", 1)] * 2


def test_the_trail_has_a_row_for_each_and_one_for_the_leave() -> None:
    counsellor = make_user()
    gone, moved = (make_session(make_client(counsellor), in_days(10 + n)) for n in range(2))
    take(counsellor, 10, 13, choose(gone, Do.CANCEL), choose(moved, Do.MOVE, in_days(20)))
    rows = AuditEntry.objects.order_by("number").values_list("deed", "subject_id")
    leave = TimeOff.visible_to(counsellor).get()
    assert list(rows) == [("session.cancel", gone.pk), ("session.move", moved.pk), ("leave.take", leave.pk)]


def test_whoever_confirmed_the_old_time_has_not_confirmed_the_new_one() -> None:
    session = make_session(starts_at=in_days(10), status="confirmed")
    take(session.counsellor, 10, 10, choose(session, Do.MOVE, in_days(20)))
    assert fresh(session).status == "booked"


@pytest.mark.parametrize("do", [Do.CANCEL, Do.MOVE, Do.KEEP])
def test_a_clients_wish_for_another_time_is_answered_by_it_and_waits_again_once_it_is_undone(do: str) -> None:
    session = make_session(starts_at=in_days(10))
    wish = ClientReply.unscoped.create(session=session, client=session.client, kind="move")
    left = take(session.counsellor, 10, 10, choose(session, do, in_days(20) if do == Do.MOVE else None))
    wish.refresh_from_db()
    assert (wish.state == "open") is (do == Do.KEEP)
    change = change_of(left.row)
    assert change is not None
    undo(actor=session.counsellor, change=change)
    wish.refresh_from_db()
    assert wish.state == "open"


def test_sessions_that_have_begun_or_will_not_take_place_are_none_of_its_business() -> None:
    counsellor = make_user()
    make_session(make_client(counsellor), timezone.now() - timedelta(minutes=10))
    make_session(make_client(counsellor), in_days(3), status="cancelled_by_client")
    make_session(starts_at=in_days(3))
    assert take(counsellor, 0, 5).changed == []


def reminded(session: ClientSession) -> list[str]:
    mails = Message.objects.filter(kind=REMINDER, subject_id=session.pk)
    return sorted(mails.values_list("state", flat=True))


def noticed(session: ClientSession) -> int:
    return Message.objects.filter(kind=NOTICE, subject_id=session.pk, state="planned").count()


def told_of(session: ClientSession) -> None:
    """Let the client know of the session, as a notice that has left."""
    Message.objects.filter(kind=NOTICE, subject_id=session.pk).update(
        state="sent", sent_at=timezone.now(), dispatched_at=timezone.now()
    )


def notices_on() -> None:
    DiaryRules.objects.update(notify_booked=True, notify_moved=True, notify_cancelled=True)


def test_the_mail_follows() -> None:
    counsellor = make_user()
    notices_on()
    gone, moved, kept = (book(make_client(counsellor), in_days(10 + n)) for n in range(3))
    for session in (gone, moved, kept):
        told_of(session)
    take(counsellor, 10, 13, choose(gone, Do.CANCEL), choose(moved, Do.MOVE, in_days(20)), choose(kept, Do.KEEP))
    assert (reminded(gone), reminded(moved), reminded(kept)) == (["dropped"], ["dropped", "planned"], ["planned"])
    assert (noticed(gone), noticed(moved), noticed(kept)) == (1, 1, 0)


def test_one_undo_takes_all_of_it_back() -> None:
    counsellor = make_user()
    notices_on()
    gone, moved = (book(make_client(counsellor), in_days(10 + n)) for n in range(2))
    for session in (gone, moved):
        told_of(session)
    left = take(counsellor, 10, 13, choose(gone, Do.CANCEL), choose(moved, Do.MOVE, in_days(20)))
    change = change_of(left.row)
    assert change is not None
    undo(actor=counsellor, change=change)
    assert TimeOff.visible_to(counsellor).count() == 0
    assert (fresh(gone).status, fresh(moved).starts_at) == ("booked", in_days(11))
    assert [(noticed(each), "planned" in reminded(each)) for each in (gone, moved)] == [(0, True)] * 2


def test_undo_is_refused_whole_where_one_of_them_has_changed_since() -> None:
    counsellor = make_user()
    gone, moved = (make_session(make_client(counsellor), in_days(10 + n)) for n in range(2))
    left = take(counsellor, 10, 13, choose(gone, Do.CANCEL), choose(moved, Do.MOVE, in_days(20)))
    change = change_of(left.row)
    cancel_session(actor=counsellor, session=fresh(moved), by="cancelled_by_client")
    assert change is not None
    with pytest.raises(CannotUndo):
        undo(actor=counsellor, change=change)
    assert (TimeOff.visible_to(counsellor).count(), fresh(gone).status) == (1, "cancelled_by_counsellor")


# --- nothing half done ------------------------------------------------------------------------------
def nothing_was_done(*sessions: ClientSession) -> bool:
    rows = TimeOff.unscoped.count() + DiaryChange.unscoped.count() + AuditEntry.objects.count()
    return rows == 0 and [fresh(each).version for each in sessions] == [each.version for each in sessions]


def test_a_move_that_clashes_leaves_everything_as_it_was() -> None:
    counsellor = make_user()
    gone, moved = (make_session(make_client(counsellor), in_days(10 + n)) for n in range(2))
    make_session(make_client(counsellor), in_days(20))
    with pytest.raises(CannotMove) as refusal:
        take(counsellor, 10, 13, choose(gone, Do.CANCEL), choose(moved, Do.MOVE, in_days(20, 10, 30)))
    assert refusal.value.session == moved
    assert nothing_was_done(gone, moved)


def test_two_sessions_cannot_move_to_one_time() -> None:
    counsellor = make_user()
    one, two = (make_session(make_client(counsellor), in_days(10 + n)) for n in range(2))
    with pytest.raises(CannotMove) as refusal:
        take(counsellor, 10, 13, choose(one, Do.MOVE, in_days(20)), choose(two, Do.MOVE, in_days(20)))
    assert refusal.value.session == two
    assert nothing_was_done(one, two)


@pytest.mark.parametrize("to", [12, 13, -1], ids=["inside the leave", "into its last day", "into the past"])
def test_a_session_does_not_move_into_the_leave_or_the_past(to: int) -> None:
    session = make_session(starts_at=in_days(10))
    with pytest.raises(CannotMove):
        take(session.counsellor, 10, 13, choose(session, Do.MOVE, in_days(to)))
    assert nothing_was_done(session)


def test_a_session_that_nobody_looked_at_stops_it() -> None:
    counsellor = make_user()
    seen = make_session(make_client(counsellor), in_days(10))
    unseen = make_session(make_client(counsellor), in_days(11))
    with pytest.raises(LeaveChanged):
        take(counsellor, 10, 13, choose(seen, Do.CANCEL))
    assert nothing_was_done(seen, unseen)


def test_a_session_that_has_changed_or_gone_since_stops_it() -> None:
    session = make_session(starts_at=in_days(10))
    stale = Choice(session, 0, Do.CANCEL)
    with pytest.raises(LeaveChanged):
        take(session.counsellor, 10, 13, stale)
    elsewhere = make_session(make_client(session.counsellor), in_days(20))
    with pytest.raises(LeaveChanged):
        take(session.counsellor, 10, 13, choose(session, Do.KEEP), choose(elsewhere, Do.CANCEL))
    assert nothing_was_done(session, elsewhere)


def test_the_same_leave_twice_is_refused() -> None:
    counsellor = make_user()
    take(counsellor, 10, 13)
    with pytest.raises(SameTimeOff):
        take(counsellor, 10, 13)
    assert TimeOff.visible_to(counsellor).count() == 1


# --- another length -----------------------------------------------------------------------------------
def change(row: TimeOff, first: int, last: int, *choices: Choice, **more: Any) -> Any:
    return change_leave(
        actor=row.counsellor, row=row, version=row.version, first_on=day(first), last_on=day(last), choices=choices,
        **more,
    )  # fmt: skip


def test_a_longer_leave_asks_for_the_sessions_of_its_new_days_alone() -> None:
    counsellor = make_user()
    row = make_leave(counsellor, day(10), day(13))
    inside, new = (make_session(make_client(counsellor), in_days(n)) for n in (11, 14))
    left = change(row, 10, 14, choose(new, Do.CANCEL))
    assert (fresh(inside).status, fresh(new).status) == ("booked", "cancelled_by_counsellor")
    assert (left.row.ends_at, left.row.label, left.row.version) == (clock.start_of(day(15)), "Dentist", 2)


def test_a_shorter_leave_is_undone_and_a_changed_label_is_not() -> None:
    row = make_leave(make_user(), day(10), day(13))
    shorter = change(row, 10, 12).row
    changed = change_of(shorter)
    assert changed is not None
    undo(actor=row.counsellor, change=changed)
    row.refresh_from_db()
    assert (row.ends_at, row.label) == (clock.start_of(day(14)), "Dentist")
    assert change_of(change(row, 10, 13, label="Rest").row) is None


def test_the_same_days_again_change_nothing() -> None:
    row = make_leave(make_user(), day(10), day(13))
    assert (change(row, 10, 13).row.version, AuditEntry.objects.count()) == (1, 0)


# --- where sessions can go ----------------------------------------------------------------------------
def offers(counsellor: User, first: int, last: int) -> dict[Any, list[datetime]]:
    span = whole_days(day(first), day(last))
    return offered(counsellor, in_the_way(counsellor, *span), *span)


def test_no_time_is_offered_twice_and_none_in_the_leave() -> None:
    counsellor = make_user()
    for number in range(6):
        length = timedelta(minutes=80) if number == 0 else timedelta(minutes=50)
        starts_at = in_days(20 + number)
        make_session(make_client(counsellor), starts_at, ends_at=starts_at + length, buffer=timedelta(minutes=10))
    found = offers(counsellor, 20, 27)
    starts = sorted(start for each in found.values() for start in each)
    assert [len(each) for each in found.values()] == [3] * 6
    assert all(after - before >= timedelta(minutes=90) for before, after in zip(starts, starts[1:], strict=False))
    begins, ends = whole_days(day(20), day(27))
    assert not any(begins - timedelta(minutes=80) < start < ends for start in starts)


def test_times_near_the_old_one_come_first_before_the_leave_and_after_it() -> None:
    counsellor = make_user()
    with time_machine.travel(datetime(2026, 11, 2, 9, tzinfo=UTC), tick=True):
        monday = make_session(make_client(counsellor), datetime(2026, 11, 16, 10, tzinfo=UTC))
        friday = make_session(make_client(counsellor), datetime(2026, 11, 20, 15, tzinfo=UTC))
        found = offers(counsellor, 14, 18)
    assert {clock.local(start).date() for start in found[monday.pk]} == {date(2026, 11, 13)}
    assert {clock.local(start).date() for start in found[friday.pk]} == {date(2026, 11, 23)}


def test_nobody_is_asked_to_come_sooner_than_the_day_after_tomorrow() -> None:
    counsellor: User = make_user()
    make_session(make_client(counsellor), in_days(2))
    (found,) = offers(counsellor, 2, 30).values()
    assert all(clock.local(start).date() > day(30) for start in found)


def test_where_nothing_is_free_nothing_is_offered() -> None:
    counsellor = make_user()
    make_session(make_client(counsellor), in_days(2))
    make_leave(counsellor, day(4), day(100))
    assert list(offers(counsellor, 2, 3).values()) == [[]]


def test_a_client_named_in_a_choice_is_never_opened_by_the_deed() -> None:
    session = make_session(make_client(name="Whisper"), in_days(10))
    take(session.counsellor, 10, 13, choose(session, Do.CANCEL))
    assert not any("Whisper" in str(entry.detail) for entry in AuditEntry.objects.all())
    assert Client.visible_to(session.counsellor).count() == 1
