"""The sender: claims due rows, asks their kind for the mail, marks, sends, and writes what became of it."""

import random
import smtplib
import threading
import time
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from outbox import claims, epoch, services, smtp
from outbox.claims import Verdict
from outbox.kinds import Dropped, Later, Mail, OnUnknown, kind_of, on_unknown
from outbox.models import Message
from outbox.smtp import Outcome, Reply

log = structlog.get_logger("beside.outbox")
State = Message.State

SENDERS = 4  # one connection each: a relay 50 ms away is otherwise the limit
MAILS_A_CONNECTION = 100
RETRY_AFTER = [timedelta(minutes=m) for m in (1, 5, 30, 120, 360)]
RETRY_JITTER = 0.2
# A lock that was not to be had, a server that restarts: it passes, and says nothing of the row.
DATABASE_ERRORS = (OperationalError, InterfaceError)


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
        verdict = _verdict(message, Reply(Outcome.UNKNOWN, "the worker stopped while sending"))
        if claims.settle(verdict):
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
                    self._settle(Verdict(message.pk, _token(message), State.PLANNED))
                else:
                    self._handle(message)
        finally:
            self._flush()
        return len(batch)

    def _handle(self, message: Message) -> None:
        try:
            mail = self._written(message)
            if isinstance(mail, Dropped):
                self._settle(_settled(message, State.DROPPED, reason=mail.reason[: services.REASON_LENGTH]))
            elif isinstance(mail, Later):
                self._settle(_put_off(message, mail))
            else:
                self._send(message, mail)
        except DATABASE_ERRORS as error:
            # Not the mail's fault: its lease runs out, and a later tick takes it up.
            log.error("mail.left", message=str(message.pk), kind=message.kind, error=type(error).__name__)
            self.hang_up()
        except Exception as error:  # noqa: BLE001 - the top of the worker's loop: one bad row must not stop the others
            # The error's words may hold what a client said; its kind says enough.
            log.error("mail.failed", message=str(message.pk), kind=message.kind, error=type(error).__name__)
            self.hang_up()  # the dialogue may have stopped half-way
            self._settle(_settled(message, State.FAILED, reason=f"could not be written ({type(error).__name__})"))

    def _written(self, message: Message) -> Mail | Dropped | Later:
        with transaction.atomic():
            mail = kind_of(message).render(message)
            if isinstance(mail, Mail):
                message.sent_copy = {"to": mail.to, "subject": mail.subject, "text": mail.text}
        return mail

    def _send(self, message: Message, mail: Mail) -> None:
        data = smtp.build(mail, message)
        copy = {"sent_copy": message._meta.get_field("sent_copy").pre_save(message, False)}
        failure = self._connect()
        if failure is not None:
            self._after_error(message, failure, copy)
            return
        is_ours = claims.mark_dispatched(message, self.pending)
        self.pending = None
        if not is_ours:
            return  # dropped meanwhile, or the lease ran out: not ours to send
        reply = smtp.transmit(self._connection(), to=mail.to, data=data)
        self.sent_on_connection += 1
        if reply.outcome is Outcome.ACCEPTED:
            self._keep(_verdict(message, reply, copy))
        else:
            self._after_error(message, reply, copy)

    def _after_error(self, message: Message, reply: Reply, copy: dict[str, Any]) -> None:
        self.hang_up()  # after any error a new connection
        self._settle(_verdict(message, reply, copy))
        if reply.outcome is Outcome.OURS:
            services.pause(f"The mail server does not accept our sign-in or sender ({reply.text}).")
            self.is_refused = True

    # --- verdicts -------------------------------------------------------------------------------
    def _keep(self, verdict: Verdict) -> None:
        self._flush()
        self.pending = verdict
        _count(self.tally, verdict)

    def _flush(self) -> None:
        if self.pending is not None:
            claims.settle(self.pending)
            self.pending = None

    def _settle(self, verdict: Verdict) -> None:
        if claims.settle(verdict):
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


def _token(message: Message) -> Any:
    return message.token


def _settled(message: Message, state: str, **changes: Any) -> Verdict:
    return Verdict(message.pk, _token(message), state, {"payload": None, **changes})


def _verdict(message: Message, reply: Reply, copy: dict[str, Any] | None = None) -> Verdict:
    """Turn a server's reply into what is written on the row."""
    now, said = timezone.now(), {"smtp_reply": reply.text}
    match reply.outcome:
        case Outcome.ACCEPTED:
            return _settled(message, State.SENT, sent_at=now, **said, **(copy or {}))
        case Outcome.REFUSED:
            return _settled(message, State.FAILED, reason="the mail server refused it", **said, **(copy or {}))
        case Outcome.OURS:
            return Verdict(message.pk, _token(message), State.PLANNED, {"dispatched_at": None, **said})
        case Outcome.LATER:
            again = {"dispatched_at": None, "due_at": _next_try(message, now), "attempts": message.attempts + 1}
            return Verdict(message.pk, _token(message), State.PLANNED, {**again, **said})
        case Outcome.UNKNOWN:
            return _unknown(message, said)


def _unknown(message: Message, said: dict[str, Any]) -> Verdict:
    if on_unknown(message) is OnUnknown.RESEND and message.resends == 0:
        changes = {"dispatched_at": None, "resends": 1, "due_at": timezone.now(), **said}
        return Verdict(message.pk, _token(message), State.PLANNED, changes)
    return _settled(message, State.UNSURE, reason="the connection was lost while sending", **said)


def _put_off(message: Message, answer: Later) -> Verdict:
    """Turn a kind's Later into what is written on the row. A moment that has passed is taken for the next tick."""
    if answer.due_at >= message.expires_at:
        return _settled(message, State.EXPIRED, reason="its time will have passed before it may leave")
    due_at = max(answer.due_at, timezone.now() + RETRY_AFTER[0])
    return Verdict(message.pk, _token(message), State.PLANNED, {"due_at": due_at})


def _next_try(message: Message, now: datetime) -> datetime:
    """Return when to try again: 1, 5, 30 min, 2 h, 6 h, each ± 20 % so that tries do not march in step."""
    wait = RETRY_AFTER[min(message.attempts, len(RETRY_AFTER) - 1)]
    return now + wait * random.uniform(1 - RETRY_JITTER, 1 + RETRY_JITTER)  # noqa: S311 - not a secret


def _count(tally: Tally, verdict: Verdict) -> None:
    name = {State.PLANNED: "retried"}.get(State(verdict.state), verdict.state)
    setattr(tally, name, getattr(tally, name) + 1)
