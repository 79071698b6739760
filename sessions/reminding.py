"""Deeds on rules of reminding, and planning anew what they change."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clients.models import Client
from practice import trail
from practice.models import Practice, User
from sessions.diary import lock_diary, locked_all, plan_mail
from sessions.models import ClientSession, DiaryRules, ReminderSet
from sessions.reminders import in_words, moment_of

BATCH = 100


def set_of(
    *, session: ClientSession | None = None, client: Client | None = None, counsellor: User | None = None
) -> ReminderSet | None:
    """Return the set that is somebody's own; with no argument the practice's. None where there is none."""
    return ReminderSet.objects.filter(session=session, client=client, counsellor=counsellor).first()


@transaction.atomic
def set_rules(
    *,
    actor: User,
    rules: Sequence[str] | None,
    session: ClientSession | None = None,
    client: Client | None = None,
    counsellor: User | None = None,
) -> bool:
    """Give a session, a client, a counsellor or (with none) the practice rules of its own; None takes them away.

    Planned mail follows: of a session or a client at once, else at the sweep's next round (sessions.tasks.sweep).
    Return whether anything changed. Locks the diary in hand (for the practice's rules all of them), then the practice's
    row. Raise ValueError for a rule that is none, or more than one owner.
    """
    if sum(owner is not None for owner in (session, client, counsellor)) > 1:
        raise ValueError("Rules of reminding belong to one.")
    wanted = None if rules is None else _checked(rules)
    owner = session or client
    diary = owner.counsellor_id if owner is not None else None
    _lock_diaries(counsellor.pk if counsellor else diary)
    Practice.objects.select_for_update(no_key=True).get()
    before = set_of(session=session, client=client, counsellor=counsellor)
    if (before.rules if before else None) == wanted:
        return False
    if before is not None:
        before.delete()
    if wanted is not None:
        ReminderSet.objects.create(session=session, client=client, counsellor=counsellor, rules=wanted)
    _mark_stale(session, client, counsellor)
    if diary is not None:
        plan_stale(diary)
    person = session.client if session else client
    trail.record(
        "reminders.change",
        actor=actor,
        subject=session or client or counsellor or Practice.current(),
        reference=person.reference if person else "",
        rules="usual" if wanted is None else ", ".join(in_words(rule) for rule in wanted) or "none",
    )
    return True


def _lock_diaries(counsellor_id: UUID | None) -> None:
    """Lock one diary, or all of them in the order in which a hand-over locks two."""
    diaries = User.objects.order_by("pk").select_for_update(no_key=True)
    list(diaries.filter(pk=counsellor_id) if counsellor_id is not None else diaries)


def _checked(rules: Sequence[str]) -> list[str]:
    """Return each rule once. Raise ValueError for one that is none."""
    for rule in rules:
        moment_of(rule, timezone.now())
    return sorted(set(rules))


def _mark_stale(session: ClientSession | None, client: Client | None, counsellor: User | None) -> None:
    ahead = ClientSession.unscoped.filter(  # no viewer: a mark on rows whose mail is to be planned anew
        status__in=ClientSession.AHEAD, starts_at__gt=timezone.now()
    )
    if session is not None:
        ahead = ahead.filter(pk=session.pk)
    elif client is not None:
        ahead = ahead.filter(client=client)
    elif counsellor is not None:
        ahead = ahead.filter(counsellor=counsellor)
    ahead.update(is_plan_stale=True)


@transaction.atomic
def plan_stale(counsellor_id: UUID, *, most: int = BATCH) -> int:
    """Plan the mail of a counsellor's sessions anew whose rules have changed. Locks the diary. Return how many."""
    lock_diary(counsellor_id)
    rows = ClientSession.unscoped.filter(counsellor_id=counsellor_id, is_plan_stale=True)  # no viewer: planned mail
    stale = list(rows.order_by("starts_at").values_list("pk", flat=True)[:most])
    for session in locked_all(stale):
        plan_mail(session)
    return len(stale)


@transaction.atomic
def follow_mail_hours() -> bool:
    """Mark every session ahead where the practice's mail hours have changed since. Return whether they had."""
    practice = Practice.objects.first()
    if practice is None:
        return False
    hours = f"{practice.mail_from_time:%H:%M}-{practice.mail_until_time:%H:%M}"
    if DiaryRules.current().planned_for == hours:
        return False
    _lock_diaries(None)
    DiaryRules.objects.get_or_create(only_row=True)
    DiaryRules.objects.update(planned_for=hours)
    _mark_stale(None, None, None)
    return True


def sweep_stale() -> int:
    """Plan what is marked, a diary at a time, each in batches of its own. Return how many sessions that were."""
    marked = ClientSession.unscoped.filter(is_plan_stale=True)  # no viewer: planned mail
    done = 0
    for counsellor_id in marked.order_by("counsellor").values_list("counsellor", flat=True).distinct():
        while planned := plan_stale(counsellor_id):
            done += planned
    return done
