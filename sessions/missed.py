"""Reminders that did not leave in time: whose session it is, while there is still something to be done about it."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from outbox.models import Message
from outbox.selectors import messages_for
from practice.models import User
from sessions.leaving import named
from sessions.models import ClientSession
from sessions.reminders import REMINDER
from sessions.selectors import Row
from sessions.told import why_no_mail
from vault.services import warm

SHOWN_FOR = timedelta(days=1)
State = Message.State


def missed(viewer: User) -> list[Row]:
    """Return the viewer's sessions of which no reminder left, the nearest first; at most three queries.

    A session is among them until it is over, or for a day after it began where nobody has said how it went. Whoever
    would not have been mailed anyway, was reminded by another rule, or still will be, is not.
    """
    now = timezone.now()
    expired = Message.objects.filter(kind=REMINDER, state=State.EXPIRED, expires_at__gt=now - SHOWN_FOR)
    mine = ClientSession.visible_to(viewer).filter(pk__in=expired.values("subject_id"), status__in=ClientSession.AHEAD)
    rows = mine.filter(Q(ends_at__gt=now) | Q(starts_at__gt=now - SHOWN_FOR)).select_related("client").defer("place")
    sessions = list(rows.order_by("starts_at"))
    if not sessions:
        return []
    mails = messages_for(session.pk for session in sessions)
    warm(session.client_id for session in sessions)
    return named([each for each in sessions if _is_missed(each, mails[each.pk]) and not why_no_mail(each.client)])


def _is_missed(session: ClientSession, mails: list[Message]) -> bool:
    """Say whether every reminder of the session as it stands ran out of time."""
    current = [mail for mail in mails if mail.kind == REMINDER and mail.key.endswith(f":{session.revision}")]
    states = {mail.state for mail in current} - {State.DROPPED}
    return states == {State.EXPIRED}
