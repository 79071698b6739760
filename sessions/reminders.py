"""When a session's reminders ought to leave, and whose rules say so."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import Q

from outbox.models import Message
from outbox.services import Wanted
from practice import clock
from practice.clock import last_mail_moment, next_mail_moment
from practice.models import Practice
from sessions.models import ClientSession, ReminderSet
from sessions.models.reminders import RULE, USUAL

REMINDER = "session_reminder"
_LEFT = (Message.State.SENT, Message.State.UNSURE)


def wanted_reminders(
    session: ClientSession,
    *,
    rules: Sequence[str],
    practice: Practice,
    now: datetime,
    told_at: datetime | None = None,
    may_be_late: bool = True,
    delay: timedelta = timedelta(0),
) -> list[Wanted]:
    """Return the reminders that this session ought to have, one a rule. A pure function.

    Each is due as its rule says, moved back into the hours in which mail may leave, never after the start. Of rules
    that fall on the same minute by that, the nearest to the start counts: nobody is told twice at once. Where all
    are past by now (it was booked late, or the rules have changed), one leaves `delay` from now at an allowed moment
    before the start, if `may_be_late`. Whoever was told of this time by another mail (`told_at`) since the last rule
    asked for one needs none. Whether the client may be mailed is asked at sending: they can change that until then.
    """
    if session.status not in ClientSession.AHEAD or session.starts_at <= now:
        return []
    nearest_last = sorted((moment_of(rule, session.starts_at), rule) for rule in set(rules))
    one_each = {last_mail_moment(moment, practice): rule for moment, rule in nearest_last}
    due = [(at, rule) for at, rule in sorted(one_each.items()) if at < session.starts_at]
    ahead = [(at, rule) for at, rule in due if at >= now]
    is_told = told_at is not None and bool(due) and told_at >= due[-1][0]
    if not ahead and due and may_be_late and not is_told:
        late = next_mail_moment(now + delay, practice)
        ahead = [(late, due[-1][1])] if late < session.starts_at else []
    return [Wanted(name_of(rule), session.revision, at, expires_at=session.starts_at) for at, rule in ahead]


def has_reminded(session: ClientSession) -> bool:
    """Say whether a reminder of the session at this time has left, by whatever rule; one query."""
    left = Message.objects.filter(kind=REMINDER, subject_id=session.pk, key__endswith=f":{session.revision}")
    return left.filter(Q(state__in=_LEFT) | Q(state=Message.State.LEASED, dispatched_at__isnull=False)).exists()


def next_revision(session: ClientSession) -> int:
    """Return the number for a time that the session has not had yet; one query.

    An undo takes a number back, and a reminder may have left under it: it is not given out twice.
    """
    keys = Message.objects.filter(kind=REMINDER, subject_id=session.pk).values_list("key", flat=True)
    return 1 + max([session.revision, *(int(key.rpartition(":")[2]) for key in keys)])


def moment_of(rule: str, starts_at: datetime) -> datetime:
    """Return when a rule asks for its reminder, mail hours aside. Raise ValueError for a rule that is none.

    "The evening before at 18:00" is the practice's clock, whatever the clocks do that night.
    """
    parts = RULE.fullmatch(rule)
    if parts is None:
        raise ValueError(f"“{rule}” is no rule of reminding.")
    if parts["hours"]:
        return starts_at - timedelta(hours=int(parts["hours"]))
    if parts["minutes"]:
        return starts_at - timedelta(minutes=int(parts["minutes"]))
    day = clock.local(starts_at).date() - timedelta(days=1)
    return clock.lenient_at(day, time.fromisoformat(parts["at"]))


def name_of(rule: str) -> str:
    """Return a rule's name in a message's key: `lead:24h`, `lead:90m`, `eve:18:00`."""
    return re.sub(r"^eve", "eve:", rule) if rule.startswith("eve") else f"lead:{rule}"


def in_words(rule: str) -> str:
    """Return a rule in words for a page."""
    parts = RULE.fullmatch(rule)
    if parts is None:
        return rule
    if parts["at"]:
        return f"the evening before, at {parts['at']}"
    number, unit = (int(parts["hours"]), "hour") if parts["hours"] else (int(parts["minutes"]), "minute")
    return f"{number} {unit}{'' if number == 1 else 's'} before"


# --- whose rules ---------------------------------------------------------------------------------
def rules_for(session: ClientSession) -> list[str]:
    """Return the rules that count for a session: its own, else its client's, its counsellor's, the practice's."""
    mine = Q(session=session) | Q(client=session.client_id) | Q(counsellor=session.counsellor_id) | _PRACTICES
    found = {_nearness(each): each for each in ReminderSet.objects.filter(mine)}
    nearest: ReminderSet | None = found[min(found)] if found else None
    return list(nearest.rules) if nearest is not None else list(USUAL)


_PRACTICES = Q(session=None, client=None, counsellor=None)


def _nearness(each: ReminderSet) -> int:
    owners: tuple[UUID | None, ...] = (each.session_id, each.client_id, each.counsellor_id)
    return next((place for place, owner in enumerate(owners) if owner is not None), len(owners))
