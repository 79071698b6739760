"""Verdicts: what a try or a kind's answer means for the row, and writing it although the database stumbles."""

import random
import re
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from outbox import claims
from outbox.claims import Verdict
from outbox.kinds import Dropped, Later, Mail, OnUnknown, on_unknown
from outbox.models import REASON_LENGTH, Message
from outbox.smtp import Outcome, Reply

log = structlog.get_logger("beside.outbox")
State = Message.State

RETRY_AFTER = [timedelta(minutes=m) for m in (1, 5, 30, 120, 360)]
RETRY_JITTER = 0.2
# A lock that was not to be had, a server that restarts: it passes, and says nothing of the row.
DATABASE_ERRORS = (OperationalError, InterfaceError)
# Of a mail that was put off until after its time.
TOO_LATE = "its time will have passed before it may leave"
# What a verdict can do without, should the database not take it.
TEXTS = ("smtp_reply", "reason", "sent_copy")
_LINK = re.compile(r"https?://\S+")
_TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_-]{40,}")


def copy_of(mail: Mail) -> dict[str, str]:
    """Return what is kept of a mail: its links lose their tokens, which open pages for as long as they live."""
    text = _LINK.sub(lambda link: _TOKEN.sub("…", link[0]), mail.text)
    return {"to": mail.to, "subject": mail.subject, "text": text}


def settled(message: Message, state: str, **changes: Any) -> Verdict:
    """Return a verdict that ends the row. A frozen text stays only where a person may still send it again."""
    if state not in (State.FAILED, State.UNSURE):
        changes["payload"] = None
    return Verdict(message.pk, message.token, state, changes)


def planned(message: Message, **changes: Any) -> Verdict:
    """Return a verdict that gives the row back to the plan."""
    return Verdict(message.pk, message.token, State.PLANNED, changes)


def from_answer(message: Message, answer: Dropped | Later) -> Verdict:
    """Turn what a kind says instead of a mail into what is written on the row."""
    if isinstance(answer, Dropped):
        return settled(message, State.DROPPED, reason=answer.reason[:REASON_LENGTH])
    if answer.due_at >= message.expires_at:
        return settled(message, State.EXPIRED, reason=TOO_LATE)
    # A moment that has passed would be due again in this very tick.
    return planned(message, due_at=max(answer.due_at, timezone.now() + RETRY_AFTER[0]))


def from_reply(message: Message, reply: Reply, copy: dict[str, Any] | None = None) -> Verdict:
    """Turn a server's reply into what is written on the row."""
    now, said = timezone.now(), {"smtp_reply": reply.text}
    match reply.outcome:
        case Outcome.ACCEPTED:
            return settled(message, State.SENT, sent_at=now, reason="", **said, **(copy or {}))
        case Outcome.REFUSED:
            return settled(message, State.FAILED, reason="the mail server refused it", **said, **(copy or {}))
        case Outcome.OURS:
            return planned(message, dispatched_at=None, **said)
        case Outcome.LATER:
            again = {"dispatched_at": None, "due_at": _next_try(message, now), "attempts": message.attempts + 1}
            return planned(message, **again, **said)
        case Outcome.UNKNOWN:
            return _unknown(message, said)


def _unknown(message: Message, said: dict[str, Any]) -> Verdict:
    if on_unknown(message) is OnUnknown.RESEND and message.resends == 0:
        return planned(message, dispatched_at=None, resends=1, due_at=timezone.now(), **said)
    return settled(message, State.UNSURE, reason="the connection was lost while sending", **said)


def _next_try(message: Message, now: datetime) -> datetime:
    """Return when to try again: 1, 5, 30 min, 2 h, 6 h, each ± 20 % so that tries do not march in step."""
    wait = RETRY_AFTER[min(message.attempts, len(RETRY_AFTER) - 1)]
    return now + wait * random.uniform(1 - RETRY_JITTER, 1 + RETRY_JITTER)  # noqa: S311 - not a secret


def write(verdict: Verdict) -> bool:
    """Write a verdict, once more where the database stumbles. False: it is not ours, or could not be written.

    Nothing is raised: a verdict that the database does not take is no fault of the mail that comes next.
    """
    try:
        return claims.settle(verdict)
    except (DatabaseError, InterfaceError) as error:
        reconnect()
        again = verdict if isinstance(error, DATABASE_ERRORS) else _bare(verdict)
    try:
        return claims.settle(again)
    except (DatabaseError, InterfaceError) as error:
        reconnect()
        # Its lease runs out, and then it counts as not known.
        log.error("mail.verdict_lost", message=str(verdict.message_id), error=type(error).__name__)
        return False


def _bare(verdict: Verdict) -> Verdict:
    changes = {name: value for name, value in verdict.changes.items() if name not in TEXTS}
    return Verdict(verdict.message_id, verdict.token, verdict.state, changes)


def reconnect() -> None:
    """Give up a connection that may be dead; the next statement opens another."""
    if not connection.in_atomic_block:
        connection.close()
