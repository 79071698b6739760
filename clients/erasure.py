"""Deeds on erasing a client: record that somebody asked, decline, hold, erase."""

import random
import time
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

import outbox.services
import vault.files
from clients import journal
from clients.holdings import counts_of, lock_all, open_request, rule_of
from clients.models import AskedBy, Client, ErasureRequest, Tombstone
from clients.span import span_of
from practice import clock, keeping, trail
from practice.models import User
from vault.models import DataKey
from vault.services import destroy_data_key

TRIES = 12
PATIENCE_MS = 400
_GIVES_WAY = {"55P03", "40P01"}  # lock not available, deadlock detected
State = ErasureRequest.State


class ClientGone(Exception):
    """The client has been erased or handed over meanwhile."""


class AskedAlready(Exception):
    """A request is open already."""


class NotAsked(Exception):
    """No request is open: nobody asked, or it was answered in another window."""


class ClientHeld(Exception):
    """A legal hold stands against it."""


class RuleRuns(Exception):
    """The time for which the record is kept is not over, and nobody said that they had considered it."""


class OthersAtWork(Exception):
    """Something else was being written about this client all the while. Nothing was erased."""


@dataclass(frozen=True)
class Destroyed:
    """What went, by name, and the id of the key that went with it."""

    counts: dict[str, int]
    data_key_id: UUID | None


@transaction.atomic
def ask_erasure(*, actor: User, client: Client, asked_by: str, received_on: date, note: str = "") -> ErasureRequest:
    """Record that somebody asked for a client to be erased. Nothing is erased by it.

    Locks the client. Raise AskedAlready, ClientGone; ValueError for a day that has not come.
    """
    if received_on > clock.today():
        raise ValueError("Nobody can have asked on a day that has not come.")
    client = _locked(client)
    if open_request(client) is not None:
        raise AskedAlready
    request = ErasureRequest(
        client=client, asked_by=AskedBy(asked_by), received_on=received_on, note=note, recorded_by=actor
    )
    request.save(force_insert=True)
    _record("client.erase_ask", actor, client, asked_by=request.asked_by, received_on=received_on)
    return request


@transaction.atomic
def decline_erasure(*, actor: User, request: ErasureRequest, why: str, note: str = "") -> ErasureRequest:
    """Close a request without erasing. Locks the client. Raise NotAsked where it is closed already, ClientGone."""
    client = _locked(request.client)
    asked = open_request(client)
    if asked is None or asked.request.pk != request.pk:
        raise NotAsked
    request.state, request.declined_why, request.closed_at = State.DECLINED, ErasureRequest.Why(why), timezone.now()
    request.declined_note = note or None
    request.save(update_fields=["state", "declined_why", "declined_note", "closed_at"])
    _record("client.erase_decline", actor, client, why=request.declined_why, received_on=request.received_on)
    return request


@transaction.atomic
def set_hold(*, actor: User, client: Client, reason: str) -> Client:
    """Keep a client from being erased; a hold that stands gets the new reason. The same again changes nothing.

    Locks the client. Raise ClientGone, ValueError for no reason, VaultError where the one that stands there is damaged.
    """
    if not reason.strip():
        raise ValueError("A hold has a reason.")
    client = _locked(client)
    if client.held_at is not None and client.hold_reason == reason:
        return client
    client.held_at, client.hold_reason = client.held_at or timezone.now(), reason
    client.save(update_fields=["held_at", "hold_reason"])
    _record("client.hold", actor, client)
    return client


@transaction.atomic
def lift_hold(*, actor: User, client: Client) -> Client:
    """Lift a hold. Where there is none, nothing changes. Locks the client. Raise ClientGone."""
    client = _locked(client)
    if client.held_at is None:
        return client
    client.held_at, client.hold_reason = None, ""
    client.save(update_fields=["held_at", "hold_reason"])
    _record("client.hold_lift", actor, client)
    return client


