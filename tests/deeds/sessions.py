"""Deeds on sessions, time off and series."""

from datetime import time, timedelta
from functools import partial

from django.utils import timezone

from clients.models import Client
from practice.models import User
from sessions import reminding, series, time_off, undoing
from sessions import services as sessions
from sessions.models import ClientSession, Series
from sessions.outlook import Place
from sessions.recurrence import Rule
from tests.deeds.registry import Deed, deed
from tests.factories import make_client, make_session, make_user
from tests.sessions.time import make_leave, make_time_off


@deed("sessions.services.book_session")
def _book_session() -> Deed:
    client = make_client()
    return partial(
        sessions.book_session,
        actor=client.counsellor, client=client, starts_at=timezone.now() + timedelta(days=3),
        length=timedelta(minutes=50), mode="phone",
    )  # fmt: skip


@deed("sessions.services.move_session")
def _move_session() -> Deed:
    session = make_session()
    later = session.starts_at + timedelta(days=1)
    return partial(
        sessions.move_session, actor=session.counsellor, session=session, starts_at=later, length=session.length
    )


@deed("sessions.services.cancel_session")
def _cancel_session() -> Deed:
    session = make_session()
    by = next(iter(session.CANCELLED))
    return partial(sessions.cancel_session, actor=session.counsellor, session=session, by=by)


@deed("sessions.services.mark_outcome")
def _mark_outcome() -> Deed:
    session = make_session(starts_at=timezone.now() - timedelta(hours=3))
    return partial(sessions.mark_outcome, actor=session.counsellor, session=session, outcome="attended")


@deed("sessions.services.confirm_session")
def _confirm_session() -> Deed:
    return partial(sessions.confirm_session, session=make_session())


@deed("sessions.services.change_details")
def _change_details() -> Deed:
    session = make_session()
    return partial(
        sessions.change_details,
        actor=session.counsellor, session=session, version=1, mode="phone", place="", session_type=None,
        buffer=timedelta(0), fee_pence=None,
    )  # fmt: skip


@deed("sessions.undoing.undo")
def _undo() -> Deed:
    session = make_session()
    later = session.starts_at + timedelta(days=1)
    moved = sessions.move_session(actor=session.counsellor, session=session, starts_at=later, length=session.length)
    change = undoing.change_of(moved)
    assert change is not None
    return partial(undoing.undo, actor=session.counsellor, change=change)


@deed("sessions.time_off.block_time")
def _block_time() -> Deed:
    now = timezone.now()
    return partial(time_off.block_time, actor=make_user(), starts_at=now, ends_at=now + timedelta(hours=1), label="Gym")


@deed("sessions.time_off.change_block")
def _change_block() -> Deed:
    row = make_time_off(make_user())
    return partial(
        time_off.change_block,
        actor=row.counsellor, row=row, version=1, starts_at=row.starts_at, ends_at=row.ends_at + timedelta(hours=1),
    )  # fmt: skip


@deed("sessions.time_off.take_leave")
def _take_leave() -> Deed:
    choices = _cancelled_and_moved(make_user())
    today = timezone.localdate()
    return partial(
        time_off.take_leave,
        actor=choices[0].session.counsellor, first_on=today, last_on=today + timedelta(days=9), choices=choices,
    )  # fmt: skip


@deed("sessions.time_off.change_leave")
def _change_leave() -> Deed:
    today = timezone.localdate()
    row = make_leave(make_user(), today, today)
    return partial(
        time_off.change_leave,
        actor=row.counsellor, row=row, version=1, first_on=today, last_on=today + timedelta(days=9),
        choices=_cancelled_and_moved(row.counsellor),
    )  # fmt: skip


@deed("sessions.time_off.remove_time_off")
def _remove_time_off() -> Deed:
    row = make_time_off(make_user())
    return partial(time_off.remove_time_off, actor=row.counsellor, row=row)


def _cancelled_and_moved(counsellor: User) -> list[time_off.Choice]:
    """Return what is chosen for two sessions, in two and in three days."""
    one, two = (make_session(make_client(counsellor), timezone.now() + timedelta(days=days)) for days in (2, 3))
    later = two.starts_at + timedelta(days=20)
    return [
        time_off.Choice(one, one.version, time_off.Do.CANCEL),
        time_off.Choice(two, two.version, time_off.Do.MOVE, later),
    ]


def _booked_series(client: Client | None = None) -> Series:
    client = client or make_client()
    first = timezone.localdate() + timedelta(days=8)
    place = Place(time(10), timedelta(minutes=50))
    return series.book_series(
        actor=client.counsellor, client=client, rule=Rule(first), terms=series.Terms(place, "phone"), count=3
    )


def _first_of(row: Series) -> ClientSession:
    first = ClientSession.visible_to(row.counsellor).filter(series=row).order_by("starts_at").first()
    assert first is not None
    return first


@deed("sessions.series.book_series")
def _book_series() -> Deed:
    return partial(_booked_series, make_client())


@deed("sessions.series.change_series")
def _change_series() -> Deed:
    row = _booked_series()
    later = Place(time(14), timedelta(minutes=50))
    return partial(
        series.change_series,
        actor=row.counsellor, session=_first_of(row), scope=series.ALL, version=1, rule=Rule(row.first_on),
        terms=series.Terms(later, "phone"),
    )  # fmt: skip


@deed("sessions.series.cancel_series")
def _cancel_series() -> Deed:
    row = _booked_series()
    by = ClientSession.Status.CANCELLED_BY_COUNSELLOR
    return partial(
        series.cancel_series, actor=row.counsellor, session=_first_of(row), scope=series.ALL, version=1, by=by
    )


@deed("sessions.series.roll_series")
def _roll_series() -> Deed:
    row = _booked_series()
    row.count, row.planned_until = None, timezone.localdate()
    row.save(update_fields=["count", "planned_until"])
    ClientSession.unscoped.filter(series=row).delete()
    return partial(series.roll_series, row)


@deed("sessions.reminding.set_rules")
def _set_rules() -> Deed:
    client = make_client()
    make_session(client)
    return partial(reminding.set_rules, actor=client.counsellor, client=client, rules=["48h"])
