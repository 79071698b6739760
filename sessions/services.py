"""Deeds on one session: book, move, confirm, cancel, say how it went, change its details. Each plans its mail too."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

import outbox.services
from clients.handing_over import HandedOver, refuse_handed_over
from clients.models import Client
from outbox.services import DropResult
from practice import trail
from practice.models import User
from sessions import undoing
from sessions.diary import (
    DiaryClash,
    PastSession,
    SessionAhead,
    SessionChanged,
    SessionClosed,
    held_free,
    lock_diary,
    locked,
    plan_mail,
    write_status,
    write_time,
)
from sessions.models import ClientSession, SessionType
from sessions.reminders import REMINDER
from sessions.settling import settle_moves
from sessions.waiting import leave_on_booking

__all__ = [
    "REMINDER", "DiaryClash", "PastSession", "SessionAhead", "SessionChanged", "SessionClosed", "book_session",
    "cancel_session", "change_details", "confirm_session", "mark_outcome", "move_session",
]  # fmt: skip

Status = ClientSession.Status


@transaction.atomic
def book_session(
    *,
    actor: User,
    client: Client,
    starts_at: datetime,
    length: timedelta,
    mode: str,
    place: str = "",
    session_type: SessionType | None = None,
    buffer: timedelta = timedelta(0),
    fee_pence: int | None = None,
) -> ClientSession:
    """Book a session in the diary of the client's counsellor, with its mail.

    Locks that diary. Raises DiaryClash, PastSession; HandedOver where the client is another counsellor's by now;
    ValueError where the work with the client has ended.
    """
    if client.state != Client.State.ACTIVE:
        raise ValueError("The work with this client has ended.")
    session = ClientSession(
        client=client, counsellor_id=client.counsellor_id, starts_at=starts_at, ends_at=starts_at + length,
        mode=mode, place=place, session_type=session_type, buffer=buffer, fee_pence=fee_pence,
    )  # fmt: skip
    lock_diary(client.counsellor_id)
    refuse_handed_over({client.pk}, client.counsellor_id)
    with held_free(session):
        session.save(force_insert=True)
    leave_on_booking(client, at=session.booked_at)
    plan_mail(session)
    undoing.remember(actor, subject=session, before=[undoing.Was.new(session)])
    _record("session.book", actor, session, starts_at=starts_at, length=length, mode=mode)
    return session


@transaction.atomic
def move_session(
    *, actor: User, session: ClientSession, starts_at: datetime, length: timedelta, version: int | None = None
) -> ClientSession:
    """Give a session another time; its mail follows. The same time again changes nothing.

    `version` is the one that the form began from. Somebody who had confirmed the old time has not confirmed this one.
    Locks the diary, then the session. Raises SessionClosed, SessionChanged, DiaryClash, PastSession; HandedOver where
    the session is in another counsellor's diary by now.
    """
    session = _held(session)
    if not session.is_open:
        raise SessionClosed
    if (session.starts_at, session.length) == (starts_at, length):
        return session
    if version not in (None, session.version):
        raise SessionChanged(session)
    before = [undoing.Was.of(session)]
    was = session.starts_at
    write_time(session, starts_at, length)
    outbox.services.drop([session.pk], kind=REMINDER, reason="session moved")
    plan_mail(session)
    settle_moves(session)
    undoing.remember(actor, subject=session, before=before)
    _record("session.move", actor, session, was=was, starts_at=starts_at, length=length)
    return session


@transaction.atomic
def cancel_session(*, actor: User | None, session: ClientSession, by: str) -> DropResult:
    """Cancel a session that is ahead; `by` is one of ClientSession.CANCELLED. Return what became of its mail.

    `actor` is None where the client did it by their link. Locks the diary, then the session. Raises SessionClosed;
    ValueError where `by` is another status.
    """
    if by not in ClientSession.CANCELLED:
        raise ValueError(f"“{by}” is no way to cancel a session.")
    session = _held(session)
    if session.status not in ClientSession.AHEAD:
        raise SessionClosed
    before = [undoing.Was.of(session)]
    write_status(session, by)
    mail = outbox.services.drop([session.pk], reason="session cancelled")
    if not session.has_begun:
        plan_mail(session)
    settle_moves(session)
    undoing.remember(actor, subject=session, before=before)
    _record("session.cancel", actor, session, by=by, on_their_way=mail.on_their_way)
    return mail


@transaction.atomic
def confirm_session(*, session: ClientSession, actor: User | None = None) -> ClientSession:
    """Say that the client will come; `actor` is None where the client says so by their link. Twice is once.

    Locks the diary, then the session. Raises SessionClosed where it has begun or was cancelled.
    """
    session = _held(session)
    if session.status not in ClientSession.AHEAD or session.has_begun:
        raise SessionClosed
    return _marked(actor, session, Status.CONFIRMED, deed="session.confirm")


@transaction.atomic
def mark_outcome(*, actor: User, session: ClientSession, outcome: str) -> ClientSession:
    """Say how it stands with a session, or correct what was said. The same again changes nothing.

    Any status may follow any other. Before its start it can only be booked or confirmed; to cancel it is another deed.
    What was cancelled stands in the diary again, if its time is still free; where it is ahead its mail is planned anew.
    Locks the diary, then the session. Raises SessionAhead, DiaryClash; of a cancelled one that is ahead SessionClosed
    if the work with the client has ended, HandedOver if they are another's by now; ValueError for no status.
    """
    if outcome not in Status.values:
        raise ValueError(f"“{outcome}” is no outcome of a session.")
    session = _held(session)
    if not session.has_begun and outcome not in ClientSession.AHEAD:
        raise SessionAhead
    if not session.has_begun and session.is_cancelled:
        refuse_handed_over({session.client_id}, session.counsellor_id)
        if session.client.state != Client.State.ACTIVE:
            raise SessionClosed
    return _marked(actor, session, outcome, deed="session.outcome")


@transaction.atomic
def change_details(
    *,
    actor: User,
    session: ClientSession,
    version: int,
    mode: str,
    place: str,
    session_type: SessionType | None,
    buffer: timedelta,
    fee_pence: int | None,
) -> ClientSession:
    """Change how and where a session is held, its kind, the pause after it and its fee. The same again changes nothing.

    Locks the diary, then the session. Raises SessionChanged where `version` is not the newest, SessionClosed where the
    session was cancelled; VaultError where the place as it stands does not open.
    """
    session = _held(session)
    wanted = {
        "mode": mode, "place": place, "session_type": session_type, "buffer": buffer, "fee_pence": fee_pence,
    }  # fmt: skip
    changed = [name for name, value in wanted.items() if getattr(session, name) != value]
    if not changed:
        return session
    if session.version != version:
        raise SessionChanged(session)
    if session.is_cancelled:
        raise SessionClosed
    for name in changed:
        setattr(session, name, wanted[name])
    session.version += 1
    session.save(update_fields=[*changed, "version"])
    if session.is_open and not session.has_begun:
        plan_mail(session)
    _record("session.details", actor, session, columns=", ".join(changed))
    return session


def _held(session: ClientSession) -> ClientSession:
    """Lock the diary, then the session, and return it as it is now. Raise HandedOver where it changed diaries."""
    diary = session.counsellor_id
    lock_diary(diary)
    session = locked(session)
    if session.counsellor_id != diary:
        raise HandedOver
    return session


def _marked(actor: User | None, session: ClientSession, status: str, *, deed: str) -> ClientSession:
    """Write a status, in the caller's transaction and under its locks."""
    if session.status == status:
        return session
    before, was = [undoing.Was.of(session)], session.status
    with held_free(session, may_be_past=True):
        write_status(session, status)
    if session.starts_at > timezone.now():
        plan_mail(session)
    undoing.remember(actor, subject=session, before=before)
    _record(deed, actor, session, was=was, outcome=status)
    return session


def _record(deed: str, actor: User | None, session: ClientSession, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=session, reference=session.client.reference, **detail)
