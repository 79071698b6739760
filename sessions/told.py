"""Who hears by mail that a session moves or is cancelled, and whom the counsellor tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from clients.letters import why_not
from clients.models import Client
from outbox.models import Message
from practice.clock import next_mail_moment
from practice.models import Practice
from sessions.models import ClientSession, DiaryRules
from sessions.notices import NOTICE
from vault.errors import VaultError

_WHY_NOT = {
    "client has not agreed to e-mail": "they haven't agreed to e-mail",
    "client stopped e-mails": "they have stopped e-mails",
    "no e-mail address": "there is no e-mail address on their record",
    "work has ended": "the work with them has ended",
}


@dataclass(frozen=True)
class Telling:
    """Whether a client hears by mail of whatever happens to a session, and a sentence that says so."""

    is_by_mail: bool
    text: str


def telling(sessions: Sequence[ClientSession]) -> dict[UUID, Telling]:
    """Return for each session whether its client would hear of a change by mail; three queries."""
    known, rules, practice = _known(sessions), DiaryRules.current(), Practice.current()
    return {session.pk: _telling(session, session.pk in known, rules, practice) for session in sessions}


def _telling(session: ClientSession, is_known: bool, rules: DiaryRules, practice: Practice) -> Telling:
    why = _why_no_mail_can(session, rules, practice) or _which_change_is_untold(is_known, rules)
    if why:
        return Telling(False, f"{why} Please let them know yourself.")
    return Telling(True, "Told by mail, whether it moves or is cancelled.")


def _why_no_mail_can(session: ClientSession, rules: DiaryRules, practice: Practice) -> str:
    reason = why_no_mail(session.client)
    if reason:
        return f"Not told by mail, since {reason}."
    if next_mail_moment(timezone.now() + rules.notice_delay, practice) >= session.starts_at:
        return "It begins too soon for a mail."
    return ""


def _which_change_is_untold(is_known: bool, rules: DiaryRules) -> str:
    if not rules.notify_moved and not rules.notify_cancelled:
        return "The practice sends no mail about such changes."
    if not rules.notify_cancelled:
        return "Told by mail if it moves, not if it is cancelled."
    if not is_known:
        return "No mail has told them of it so far, so none says that it is cancelled."
    return "" if rules.notify_moved else "Told by mail if it is cancelled, not if it moves."


def _known(sessions: Sequence[ClientSession]) -> set[UUID]:
    """Return those of which the client knows, as far as we can tell: by a mail that left, or by word of mouth."""
    left = Message.objects.filter(kind=NOTICE, subject_id__in=[session.pk for session in sessions])
    told = left.exclude(dispatched_at=None).values_list("subject_id", flat=True)
    return set(told) | {session.pk for session in sessions if session.known}


def why_no_mail(client: Client) -> str:
    """Return why a client cannot be mailed, as half a sentence; empty where they can."""
    try:
        reason = why_not(client)
    except VaultError:
        return "the e-mail address on their record does not open"
    return _WHY_NOT[reason] if reason else ""


def untold(sessions: Sequence[ClientSession]) -> list[ClientSession]:
    """Return those of the changed sessions of which no mail tells the client as they stand now; one query."""
    mails = Message.objects.filter(kind=NOTICE, subject_id__in=[session.pk for session in sessions])
    good = [mail for mail in mails if mail.is_waiting or mail.state == Message.State.SENT]
    told = {(mail.subject_id, int(mail.key.rpartition(":")[2])) for mail in good}
    return [each for each in sessions if _is_untold(each, told)]


def _is_untold(session: ClientSession, told: set[tuple[UUID, int]]) -> bool:
    return (session.pk, session.version) not in told or bool(why_no_mail(session.client))
