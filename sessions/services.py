"""Deeds on sessions: book, move, cancel, say how it went. Each plans or drops its reminder in the same transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

import outbox.services
from clients.handing_over import HandedOver, refuse_handed_over
from clients.models import Client
from outbox.services import DropResult
from practice import trail
from practice.models import Practice, User
from sessions.models import ClientSession
from sessions.reminders import wanted_reminders
from sessions.selectors import clash

REMINDER = "session_reminder"
Status = ClientSession.Status
OUTCOMES = (Status.BOOKED, Status.ATTENDED, Status.DID_NOT_ATTEND)


class DiaryClash(Exception):
    """The counsellor has another session at that time. It is in their own diary, so its time may be shown."""

    def __init__(self, other: ClientSession) -> None:
        super().__init__("The counsellor has another session at that time.")
        self.starts_at, self.ends_at = other.starts_at, other.ends_at


class PastSession(Exception):
    """The time has already passed."""


class SessionClosed(Exception):
    """The session is over or cancelled, or has an outcome already: this cannot be done to it any more."""


class SessionAhead(Exception):
    """The session has not begun: nobody can say yet how it went."""


@transaction.atomic
def book_session(
    *, actor: User, client: Client, starts_at: datetime, length: timedelta, mode: str, place: str = ""
) -> ClientSession:
    """Book a session in the diary of the client's counsellor, with its reminder.

    Locks that diary. Raises DiaryClash, PastSession; HandedOver where the client is another counsellor's by now;
    ValueError where the work with the client has ended.
    """
    if client.state != Client.State.ACTIVE:
        raise ValueError("The work with this client has ended.")
    session = ClientSession(
        client=client, counsellor_id=client.counsellor_id, starts_at=starts_at, ends_at=starts_at + length,
        mode=mode, place=place,
    )  # fmt: skip
    _lock_diary(client.counsellor_id)
    refuse_handed_over({client.pk}, client.counsellor_id)
    with _held_free(session):
        session.save(force_insert=True)
    _plan_reminder(session)
    _record("session.book", actor, session, starts_at=starts_at, length=length, mode=mode)
    return session


@transaction.atomic
def move_session(*, actor: User, session: ClientSession, starts_at: datetime, length: timedelta) -> ClientSession:
    """Give a session another time; its reminder follows. The same time again changes nothing.

    Locks the diary, then the session. Raises SessionClosed, DiaryClash, PastSession; HandedOver where the session is
    in another counsellor's diary by now.
    """
    diary = session.counsellor_id
    _lock_diary(diary)
    session = _locked(session)
    if session.counsellor_id != diary:
        raise HandedOver
    if session.status != Status.BOOKED or session.is_over:
        raise SessionClosed
    if (session.starts_at, session.length) == (starts_at, length):
        return session
    was = session.starts_at
    session.starts_at, session.ends_at = starts_at, starts_at + length
    session.revision += 1
    with _held_free(session):
        session.save(update_fields=["starts_at", "ends_at", "revision"])
    outbox.services.drop([session.pk], kind=REMINDER, reason="session moved")
    _plan_reminder(session)
    _record("session.move", actor, session, was=was, starts_at=starts_at, length=length)
    return session


@transaction.atomic
def cancel_session(*, actor: User, session: ClientSession, by: str) -> DropResult:
    """Cancel a booked session; `by` is one of ClientSession.CANCELLED. Return what became of its mail.

    Locks the session. Raises SessionClosed; ValueError where `by` is another status.
    """
    if by not in ClientSession.CANCELLED:
        raise ValueError(f"“{by}” is no way to cancel a session.")
    session = _locked(session)
    if session.status != Status.BOOKED:
        raise SessionClosed
    session.status = by
    session.save(update_fields=["status"])
    mail = outbox.services.drop([session.pk], reason="session cancelled")
    _record("session.cancel", actor, session, by=by, on_their_way=mail.on_their_way)
    return mail


@transaction.atomic
def mark_outcome(*, actor: User, session: ClientSession, outcome: str) -> ClientSession:
    """Say that a session was attended or not, or take that back (`booked`). The same again changes nothing.

    Locks the session. Raises SessionClosed where it was cancelled, SessionAhead before its start; ValueError for
    another status.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"“{outcome}” is no outcome of a session.")
    session = _locked(session)
    if session.is_cancelled:
        raise SessionClosed
    if session.starts_at > timezone.now():
        raise SessionAhead
    if session.status == outcome:
        return session
    was, session.status = session.status, outcome
    session.save(update_fields=["status"])
    _record("session.outcome", actor, session, was=was, outcome=outcome)
    return session


def _locked(session: ClientSession) -> ClientSession:
    """Return the row as it is now, locked where the database can; SQLite's transaction holds its one lock already."""
    rows = ClientSession.unscoped.select_related("client")  # no viewer: the caller holds the row
    return rows.select_for_update(of=("self",)).get(pk=session.pk)


@contextmanager
def _held_free(session: ClientSession) -> Iterator[None]:
    """Refuse a time that is past or taken, then let the caller write. Raises PastSession, DiaryClash.

    The diary is locked: writers come one by one, so PostgreSQL's exclusion constraint (migration 0002) never has two to
    choose from, which could deadlock. It still answers for rows written without this lock, and is then read as a clash
    too.
    """
    if session.starts_at <= timezone.now():
        raise PastSession
    _refuse_clash(session)
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        _refuse_clash(session)
        raise


def _lock_diary(counsellor_id: UUID) -> None:
    """Lock a diary, by its counsellor's row; always before a session, as a hand-over does."""
    User.objects.select_for_update(no_key=True).get(pk=counsellor_id)


def _refuse_clash(session: ClientSession) -> None:
    other = clash(session.counsellor_id, session.starts_at, session.ends_at, but=session.pk)
    if other is not None:
        raise DiaryClash(other)


def _plan_reminder(session: ClientSession) -> None:
    outbox.services.plan(
        REMINDER, subject_id=session.pk, owner_id=session.client_id, reference=session.client.reference,
        wanted=wanted_reminders(session, practice=Practice.current(), now=timezone.now()),
    )  # fmt: skip


def _record(deed: str, actor: User, session: ClientSession, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=session, reference=session.client.reference, **detail)
