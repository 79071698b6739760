"""Taking a deed on the diary back: every row as it was, or nothing at all. Its planned mail follows.

A deed writes down how things stood (`remember`). For ten minutes whoever did it may take it back, as long as nobody has
changed the same rows since and no client has been told by a mail of what would be unmade.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_time

import outbox.services
from clients.models import Client
from outbox.models import Message
from practice import trail
from practice.models import User
from sessions.diary import held_free, lock_diary, plan_mail, step_aside
from sessions.models import ClientSession, DiaryChange, Series, TimeOff
from sessions.series_notices import has_left, tell, unsaid_before
from sessions.settling import reopen_moves
from sessions.waiting import wait_again

LASTS = timedelta(minutes=10)
KEPT = timedelta(hours=1)
_State = Message.State
# What is written down of each row: never anything sealed.
_COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    ClientSession: (
        "starts_at", "ends_at", "mode", "status", "buffer", "fee_pence", "session_type_id", "series_id",
        "occurrence_on", "revision", "known", "known_version",
    ),
    Series: ("until_on", "count", "planned_until", "ended_at"),
    TimeOff: ("kind", "starts_at", "ends_at"),
}  # fmt: skip
# Sessions come first and series last, so that nothing points at what is gone.
_ORDER: tuple[type[models.Model], ...] = (ClientSession, TimeOff, Series)
Row = ClientSession | Series | TimeOff


class CannotUndo(Exception):
    """The deed cannot be taken back any more. Says why, for the counsellor."""


@dataclass(frozen=True)
class Was:
    """How a row stood before a deed; `columns` is None where the deed made it."""

    row: Row
    columns: dict[str, Any] | None

    @classmethod
    def of(cls, row: Row) -> "Was":
        """Write down a row that a deed is about to change."""
        return cls(row, {name: _plain(getattr(row, name)) for name in _COLUMNS[type(row)]})

    @classmethod
    def new(cls, row: Row) -> "Was":
        """Say that the deed has made this row."""
        return cls(row, None)


def remember(actor: User | None, *, subject: Row, before: Sequence[Was]) -> None:
    """Let a deed be taken back. Call it once the rows are written: their versions are part of it."""
    if actor is None:  # the client did it, by their link
        return
    rows = [
        {"table": type(was.row).__name__, "id": str(was.row.pk), "version": was.row.version, "was": was.columns}
        for was in before
    ]
    DiaryChange.unscoped.create(  # no viewer: it is made for its actor
        actor=actor, subject_id=subject.pk, subject_version=subject.version, before=rows
    )


def change_of(row: Row) -> DiaryChange | None:
    """Return the deed that left a row as it is, while it may be taken back."""
    changes = DiaryChange.unscoped.filter(subject_id=row.pk, subject_version=row.version)  # no viewer: the row in hand
    return changes.filter(undone_at=None, made_at__gt=timezone.now() - LASTS).order_by("-made_at").first()


@transaction.atomic
def undo(*, actor: User, change: DiaryChange) -> list[ClientSession]:
    """Take a deed back and return its sessions as they stand again, without those that it had made.

    Locks the diaries, then the rows. Raise CannotUndo; DiaryClash where somebody has taken the old time meanwhile.
    """
    _lock_diaries(change, actor)
    change = DiaryChange.unscoped.select_for_update(no_key=True).get(pk=change.pk)  # no viewer: the caller's own
    if change.undone_at is not None:
        raise CannotUndo("This has been undone already.")
    if change.made_at <= timezone.now() - LASTS:
        raise CannotUndo("This can no longer be undone. The diary is as you left it.")
    before = _rows(change, actor)
    change.undone_at = timezone.now()
    change.save(update_fields=["undone_at"])
    restored = _take_back(before)
    for session in restored:
        plan_mail(session)
    reopen_moves(restored, change.made_at)
    _record(actor, before)
    return restored


def _take_back(before: Sequence[Was]) -> list[ClientSession]:
    """Bring every row back, and take away what the deed had made. Return the sessions that stand again."""
    made = [was for was in before if was.columns is None]
    # What the deed had made goes first: it may stand where another session is to be again.
    _unmake([was for was in made if isinstance(was.row, ClientSession)])
    changed = [was for was in before if was.columns is not None]
    for was in changed:
        if not isinstance(was.row, ClientSession):
            _restore(was)
    restored = _restore_sessions([was for was in changed if isinstance(was.row, ClientSession)])
    _unmake([was for was in made if not isinstance(was.row, ClientSession)])
    _take_back_series_notices(before)
    return restored


def _record(actor: User, before: Sequence[Was]) -> None:
    """Leave a row for each session; for a deed without any, one for what it was about."""
    sessions = [was.row for was in before if isinstance(was.row, ClientSession)]
    for session in sessions:
        trail.record("session.undo", actor=actor, subject=session, reference=session.client.reference)
    for was in before if not sessions else []:
        trail.record("session.undo", actor=actor, subject=was.row)


def sweep() -> int:
    """Forget deeds that can no longer be taken back. Return how many."""
    return DiaryChange.unscoped.filter(made_at__lte=timezone.now() - KEPT).delete()[0]  # no viewer: out of date


def _lock_diaries(change: DiaryChange, actor: User) -> None:
    """Lock the actor's diary and that of a former counsellor whose past session this is, ordered as in a hand-over."""
    ids = [row["id"] for row in change.before if row["table"] == ClientSession.__name__]
    rows = ClientSession.unscoped.filter(pk__in=ids)  # no viewer: whose diaries they stand in
    for counsellor_id in sorted({actor.pk, *rows.values_list("counsellor", flat=True)}):
        lock_diary(counsellor_id)


