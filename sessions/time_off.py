"""Deeds on a counsellor's own time: block it, take leave and see to the sessions in it, change or remove either."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import models, transaction

import outbox.services
from practice import clock, trail
from practice.models import User
from sessions.diary import DiaryClash, PastSession, lock_diary, locked_all, plan_mail, write_status, write_time
from sessions.leaving import in_the_way
from sessions.models import ClientSession, TimeOff
from sessions.reminders import REMINDER
from sessions.settling import settle_moves
from sessions.undoing import Was, remember
from vault.services import ensure_data_key

Kind = TimeOff.Kind
LONGEST = timedelta(days=366)


class SameTimeOff(Exception):
    """The same stands in the diary already."""


class TimeOffChanged(Exception):
    """It was changed or removed elsewhere since this page was opened."""


class LeaveChanged(Exception):
    """The sessions in these days are not those that were looked at."""


class CannotMove(Exception):
    """A session cannot go to the time that was chosen: it is taken by now, or has passed. Carries the session."""

    def __init__(self, session: ClientSession) -> None:
        super().__init__("A session cannot go to the time that was chosen.")
        self.session = session


class Do(models.TextChoices):
    """What can become of a session in a leave."""

    MOVE = "move", "Move it"
    CANCEL = "cancel", "Cancel it"
    KEEP = "keep", "Keep it"


@dataclass(frozen=True)
class Choice:
    """What is to become of a session; `version` is the one that was looked at, `starts_at` where it moves to."""

    session: ClientSession
    version: int
    do: str
    starts_at: datetime | None = None


@dataclass(frozen=True)
class Left:
    """What a leave did: its row, and the sessions by what became of them, as they stand now."""

    row: TimeOff
    cancelled: list[ClientSession] = field(default_factory=list)
    moved: list[ClientSession] = field(default_factory=list)
    kept: list[ClientSession] = field(default_factory=list)

    @property
    def changed(self) -> list[ClientSession]:
        return [*self.cancelled, *self.moved]


def whole_days(first_on: date, last_on: date) -> tuple[datetime, datetime]:
    """Return the span of these days by the practice's clock, both included. Raise ValueError for too many or none."""
    if last_on < first_on or last_on - first_on >= LONGEST:
        raise ValueError("A leave has from one day to a year.")
    return clock.start_of(first_on), clock.start_of(last_on + timedelta(days=1))


@transaction.atomic
def block_time(*, actor: User, starts_at: datetime, ends_at: datetime, label: str = "") -> TimeOff:
    """Keep some time of one's own diary free of sessions; those that stand there already stay.

    Locks the diary. Raise SameTimeOff.
    """
    lock_diary(actor.pk)
    row = _new(actor, Kind.BLOCKED, (starts_at, ends_at), label)
    remember(actor, subject=row, before=[Was.new(row)])
    _record("time_off.block", actor, row)
    return row


@transaction.atomic
def change_block(
    *, actor: User, row: TimeOff, version: int, starts_at: datetime, ends_at: datetime, label: str | None = None
) -> TimeOff:
    """Give blocked time another time or label; None leaves the label as it is, opened or not.

    The same again changes nothing. Locks the diary. Raise TimeOffChanged, SameTimeOff.
    """
    lock_diary(actor.pk)
    row = _as_seen(row, version)
    was = Was.of(row)
    if not _changed(row, (starts_at, ends_at), label):
        return row
    if label is None:  # see _settle
        remember(actor, subject=row, before=[was])
    _record("time_off.change", actor, row)
    return row


@transaction.atomic
def take_leave(*, actor: User, first_on: date, last_on: date, label: str = "", choices: Sequence[Choice] = ()) -> Left:
    """Take these days off, and do with the sessions in them what was chosen: all of it, or nothing.

    `choices` names every session in one's diary that is to take place in these days, as it was looked at. Their mail is
    planned or dropped, and one undo takes all of it back. Locks the diary, then the sessions. Raise LeaveChanged where
    other sessions stand there by now; CannotMove, SameTimeOff; ValueError for no days.
    """
    span = whole_days(first_on, last_on)
    lock_diary(actor.pk)
    sessions = _as_looked_at(actor, span, None, choices)
    row = _new(actor, Kind.LEAVE, span, label)
    left = _settle(row, sessions, choices, Was.new(row))
    _record_all("leave.take", actor, left)
    return left


@transaction.atomic
def change_leave(
    *,
    actor: User,
    row: TimeOff,
    version: int,
    first_on: date,
    last_on: date,
    label: str | None = None,
    choices: Sequence[Choice] = (),
) -> Left:
    """Give a leave other days or another label; `choices` as in `take_leave`, of the days that it has not had so far.

    The same again changes nothing. Locks and raises as `take_leave` does, and TimeOffChanged.
    """
    span = whole_days(first_on, last_on)
    lock_diary(actor.pk)
    row = _as_seen(row, version)
    sessions, was = _as_looked_at(actor, span, row, choices), Was.of(row)
    if not _changed(row, span, label) and not sessions:
        return Left(row)
    left = _settle(row, sessions, choices, was if label is None else None)
    _record_all("time_off.change", actor, left)
    return left


