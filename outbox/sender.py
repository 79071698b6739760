"""The sender: claims due rows, asks their kind for the mail, marks, sends, and writes what became of it."""

import smtplib
import threading
import time
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from outbox import claims, epoch, services, smtp, verdicts
from outbox.claims import Verdict
from outbox.kinds import Dropped, Later, Mail, kind_of
from outbox.models import Message
from outbox.smtp import Outcome, Reply
from outbox.verdicts import DATABASE_ERRORS
from vault.errors import KeyRingError

log = structlog.get_logger("beside.outbox")
State = Message.State

SENDERS = 4  # one connection each: a relay 50 ms away is otherwise the limit
MAILS_A_CONNECTION = 100
WRONG_KEYS = "The vault's keys do not fit this database, so no mail can be written: set VAULT_KEYS and restart."


@dataclass
class Tally:
    """What one tick did, in mails. `retried` will be tried again later."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0
    unsure: int = 0
    expired: int = 0
    retried: int = 0
    held: int = 0

    def add(self, other: "Tally") -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


def send_due(budget: timedelta = timedelta(seconds=50)) -> Tally:
    """Send what is due, for at most `budget`. Safe to run at any time, any number of times at once."""
    tally, now = Tally(), timezone.now()
    row = epoch.beat(now)
    if row is None:
        services.pause("The database was restored from a backup: mail that was due may have left already.")
        tally.held = services.hold_due(now)
        return tally
    tally.dropped = claims.drop_called_off(now)
    tally.expired = claims.expire_late(now)
    _recover_leases(now, tally)
    if row.paused_at is None:
        _send_all(time.monotonic() + budget.total_seconds(), tally)
    return tally


def _recover_leases(now: datetime, tally: Tally) -> None:
    """Take back rows whose worker died: never dispatched → planned again, dispatched → unknown."""
    rows = claims.leases_run_out(now)
    rows.filter(dispatched_at=None).update(state=State.PLANNED, token=None, lease_until=None)
    for message in rows.exclude(dispatched_at=None):
        verdict = verdicts.from_reply(message, Reply(Outcome.UNKNOWN, "the worker stopped while sending"))
        if verdicts.write(verdict):
            _count(tally, verdict)


def _send_all(stop_at: float, tally: Tally) -> None:
    first = _Sender(stop_at)
    try:
        if first.work(claims.claim()) == claims.BATCH and not first.is_refused:
            _send_rest(first, stop_at, tally)
    finally:
        first.hang_up()
        tally.add(first.tally)


def _send_rest(first: "_Sender", stop_at: float, tally: Tally) -> None:
    # A full batch: more is waiting. In-transaction callers (tests) see their own rows only, so they stay alone.
    helpers = [] if connection.in_atomic_block else [_Sender(stop_at) for _ in range(SENDERS - 1)]
    threads = [threading.Thread(target=_run_apart, args=(each,), name="outbox-sender") for each in helpers]
    for thread in threads:
        thread.start()
    try:
        first.run()
    finally:
        for thread in threads:
            thread.join()
        for each in helpers:
            tally.add(each.tally)


def _run_apart(sender: "_Sender") -> None:
    try:
        sender.run()
    except DATABASE_ERRORS as error:
        log.error("outbox.sender_stopped", error=type(error).__name__)
    finally:
        connection.close()
        close_old_connections()


class _Sender:
    """One connection and its loop. `pending` is the verdict on the mail before, not written yet."""

    def __init__(self, stop_at: float) -> None:
        self.stop_at = stop_at
        self.tally = Tally()
        self.smtp: smtplib.SMTP | None = None
        self.sent_on_connection = 0
        self.pending: Verdict | None = None
        self.is_refused = False

    def run(self) -> None:
        """Handle batches until nothing is due, the time is up, or the server does not want us; then hang up."""
        try:
            while not self.is_refused and time.monotonic() < self.stop_at:
                if not self.work(claims.claim()):
                    break
        finally:
            self.hang_up()

    def work(self, batch: list[Message]) -> int:
        """Handle a batch, then write the last verdict; the line stays open. Return the size of the batch."""
        try:
            for message in batch:
                if self.is_refused or time.monotonic() >= self.stop_at:
                    self._settle(verdicts.planned(message))
                else:
                    self._handle(message)
        finally:
            self._flush()
        return len(batch)

    def _handle(self, message: Message) -> None:
        try:
            self._try(message)
        except DATABASE_ERRORS as error:
            # Not the mail's fault: its lease runs out, and a later tick takes it up.
            log.error("mail.left", message=str(message.pk), kind=message.kind, error=type(error).__name__)
            self.hang_up()
            verdicts.reconnect()
        except KeyRingError as error:  # ours: no other mail could be written either
            log.error("mail.no_key", message=str(message.pk), kind=message.kind, error=type(error).__name__)
            self._settle(verdicts.planned(message))
            self._pause(WRONG_KEYS)
        except Exception as error:  # noqa: BLE001 - the top of the worker's loop: one bad row must not stop the others
            # The error's words may hold what a client said; its kind says enough.
            log.error("mail.failed", message=str(message.pk), kind=message.kind, error=type(error).__name__)
            self.hang_up()  # the dialogue may have stopped half-way
            reason = f"could not be written ({type(error).__name__})"
            self._settle(verdicts.settled(message, State.FAILED, reason=reason))

    def _try(self, message: Message) -> None:
        # Connecting may take half a minute. The mail is written after it, from what is true then.
        failure = self._connect()
        if failure is not None:
            self._after_error(message, failure)
            return
        mail = self._written(message)
        if isinstance(mail, Mail):
            self._send(message, mail)
        else:
            self._settle(verdicts.from_answer(message, mail))

    def _written(self, message: Message) -> Mail | Dropped | Later:
        # In no transaction: on SQLite one would hold the only write lock while a mail is laid out.
        mail = kind_of(message).render(message)
        if isinstance(mail, Mail):
            message.sent_copy = verdicts.copy_of(mail)
        return mail

    def _send(self, message: Message, mail: Mail) -> None:
        data = smtp.build(mail, message)
        copy = {"sent_copy": message._meta.get_field("sent_copy").pre_save(message, False)}
        if not self._mark(message):
            return  # dropped or recalled meanwhile, or the lease ran out: not ours to send
        reply = smtp.transmit(self._connection(), to=mail.to, data=data)
        self.sent_on_connection += 1
        if reply.outcome is Outcome.ACCEPTED:
            self._keep(verdicts.from_reply(message, reply, copy))
        else:
            self._after_error(message, reply, copy)

    def _after_error(self, message: Message, reply: Reply, copy: dict[str, Any] | None = None) -> None:
        self.hang_up()  # after any error a new connection
        self._settle(verdicts.from_reply(message, reply, copy))
        if reply.outcome is Outcome.OURS:
            self._pause(f"The mail server does not accept our sign-in or sender ({reply.text}).")

    def _pause(self, reason: str) -> None:
        services.pause(reason)
        self.is_refused = True

    # --- verdicts -------------------------------------------------------------------------------
    def _mark(self, message: Message) -> bool:
        """Set the dispatch mark, and write the verdict on the mail before with it. False: do not send this mail."""
        try:
            is_ours = claims.mark_dispatched(message, self.pending)
        except (DatabaseError, InterfaceError):
            if self.pending is None:
                raise
        else:
            self.pending = None
            return is_ours
        # Whose fault it was shows when each is written by itself.
        self._flush()
        return claims.mark_dispatched(message, None)

    def _keep(self, verdict: Verdict) -> None:
        self._flush()
        self.pending = verdict
        _count(self.tally, verdict)

    def _flush(self) -> None:
        verdict, self.pending = self.pending, None
        if verdict is not None:
            verdicts.write(verdict)

    def _settle(self, verdict: Verdict) -> None:
        if verdicts.write(verdict):
            _count(self.tally, verdict)

    # --- connection -----------------------------------------------------------------------------
    def _connection(self) -> smtplib.SMTP:
        assert self.smtp is not None  # noqa: S101 - _connect has just said so
        return self.smtp

    def _connect(self) -> Reply | None:
        """Have an open connection. Return what is wrong where there is none to be had."""
        if self.smtp is not None and self.sent_on_connection >= MAILS_A_CONNECTION:
            self.hang_up()
        if self.smtp is None:
            try:
                self.smtp = smtp.open_connection()
            except smtp.CONNECT_ERRORS as error:
                return smtp.connect_failure(error)
            self.sent_on_connection = 0
        return None

    def hang_up(self) -> None:
        """Close the line, politely where the server still listens."""
        if self.smtp is not None:
            try:
                self.smtp.quit()
            except smtp.CONNECT_ERRORS:
                self.smtp.close()
            self.smtp = None


def _count(tally: Tally, verdict: Verdict) -> None:
    name = {State.PLANNED: "retried"}.get(State(verdict.state), verdict.state)
    setattr(tally, name, getattr(tally, name) + 1)