def erase_client(*, actor: User, client: Client, is_rule_considered: bool = False) -> Tombstone:
    """Erase a client: all rows, mails, files, kept words, links, and the data key. Only a tombstone stays.

    One transaction, which locks the client first: what others write about them at this moment is either there in time
    to be erased or is refused. Where a lock is not to be had it gives way and begins anew, a few times. Raise
    ClientGone, NotAsked, ClientHeld, RuleRuns, OthersAtWork.
    """
    for _ in range(TRIES):
        try:
            return _erase(actor, client, is_rule_considered)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in _GIVES_WAY:
                raise
            time.sleep(random.uniform(0.05, 0.25))  # noqa: S311 - so that two do not march in step
    raise OthersAtWork


@transaction.atomic
def _erase(actor: User, client: Client, is_rule_considered: bool) -> Tombstone:
    _be_patient()
    client = _locked(client)
    # Whoever has one of these rows may be waiting for the client's: it is erasing that gives way, at once.
    lock_all(client)
    if client.is_held:
        raise ClientHeld
    asked = open_request(client)
    if asked is None:
        raise NotAsked
    rule = rule_of(client)
    if rule.is_ahead(clock.today()) and not is_rule_considered:
        raise RuleRuns
    stone = tombstone_for(client, asked_by=asked.request.asked_by, received_on=asked.request.received_on)
    stone.kept_until, stone.is_rule_considered = rule.until, is_rule_considered
    bury(client, stone, erased_at=timezone.now(), erased_by=actor)
    _record(
        "client.erase", actor, client, asked_by=stone.asked_by, received_on=stone.received_on,
        kept_until=stone.kept_until, is_rule_considered=is_rule_considered,
    )  # fmt: skip
    return stone


def tombstone_for(client: Client, *, asked_by: str, received_on: date) -> Tombstone:
    """Return what will stay of a client, not saved yet."""
    span = span_of(client)
    return Tombstone(
        id=client.pk, reference=client.reference, counsellor_id=client.counsellor_id,
        admitted_on=clock.local(client.admitted_at).date(), first_session_on=span.first_on,
        last_session_on=span.last_on, asked_by=asked_by, received_on=received_on,
    )  # fmt: skip


def bury(client: Client, stone: Tombstone, *, erased_at: datetime, erased_by: User | None) -> None:
    """Destroy everything of a client and put up the tombstone, in the caller's transaction, which holds the client."""
    destroyed = destroy(client)
    stone.counts, stone.data_key_id = destroyed.counts, destroyed.data_key_id
    stone.erased_at, stone.erased_by = erased_at, erased_by
    try:
        stone.save(force_insert=True)
    except IntegrityError as error:
        raise ClientGone from error
    transaction.on_commit(afterwards)


def destroy(client: Client) -> Destroyed:
    """Delete all that there is of a client, and their data key, in the caller's transaction."""
    counts = counts_of(client)
    keys = DataKey.objects.filter(owner_id=client.pk)
    data_key_id = keys.values_list("id", flat=True).first()
    Client.unscoped.filter(pk=client.pk).delete()  # no viewer: the caller holds the row
    destroy_data_key(client.pk)
    # Once all of these rows are locked: what others planned or typed until then is there to be deleted.
    outbox.services.forget_owner(client.pk)
    keeping.forget_owner(client.pk)
    vault.files.remove_all(client.pk)
    return Destroyed(counts, data_key_id)


def afterwards() -> None:
    """Write the journal, and have SQLite move what it deleted out of its write-ahead log, zeroed."""
    journal.catch_up_or_say()
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _be_patient() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE_MS}ms'")


def _locked(client: Client) -> Client:
    """Return the row as it is now, locked where the database can, with their own counsellor still. Raise ClientGone."""
    rows = Client.unscoped.select_for_update()  # no viewer: the caller's own row
    found = rows.filter(pk=client.pk, counsellor=client.counsellor_id).first()
    if found is None:
        raise ClientGone
    return found


def _record(deed: str, actor: User, client: Client, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=client, reference=client.reference, **detail)