def _rows(change: DiaryChange, actor: User) -> list[Was]:
    """Return the rows locked, each as the deed left it. Raise CannotUndo where one has changed since."""
    found = []
    for model in _ORDER:
        wanted = {UUID(row["id"]): row for row in change.before if row["table"] == model.__name__}
        rows: Iterable[Any] = (
            model._base_manager.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",), no_key=True)
        )
        by_pk = {row.pk: row for row in rows}
        for pk, row in wanted.items():
            if pk not in by_pk or by_pk[pk].version != row["version"] or _whose(by_pk[pk]) != actor.pk:
                raise CannotUndo("Something has changed here since, so this stays as it is.")
            if _is_over_with(by_pk[pk]):
                raise CannotUndo("The work with this client has ended, so nothing is booked by taking this back.")
            found.append(Was(by_pk[pk], row["was"]))
    return found


def _is_over_with(row: Row) -> bool:
    return not isinstance(row, TimeOff) and row.client.state == Client.State.ENDED


def _whose(row: Row) -> UUID:
    """Return who sees a row by now: a past session keeps its counsellor when its client is handed over."""
    return row.counsellor_id if isinstance(row, TimeOff) else row.client.counsellor_id


def _restore_sessions(before: Sequence[Was]) -> list[ClientSession]:
    """Put sessions back where they were. Together they may have changed places, so all step out of the diary first."""
    step_aside([was.row.pk for was in before])
    restored = []
    for was in before:
        session = was.row
        assert isinstance(session, ClientSession)  # noqa: S101 - the caller chose them
        _set(was)
        if session.is_cancelled:
            session.save(update_fields=_written(was))
        else:
            with held_free(session, may_be_past=True):
                session.save(update_fields=_written(was))
        restored.append(session)
    return restored


def _restore(was: Was) -> None:
    _set(was)
    was.row.save(update_fields=_written(was))


def _set(was: Was) -> None:
    for name, value in (was.columns or {}).items():
        setattr(was.row, name, _typed(was.row, name, value))
    was.row.version += 1


def _written(was: Was) -> list[str]:
    return [*(was.columns or {}), "version"]


def _unmake(made: Sequence[Was]) -> None:
    """Take away rows that the deed had made. Raise CannotUndo where something hangs on one, or a client was told."""
    for was in made:
        if isinstance(was.row, ClientSession):
            if _is_told(was.row.pk) or _is_used(was.row):
                raise CannotUndo("The client has been told of this, or something hangs on it: cancel it instead.")
            outbox.services.drop([was.row.pk], reason="booking undone")
            _forget_planned(was.row.pk)
            wait_again(was.row)
        type(was.row)._base_manager.filter(pk=was.row.pk).delete()


def _is_told(subject_id: UUID) -> bool:
    rows = Message.objects.filter(subject_id=subject_id)
    return rows.exclude(dispatched_at=None).exclude(state__in=(_State.FAILED, _State.DROPPED)).exists()


def _is_used(session: ClientSession) -> bool:
    """Say whether a row of any room refers to this session: a note prepared for it, an exercise, a reply."""
    for relation in ClientSession._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            rows = relation.related_model._base_manager.filter(**{relation.field.name: session})
            if rows.exists():
                return True
    return False


def _forget_planned(subject_id: UUID) -> None:
    """Let the mails of a booking that never was leave no line in the list of mail."""
    Message.objects.filter(subject_id=subject_id, state=_State.DROPPED, dispatched_at=None).delete()


def _take_back_series_notices(before: Sequence[Was]) -> None:
    """Drop what was to tell of a series' change; what waited to be said before it waits again. Raise CannotUndo."""
    for was in before:
        if not isinstance(was.row, Series):
            continue
        # Each deed on a series has a notice of its own, which bears the version that it left.
        version = was.row.version - (was.columns is not None)
        if has_left(was.row, version) or outbox.services.drop([was.row.pk], reason="undone").on_their_way:
            raise CannotUndo("The client has been told of this already, so it stays as it is.")
        if was.columns is not None:
            tell(was.row, unsaid_before(was.row, version - 1))


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value) if isinstance(value, UUID) else value


def _typed(row: Row, name: str, value: Any) -> Any:
    if value is None:
        return None
    column = row._meta.get_field(name.removesuffix("_id"))
    parsers: dict[type[Any], Callable[[Any], Any]] = {
        models.DateTimeField: parse_datetime,
        models.DateField: parse_date,
        models.TimeField: parse_time,
        models.DurationField: lambda seconds: timedelta(seconds=seconds),
        models.ForeignKey: UUID,
    }
    parser = parsers.get(type(column))
    return parser(value) if parser is not None else value
