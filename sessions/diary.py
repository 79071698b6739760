"""What every deed on the diary shares: its locks, its refusals, a free time, and the mail that follows from it.

Locks in this order: the diary (its counsellor's row), sessions, series, the trail's head.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

import outbox.services
from practice.models import Practice, User
from sessions import notices
from sessions.models import ClientSession, DiaryRules
from sessions.notices import What
from sessions.reminders import REMINDER, has_reminded, next_revision, rules_for, wanted_reminders
from sessions.selectors import clash
from sessions.series_notices import unsaid


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


class SessionChanged(Exception):
    """The session was changed elsewhere since this page was opened. Carries it as it stands."""

    def __init__(self, session: ClientSession) -> None:
        super().__init__("The session was changed elsewhere.")
        self.session = session


def lock_diary(counsellor_id: UUID) -> None:
    """Lock a diary, by its counsellor's row; always before a session, as a hand-over does."""
    User.objects.select_for_update(no_key=True).get(pk=counsellor_id)


def locked(session: ClientSession) -> ClientSession:
    """Return the row as it is now, locked where the database can; SQLite's transaction holds its one lock already."""
    return locked_all([session.pk])[0]


def locked_all(session_ids: Collection[UUID]) -> list[ClientSession]:
    """Return these rows as they are now, locked, by their start. Raise DoesNotExist where one is gone."""
    # No key changes, so whoever only refers to one of them (an exercise, a note) does not wait: they hold the client.
    rows = ClientSession.unscoped.select_related("client", "series")  # no viewer: the caller holds the rows
    found = list(
        rows.filter(pk__in=session_ids).order_by("starts_at", "pk").select_for_update(of=("self",), no_key=True)
    )
    if len(found) != len(set(session_ids)):
        raise ClientSession.DoesNotExist
    return found


@contextmanager
def held_free(session: ClientSession, *, may_be_past: bool = False) -> Iterator[None]:
    """Refuse a time that is past or taken, then let the caller write. Raises PastSession, DiaryClash.

    The diary is locked: writers come one by one, so PostgreSQL's exclusion constraint (migration 0002) never has two to
    choose from, which could deadlock. It still answers for rows written without this lock, and is then read as a clash
    too.
    """
    if session.starts_at <= timezone.now() and not may_be_past:
        raise PastSession
    refuse_clash(session)
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        refuse_clash(session)
        raise


def refuse_clash(session: ClientSession) -> None:
    """Raise DiaryClash where another session stands at that time."""
    other = clash(session.counsellor_id, session.starts_at, session.ends_at, but=session.pk)
    if other is not None:
        raise DiaryClash(other)


def plan_mail(session: ClientSession, *, is_told: bool = False) -> None:
    """Make the planned mails of a session be exactly those that its rules ask for, as it stands now.

    `is_told` says that the client hears of this change in another way (a series' own notice). Where the practice sends
    no notice of such a change the counsellor tells the client, so the client counts as told as well.
    """
    practice, rules, now = Practice.current(), DiaryRules.current(), timezone.now()
    told = notices.told_of(session)
    # The mail that a series is booked is still to come, and names each session as it stands then.
    if not is_told and session.series_id is not None:
        is_told = What.BOOKED in unsaid(session.series_id, session.client_id)
    if is_told or not notices.is_sent_by_mail(session, told, rules):
        session.known, session.known_version = notices.standing(session), session.version
        session.save(update_fields=["known", "known_version"])
        told = notices.Told(session.known, is_by_mail=False)
    notice = notices.wanted_notice(session, told, delay=rules.notice_delay, practice=practice, now=now)
    told_at = now if notice else told.at if told.what == notices.standing(session) else None
    _plan(notices.NOTICE, session, notice)
    reminders = wanted_reminders(
        session, rules=rules_for(session), practice=practice, now=now,
        delay=rules.notice_delay if is_told else timedelta(0), told_at=told_at,
        may_be_late=not has_reminded(session),
    )  # fmt: skip
    _plan(REMINDER, session, reminders)
    if session.is_plan_stale:
        session.is_plan_stale = False
        session.save(update_fields=["is_plan_stale"])


def _plan(kind: str, session: ClientSession, wanted: list[outbox.services.Wanted]) -> None:
    outbox.services.plan(
        kind, subject_id=session.pk, owner_id=session.client_id, reference=session.client.reference, wanted=wanted
    )


def write_status(session: ClientSession, status: str) -> None:
    """Write another status; its mail is the caller's."""
    session.status, session.version = status, session.version + 1
    session.save(update_fields=["status", "version"])


def write_time(session: ClientSession, starts_at: datetime, length: timedelta) -> None:
    """Write another time, one revision on; its mail is the caller's. Raise DiaryClash, PastSession.

    Somebody who had confirmed the old start has not confirmed this one.
    """
    if session.starts_at != starts_at:
        session.status = ClientSession.Status.BOOKED
    session.starts_at, session.ends_at = starts_at, starts_at + length
    session.revision, session.version = next_revision(session), session.version + 1
    with held_free(session):
        session.save(update_fields=["starts_at", "ends_at", "status", "revision", "version"])


def step_aside(session_ids: Collection[UUID]) -> None:
    """Take sessions out of the diary for a moment, in this transaction: together they may change places."""
    rows = ClientSession.unscoped.filter(pk__in=session_ids)  # no viewer: the caller holds the rows
    rows.update(status=ClientSession.Status.CANCELLED_BY_COUNSELLOR)
