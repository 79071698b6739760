"""What clients do by the link to a session, and what becomes of it: confirm, cancel, ask, agree, see.

Each deed of a client carries the revision that their page showed: nobody confirms a time that they have not seen.
Locks in the diary's order (sessions/diary.py), a reply after its session.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

import outbox.services
from clients.handing_over import HandedOver
from clients.selectors import opened
from outbox.services import Wanted
from practice import clock, trail
from practice.models import AuditEntry, User
from sessions import services
from sessions.by_link import Doors, doors
from sessions.diary import lock_diary, locked
from sessions.models import ClientReply, ClientSession, DiaryRules
from sessions.settling import CLIENT_REPLY, close

MOST_WISHES = 3
Kind, State = ClientReply.Kind, ClientReply.State


class OutOfDate(Exception):
    """The session has another time, or another counsellor, than the client's page shows."""


class NotOffered(Exception):
    """This cannot be done by the link now: too late, over, cancelled, or the client was erased."""


class ReplyClosed(Exception):
    """The reply was answered already, in another way."""


@transaction.atomic
def confirm(*, session: ClientSession, revision: int) -> ClientSession:
    """Confirm a session for its client; a second time changes nothing. Raise OutOfDate, NotOffered."""
    session, may = _held(session, revision)
    if not may.confirm:
        raise NotOffered
    return services.confirm_session(session=session)


@transaction.atomic
def cancel(*, session: ClientSession, revision: int) -> None:
    """Cancel a session for its client, and let the counsellor see it; a second time changes nothing.

    Raise OutOfDate, NotOffered.
    """
    session, may = _held(session, revision)
    if session.is_cancelled:
        return
    if not may.cancel:
        raise NotOffered
    _keep(session, Kind.CANCELLED)
    services.cancel_session(actor=None, session=session, by=ClientSession.Status.CANCELLED_BY_CLIENT)


@transaction.atomic
def ask_to_move(
    *, session: ClientSession, revision: int, wishes: Sequence[datetime] = (), words: str = ""
) -> ClientReply:
    """Ask for another time; what was asked before and not answered is replaced. The session stays as it is.

    Raise OutOfDate, NotOffered; ValueError for more than three wishes, or neither wish nor word.
    """
    if len(wishes) > MOST_WISHES or not (wishes or words.strip()):
        raise ValueError("Who asks for another time names up to three, or writes a line.")
    session, may = _held(session, revision)
    if not may.move:
        raise NotOffered
    return _ask(session, Kind.MOVE, words, sorted(each.astimezone(UTC).isoformat() for each in wishes))


@transaction.atomic
def ask_for_contact(*, session: ClientSession, revision: int, words: str = "") -> ClientReply:
    """Ask the counsellor to get in touch; what was asked before and not answered is replaced.

    Raise OutOfDate, NotOffered.
    """
    session, may = _held(session, revision)
    if not may.talk:
        raise NotOffered
    return _ask(session, Kind.TALK, words, [])


@transaction.atomic
def agree_reply(*, actor: User, reply: ClientReply, starts_at: datetime) -> ClientSession:
    """Move a session to a time that its client has asked for. The same again changes nothing.

    Locks the diary, the session, the reply. Raise ReplyClosed, and what `move_session` raises (HandedOver too, where
    the client is another counsellor's by now); ValueError for a time that was not asked for.
    """
    if starts_at.astimezone(UTC).isoformat() not in reply.wishes:
        raise ValueError("The client has not asked for this time.")
    diary = reply.session.counsellor_id
    lock_diary(diary)
    session, reply = locked(reply.session), _locked_reply(reply)
    if session.counsellor_id != diary:
        raise HandedOver
    if reply.state == State.AGREED and session.starts_at == starts_at:
        return session
    if reply.state != State.OPEN:
        raise ReplyClosed
    close([reply], State.AGREED)
    session = services.move_session(actor=actor, session=session, starts_at=starts_at, length=session.length)
    _record("reply.agree", actor, reply, starts_at=starts_at)
    return session


@transaction.atomic
def see_reply(*, actor: User, reply: ClientReply) -> ClientReply:
    """Put a reply away as seen. One that is closed stays as it is. Locks it."""
    reply = _locked_reply(reply)
    if reply.state == State.OPEN:
        close([reply], State.SEEN)
        _record("reply.see", actor, reply, kind=reply.kind)
    return reply


@transaction.atomic
def open_words(*, actor: User, replies: Iterable[ClientReply]) -> None:
    """Leave a trace that clients' words were read: one a day for each reader and reply, however often Today is opened.

    One query where all have theirs.
    """
    rows = {reply.pk: reply for reply in replies}
    today = clock.start_of(clock.today())
    read = AuditEntry.objects.filter(deed="reply.read", actor=actor, subject_id__in=list(rows), at__gte=today)
    traced = set(read.values_list("subject_id", flat=True)) if rows else set()
    for pk, reply in rows.items():
        if pk not in traced:
            _record("reply.read", actor, reply)


def _held(session: ClientSession, revision: int) -> tuple[ClientSession, Doors]:
    """Return the session as it is now, its diary and itself locked, and what may be done to it."""
    lock_diary(session.counsellor_id)
    try:
        held = locked(session)
    except ClientSession.DoesNotExist as error:  # the client was erased at this moment
        raise NotOffered from error
    if (held.revision, held.counsellor_id) != (revision, session.counsellor_id):
        raise OutOfDate
    return held, doors(held, DiaryRules.current(), timezone.now())


def _ask(session: ClientSession, kind: str, words: str, wishes: list[str]) -> ClientReply:
    reply, is_changed = _keep(session, kind, words, wishes)
    if is_changed:
        _record("reply.ask", None, reply, kind=kind, wishes=len(wishes))
    return reply


def _keep(session: ClientSession, kind: str, words: str = "", wishes: Sequence[str] = ()) -> tuple[ClientReply, bool]:
    """Keep what a client said, in place of an earlier reply of its kind that is open. Return whether this is news."""
    replies = ClientReply.unscoped.filter(session=session, kind=kind, state=State.OPEN)  # no viewer: the client's own
    reply = replies.first()
    if reply is None:
        reply = ClientReply(session=session, client_id=session.client_id, kind=kind, words=words, wishes=list(wishes))
        reply.save(force_insert=True)
    elif _says(reply, words, wishes):
        return reply, False
    else:
        reply.words, reply.wishes, reply.said_at = words, list(wishes), timezone.now()
        reply.save(update_fields=["words", "wishes", "said_at"])
    _plan_mail(session, reply)
    return reply, True


def _says(reply: ClientReply, words: str, wishes: Sequence[str]) -> bool:
    before = opened(reply, "words")
    return not before.is_damaged and (before.text, reply.wishes) == (words, list(wishes))


def _plan_mail(session: ClientSession, reply: ClientReply) -> None:
    """Plan the counsellor's mail where the session is near: one for each reply, however often it is changed."""
    now, within = timezone.now(), DiaryRules.current().soon_within
    if not within or session.starts_at - now > within:
        return
    outbox.services.plan(
        CLIENT_REPLY, subject_id=reply.pk, owner_id=session.client_id, reference=session.client.reference,
        wanted=[Wanted("soon", 1, now, expires_at=session.ends_at)],
    )  # fmt: skip


def _locked_reply(reply: ClientReply) -> ClientReply:
    rows = ClientReply.unscoped.select_related("client", "session")  # no viewer: the caller holds the row
    return rows.select_for_update(of=("self",), no_key=True).get(pk=reply.pk)


def _record(deed: str, actor: User | None, reply: ClientReply, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=reply, reference=reply.client.reference, **detail)
