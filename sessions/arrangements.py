"""Deeds that settle something about the diary for good: its rules, kinds of session, working hours, what was agreed.

What is as it was leaves no row in the trail. Of two people who settle the same thing, the later one's word stands.
"""

from collections.abc import Collection, Mapping
from datetime import date, time, timedelta
from typing import TypedDict, Unpack

from django.db import IntegrityError, models, transaction

from clients.handing_over import refuse_handed_over
from clients.models import Client
from practice import trail
from practice.models import User
from sessions.diary import lock_diary
from sessions.models import Agreement, DiaryRules, SessionType, WorkingHours

# A weekday (0 is Monday), from when and until when.
Span = tuple[int, time, time]


class Rules(TypedDict):
    """The columns of DiaryRules that somebody settles."""

    notify_booked: bool
    notify_moved: bool
    notify_cancelled: bool
    notice_delay: timedelta
    late_within: timedelta
    clients_may_cancel: bool
    offers_slots: bool
    soon_within: timedelta
    review_before: int


class TypeDetails(TypedDict):
    """What a kind of session usually takes."""

    name: str
    length: timedelta
    buffer: timedelta
    mode: str
    place: str
    fee_pence: int | None


class TypeNameTaken(Exception):
    """Another kind of session that is offered has this name."""


@transaction.atomic
def change_rules(*, actor: User, **rules: Unpack[Rules]) -> list[str]:
    """Settle what clients are told and may do; return which columns changed. Locks the row."""
    if not _differing(DiaryRules.current(), rules):
        return []
    DiaryRules.objects.get_or_create(only_row=True)
    kept = DiaryRules.objects.select_for_update(no_key=True).get()
    changed = _write(kept, rules)
    if changed:
        trail.record("diary.rules", actor=actor, subject=kept, changed=", ".join(changed))
    return changed


@transaction.atomic
def add_type(*, actor: User, **details: Unpack[TypeDetails]) -> SessionType:
    """Offer one more kind of session, after the others. Raises TypeNameTaken."""
    last = SessionType.objects.aggregate(last=models.Max("position"))["last"]
    kind = SessionType(**details, position=0 if last is None else last + 1)
    _refuse_name(kind)
    _save_named(kind, None)
    trail.record("session_type.add", actor=actor, subject=kind)
    return kind


@transaction.atomic
def change_type(*, actor: User, kind: SessionType, **details: Unpack[TypeDetails]) -> list[str]:
    """Change what a kind of session usually takes; return which columns changed. Sessions that have it stay.

    Locks the row. Raises TypeNameTaken.
    """
    kept = _locked(kind)
    changed = _differing(kept, details)
    if not changed:
        return []
    for name in changed:
        setattr(kept, name, dict(details)[name])
    _refuse_name(kept)
    _save_named(kept, changed)
    trail.record("session_type.change", actor=actor, subject=kept, changed=", ".join(changed))
    return changed


@transaction.atomic
def archive_type(*, actor: User, kind: SessionType) -> None:
    """Offer a kind of session no more; sessions that have it keep it. Locks the row."""
    kept = _locked(kind)
    if kept.is_archived:
        return
    kept.is_archived = True
    kept.save(update_fields=["is_archived"])
    trail.record("session_type.archive", actor=actor, subject=kept)


@transaction.atomic
def restore_type(*, actor: User, kind: SessionType) -> None:
    """Offer a kind of session again. Locks the row. Raises TypeNameTaken."""
    kept = _locked(kind)
    if not kept.is_archived:
        return
    kept.is_archived = False
    _refuse_name(kept)
    _save_named(kept, ["is_archived"])
    trail.record("session_type.restore", actor=actor, subject=kept)


@transaction.atomic
def change_hours(*, actor: User, spans: Collection[Span]) -> bool:
    """Write the actor's working hours; return whether they changed. Spans of one day do not overlap.

    Locks the diary, as bookings do.
    """
    lock_diary(actor.pk)
    kept = WorkingHours.objects.filter(counsellor=actor)
    wanted = set(spans)
    if set(kept.values_list("weekday", "from_time", "until_time")) == wanted:
        return False
    kept.delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(counsellor=actor, weekday=day, from_time=begins, until_time=ends)
        for day, begins, ends in sorted(wanted)
    )
    trail.record("hours.change", actor=actor, subject=actor)
    return True


@transaction.atomic
def agree(*, actor: User, client: Client, sessions: int, counts_from: date) -> bool:
    """Write how many sessions are agreed with a client, counted from a day on; return whether that changed.

    Locks the counsellor's diary. Raises HandedOver.
    """
    _lock_for(client)
    # The lock on the diary holds for the agreement too: it is written nowhere else.
    of_client = Agreement.unscoped.filter(client=client)  # no viewer: the caller holds the client
    kept = of_client.first() or Agreement(client=client)
    if not kept._state.adding and (kept.sessions, kept.counts_from) == (sessions, counts_from):
        return False
    kept.sessions, kept.counts_from = sessions, counts_from
    kept.save()
    trail.record(
        "agreement.change",
        actor=actor, subject=kept, reference=client.reference, number=sessions, first_day=counts_from,
    )  # fmt: skip
    return True


@transaction.atomic
def clear_agreement(*, actor: User, client: Client) -> bool:
    """Take away the agreed number; return whether there was one. Locks the counsellor's diary. Raises HandedOver."""
    _lock_for(client)
    of_client = Agreement.unscoped.filter(client=client)  # no viewer: the caller holds the client
    kept = of_client.first()
    if kept is None:
        return False
    of_client.delete()
    trail.record("agreement.clear", actor=actor, subject=kept, reference=client.reference)
    return True


def _lock_for(client: Client) -> None:
    lock_diary(client.counsellor_id)
    refuse_handed_over({client.pk}, client.counsellor_id)


def _locked(kind: SessionType) -> SessionType:
    return SessionType.objects.select_for_update(no_key=True).get(pk=kind.pk)


def _differing(row: models.Model, wanted: Mapping[str, object]) -> list[str]:
    return [name for name, value in wanted.items() if getattr(row, name) != value]


def _write(row: models.Model, wanted: Mapping[str, object]) -> list[str]:
    """Write what differs, and return the names of its columns."""
    changed = _differing(row, wanted)
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        row.save(update_fields=changed)
    return changed


def _refuse_name(kind: SessionType) -> None:
    """Raise TypeNameTaken where another that is offered is called the same, by whatever capitals."""
    offered = SessionType.objects.filter(is_archived=False).exclude(pk=kind.pk)
    folded = kind.name.casefold()
    if not kind.is_archived and any(name.casefold() == folded for name in offered.values_list("name", flat=True)):
        raise TypeNameTaken


def _save_named(kind: SessionType, columns: list[str] | None) -> None:
    """Save, and read the refusal of a name that somebody else took at this moment."""
    try:
        with transaction.atomic():
            kind.save(update_fields=columns)
    except IntegrityError as error:
        raise TypeNameTaken from error
