"""When a session's reminder ought to leave. A pure function of rows and the present moment."""

from datetime import datetime, timedelta

from outbox.services import Wanted
from practice.clock import last_mail_moment, next_mail_moment
from practice.models import Practice
from sessions.models import ClientSession


def wanted_reminders(session: ClientSession, *, practice: Practice, now: datetime) -> list[Wanted]:
    """Return the reminder that this session ought to have: one, or none.

    It is due the practice's lead before the start, moved back into the hours in which mail may leave. Where that has
    passed it is due at the next allowed moment, provided the session has not begun by then. Whether the client
    may be mailed is asked at sending, since they can change that until the last minute.
    """
    if session.status != ClientSession.Status.BOOKED:
        return []
    due_at = last_mail_moment(session.starts_at - practice.reminder_lead, practice)
    if due_at < now:
        due_at = next_mail_moment(now, practice)
    if due_at >= session.starts_at:
        return []
    return [Wanted(_rule(practice.reminder_lead), session.revision, due_at, expires_at=session.starts_at)]


def _rule(lead: timedelta) -> str:
    """Return the rule's name in a message's key: `lead:24h`, or `lead:90m` where the hours are not whole."""
    minutes = int(lead.total_seconds()) // 60
    return f"lead:{minutes}m" if minutes % 60 else f"lead:{minutes // 60}h"