@transaction.atomic
def remove_time_off(*, actor: User, row: TimeOff) -> None:
    """Take leave or blocked time out of the diary. Sessions that were cancelled or moved for it stay so.

    Locks the diary. What is gone already changes nothing.
    """
    lock_diary(actor.pk)
    rows = TimeOff.unscoped.filter(pk=row.pk)  # no viewer: the caller holds the row
    if rows.delete()[0]:
        _record("time_off.remove", actor, row)


def _new(actor: User, kind: str, span: tuple[datetime, datetime], label: str) -> TimeOff:
    """Write a row, its words sealed under the counsellor's own key, which is made when it is first needed."""
    row = TimeOff(counsellor=actor, kind=kind, starts_at=span[0], ends_at=span[1], label=label)
    _refuse_same(row)
    ensure_data_key(actor.pk)
    row.save(force_insert=True)
    return row


def _as_seen(row: TimeOff, version: int) -> TimeOff:
    """Return the row as it is now; the diary is locked. Raise TimeOffChanged."""
    found = TimeOff.unscoped.filter(pk=row.pk, version=version)  # no viewer: the caller holds the row
    now = found.select_for_update(no_key=True).first()
    if now is None:
        raise TimeOffChanged
    return now


def _changed(row: TimeOff, span: tuple[datetime, datetime], label: str | None) -> bool:
    """Write what differs; return whether anything did."""
    columns = []
    if (row.starts_at, row.ends_at) != span:
        row.starts_at, row.ends_at = span
        _refuse_same(row)
        columns += ["starts_at", "ends_at"]
    if label is not None:
        row.label = label
        columns.append("label")
    if columns:
        row.version += 1
        row.save(update_fields=[*columns, "version"])
    return bool(columns)


def _refuse_same(row: TimeOff) -> None:
    others = TimeOff.unscoped.filter(counsellor=row.counsellor_id, kind=row.kind)  # no viewer: the counsellor's own
    if others.filter(starts_at=row.starts_at, ends_at=row.ends_at).exclude(pk=row.pk).exists():
        raise SameTimeOff


def _as_looked_at(
    actor: User, span: tuple[datetime, datetime], had: TimeOff | None, choices: Sequence[Choice]
) -> list[ClientSession]:
    """Return the sessions in these days, locked. Raise LeaveChanged where they are not those of the choices."""
    found = [session.pk for session in in_the_way(actor, *span, had=had)]
    try:
        sessions = locked_all(found)
    except ClientSession.DoesNotExist as erased:
        raise LeaveChanged from erased
    looked_at = {choice.session.pk: choice.version for choice in choices}
    if {session.pk: session.version for session in sessions} != looked_at:
        raise LeaveChanged
    return sessions


def _settle(row: TimeOff, sessions: Sequence[ClientSession], choices: Sequence[Choice], was: Was | None) -> Left:
    """Cancel and move, plan the mail, and let one undo take all of it back; `was` is None where it could not.

    A label is sealed, and is not written down to be brought back.
    """
    chosen = {choice.session.pk: choice for choice in choices}
    left, before = Left(row), [was] if was else []
    for session in sessions:
        choice = chosen[session.pk]
        if choice.do == Do.KEEP:
            left.kept.append(session)
            continue
        before.append(Was.of(session))
        if choice.do == Do.CANCEL:
            write_status(session, ClientSession.Status.CANCELLED_BY_COUNSELLOR)
            left.cancelled.append(session)
        else:
            _move(row, session, choice)
            left.moved.append(session)
    outbox.services.drop([session.pk for session in left.cancelled], reason="session cancelled")
    outbox.services.drop([session.pk for session in left.moved], kind=REMINDER, reason="session moved")
    for session in left.changed:
        plan_mail(session)
        settle_moves(session)
    if was is not None:
        remember(row.counsellor, subject=row, before=before)
    return left


def _move(row: TimeOff, session: ClientSession, choice: Choice) -> None:
    """Give a session the time that was chosen, outside of the leave. Raise CannotMove; ValueError where none was."""
    if choice.starts_at is None:
        raise ValueError("Nobody has said where this session moves to.")
    if choice.starts_at < row.ends_at and choice.starts_at + session.length > row.starts_at:
        raise CannotMove(choice.session)
    try:
        write_time(session, choice.starts_at, session.length)
    except (DiaryClash, PastSession) as refusal:
        raise CannotMove(choice.session) from refusal


def _record_all(deed: str, actor: User, left: Left) -> None:
    """Write all rows of the trail at the end: its head is the last lock (practice/trail.py)."""
    for session in left.cancelled:
        trail.record(
            "session.cancel", actor=actor, subject=session, reference=session.client.reference,
            by=session.status, why="leave",
        )  # fmt: skip
    for session in left.moved:
        trail.record(
            "session.move", actor=actor, subject=session, reference=session.client.reference,
            starts_at=session.starts_at, length=session.length, why="leave",
        )  # fmt: skip
    _record(deed, actor, left.row, cancelled=len(left.cancelled), moved=len(left.moved))


def _record(deed: str, actor: User, row: TimeOff, *, cancelled: int | None = None, moved: int | None = None) -> None:
    trail.record(
        deed, actor=actor, subject=row, kind=row.kind, starts_at=row.starts_at, ends_at=row.ends_at,
        sessions_cancelled=cancelled, sessions_moved=moved,
    )  # fmt: skip
