"""Notices: what a client is told when a session is booked, moved or cancelled. Always the net effect.

What the client was told last is held against how the session stands. Where both are the same nothing is sent, so a
session that was moved and moved back within the delay leaves no mail, whichever way it came back. What was told stands
in the keys of the mails that left, or on the session where the counsellor tells it by word of mouth.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from django.db.models import Q

from outbox.models import Message
from outbox.services import Wanted
from practice.clock import next_mail_moment
from practice.models import Practice
from sessions.models import ClientSession, DiaryRules

NOTICE = "session_notice"
_State = Message.State


class What(Enum):
    """What a notice says."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Told:
    """What a client was told last: a `standing`, "" for nothing or that it is cancelled; `at` is when a mail left."""

    what: str
    is_by_mail: bool
    at: datetime | None = None

    @property
    def starts_at(self) -> datetime | None:
        """Return the start that the client knows."""
        return datetime.fromtimestamp(int(self.what.split(".")[0]), UTC) if self.what else None


def standing(session: ClientSession) -> str:
    """Return how a session stands for its client: start, minutes and how; "" where it does not take place."""
    if session.status not in ClientSession.AHEAD:
        return ""
    minutes = int(session.length.total_seconds()) // 60
    return f"{int(session.starts_at.timestamp())}.{minutes}.{session.mode}"


def told_of(session: ClientSession) -> Told:
    """Return what the client was told last; one query. A mail of which nobody knows counts as one that arrived."""
    left = Q(state__in=(_State.SENT, _State.UNSURE)) | Q(state=_State.LEASED, dispatched_at__isnull=False)
    mails = Message.objects.filter(left, kind=NOTICE, subject_id=session.pk).values_list("key", "dispatched_at")
    said = [(int(key.rpartition(":")[2]), key.split(":", 3)[2], at) for key, at in mails]
    version, what, at = max(said, key=lambda mail: mail[0], default=(-1, "", None))
    if version < session.known_version or not said:
        return Told(session.known, is_by_mail=False)
    return Told("" if what == "off" else what.removeprefix("at-"), is_by_mail=True, at=at)


def what_to_tell(session: ClientSession, told: Told) -> What | None:
    """Return what a notice would say now; None where the client knows."""
    now = standing(session)
    if now == told.what:
        return None
    if not told.what:
        return What.BOOKED
    return What.MOVED if now else What.CANCELLED


def is_sent_by_mail(session: ClientSession, told: Told, rules: DiaryRules) -> bool:
    """Say whether the practice sends a notice of what has changed; where nothing has, there is nothing to settle."""
    switches = {
        What.BOOKED: rules.notify_booked,
        What.MOVED: rules.notify_moved,
        What.CANCELLED: rules.notify_cancelled,
        None: True,
    }
    return switches[what_to_tell(session, told)]


def wanted_notice(
    session: ClientSession, told: Told, *, delay: timedelta, practice: Practice, now: datetime
) -> list[Wanted]:
    """Return the notice that ought to leave: one, or none. A pure function of rows and the present moment.

    It waits for the delay and then for the hours in which mail may leave. It is of no use once the session has begun;
    one that cannot leave before is not planned.
    """
    what = what_to_tell(session, told)
    if what is None:
        return []
    expires_at = _expires_at(session, told, what, now)
    due_at = next_mail_moment(now + delay, practice)
    if due_at >= expires_at:
        return []
    rule = f"at-{standing(session)}" if standing(session) else "off"
    return [Wanted(rule, session.version, due_at, expires_at)]


def _expires_at(session: ClientSession, told: Told, what: What, now: datetime) -> datetime:
    """Return until when a notice is of use: to whoever would come at the old time, or else at the new."""
    old = told.starts_at
    if what is What.CANCELLED and old is not None:
        return old
    return min(old, session.starts_at) if old is not None and old > now else session.starts_at
