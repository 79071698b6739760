"""Deeds on the waiting list: put a client on it, change what would suit, take them off."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from clients.handing_over import HandedOver
from clients.models import Client
from practice import trail
from practice.models import User
from sessions.models import ClientSession, SessionType, WaitingEntry
from sessions.parts import tidy

Left = WaitingEntry.Left


class AlreadyWaiting(Exception):
    """The client is on the list already."""


class NotWaiting(Exception):
    """The client is on the list no more."""


@transaction.atomic
def wait(
    *,
    actor: User,
    client: Client,
    urgency: str,
    times: Iterable[str] = (),
    session_type: SessionType | None = None,
    note: str = "",
) -> WaitingEntry:
    """Put a client on the list; `times` are parts of the week (sessions/parts.py), none for any time.

    Locks the client. Raises AlreadyWaiting; HandedOver where the client is another counsellor's by now; ValueError
    where the work with the client has ended, or for an unknown urgency or part of the week.
    """
    entry = WaitingEntry(
        client=client, urgency=_known(urgency), times=tidy(times), session_type=session_type, note=note
    )  # fmt: skip
    now = _locked(client)
    if now.state != Client.State.ACTIVE:
        raise ValueError("The work with this client has ended.")
    if _open_entries(client).exists():
        raise AlreadyWaiting
    entry.save(force_insert=True)
    _record("waiting.add", actor, entry, urgency=entry.urgency)
    return entry


@transaction.atomic
def change_waiting(
    *,
    actor: User,
    entry: WaitingEntry,
    urgency: str,
    times: Iterable[str] = (),
    session_type: SessionType | None = None,
    note: str = "",
) -> WaitingEntry:
    """Write what differs; the same again changes nothing. How long the client has waited stays.

    Locks the client. Raises NotWaiting, HandedOver; ValueError as `wait`; VaultError where the note does not open.
    """
    _locked(entry.client)
    kept = _still_open(entry)
    values = {"urgency": _known(urgency), "times": tidy(times), "session_type": session_type, "note": note}
    changed = [name for name, value in values.items() if getattr(kept, name) != value]
    if not changed:
        return kept
    for name in changed:
        setattr(kept, name, values[name])
    kept.save(update_fields=changed)
    _record("waiting.change", actor, kept, columns=", ".join(changed))
    return kept


@transaction.atomic
def stop_waiting(*, actor: User, entry: WaitingEntry) -> None:
    """Take a client off the list. Locks the client. Raises NotWaiting, HandedOver."""
    _locked(entry.client)
    kept = _still_open(entry)
    kept.left_at, kept.left_why = timezone.now(), Left.TAKEN_OFF
    kept.save(update_fields=["left_at", "left_why"])
    _record("waiting.leave", actor, kept)


def leave_on_booking(client: Client, *, at: datetime | None = None) -> bool:
    """Take a client off the list because a session is being booked for them. Say whether they were on it.

    `at` is when it was booked, by which `wait_again` finds the entry. In the booking's transaction and under its locks;
    the booking's own row in the trail says what was done.
    """
    return bool(_open_entries(client).update(left_at=at or timezone.now(), left_why=Left.BOOKED))


def wait_again(session: ClientSession) -> bool:
    """Put a client back on the list whom this booking had taken off: it is being undone. Say whether it had.

    In the undoing's transaction and under its locks.
    """
    if _open_entries(session.client).exists():
        return False
    return bool(_left_with(session).update(left_at=None, left_why=""))


def has_left_with(session: ClientSession) -> bool:
    """Say whether this booking took its client off the list."""
    return _left_with(session).exists()


def _known(urgency: str) -> str:
    return WaitingEntry.Urgency(urgency).value


def _locked(client: Client) -> Client:
    """Return the client as they are now, locked. Raise HandedOver."""
    rows = Client.unscoped.select_for_update(no_key=True)  # no viewer: the caller holds the row
    now = rows.get(pk=client.pk)
    if now.counsellor_id != client.counsellor_id:
        raise HandedOver
    return now


def _open_entries(client: Client) -> QuerySet[WaitingEntry]:
    return WaitingEntry.unscoped.filter(client=client, left_at=None)  # no viewer: the caller holds the client


def _left_with(session: ClientSession) -> QuerySet[WaitingEntry]:
    rows = WaitingEntry.unscoped.filter(client=session.client_id)  # no viewer: the caller holds the session
    return rows.filter(left_at=session.booked_at, left_why=Left.BOOKED)


def _still_open(entry: WaitingEntry) -> WaitingEntry:
    """Return the entry as it is now, locked, so that a booking meanwhile counts. Raise NotWaiting."""
    rows = _open_entries(entry.client).filter(pk=entry.pk).select_related("client")
    kept = rows.select_for_update(of=("self",), no_key=True).first()
    if kept is None:
        raise NotWaiting
    return kept


def _record(deed: str, actor: User, entry: WaitingEntry, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=entry, reference=entry.client.reference, **detail)
