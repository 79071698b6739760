"""Deeds on a series: book it, change or end it from a session on, roll it forward. The past is never touched.

Each tells the client once, by a notice of the series' own, however many sessions it moves; a session that is changed by
itself later has notices of its own again.
"""

import structlog
from django.db import transaction
from django.utils import timezone

from clients.handing_over import refuse_handed_over
from clients.models import Client
from practice import clock, trail
from practice.models import User
from sessions import undoing
from sessions.diary import SessionChanged, SessionClosed, lock_diary, locked_all
from sessions.models import ClientSession, Series
from sessions.notices import What
from sessions.outlook import HORIZON
from sessions.recurrence import Rule
from sessions.series_changes import laid_out, shifted
from sessions.series_notices import tell, unsaid
from sessions.series_rows import (
    Choices,
    NothingToBook,
    SeriesHits,
    Terms,
    booked,
    cancel_rows,
    rolled,
)
from sessions.undoing import Was
from sessions.waiting import leave_on_booking
from vault.errors import VaultError

__all__ = [
    "ALL", "FOLLOWING", "THIS", "NothingToBook", "SeriesHits", "Terms", "book_series", "cancel_series", "change_series",
    "in_scope", "roll_series", "sweep",
]  # fmt: skip

log = structlog.get_logger("beside.sessions")
Status = ClientSession.Status
THIS, FOLLOWING, ALL = "this", "following", "all"


@transaction.atomic
def book_series(
    *,
    actor: User,
    client: Client,
    rule: Rule,
    terms: Terms,
    count: int | None = None,
    choices: Choices | None = None,
    on_holiday: str = Series.OnHoliday.SKIP,
) -> Series:
    """Book a series in the diary of the client's counsellor: its sessions up to its end, or up to HORIZON.

    `choices` says of each day that runs into something what becomes of it; None lets holidays, time off and other
    sessions be skipped. Of `count` sessions each takes place: a skipped day is made up for at the end. Locks the diary.
    Raise SeriesHits, NothingToBook; HandedOver; ValueError where the work with the client has ended.
    """
    if client.state != Client.State.ACTIVE:
        raise ValueError("The work with this client has ended.")
    lock_diary(client.counsellor_id)
    refuse_handed_over({client.pk}, client.counsellor_id)
    series = _made(client, client.counsellor, rule, terms, count, on_holiday)
    made = booked(series, rule, terms, count=count, choices=choices)
    leave_on_booking(client, at=made[0].booked_at)
    tell(series, [What.BOOKED])
    undoing.remember(actor, subject=series, before=[*map(Was.new, made), Was.new(series)])
    _record("series.book", actor, series, number=len(made), first_day=rule.first_on)
    for session in made:
        _record_session("session.book", actor, session, starts_at=session.starts_at)
    return series


@transaction.atomic
def change_series(
    *,
    actor: User,
    session: ClientSession,
    scope: str,
    version: int,
    rule: Rule,
    terms: Terms,
    choices: Choices | None = None,
) -> Series:
    """Give a session of a series and those that follow (or all that are ahead) another rhythm, time or terms.

    They keep their identity and their order (sessions/series_changes.py); what the new rule has too few of is booked,
    what it has too many of is cancelled. `rule` is meant from this session's own day on. The series as it was ends
    before, and a new one takes over, up to the same end. `version` is the series' own. Locks the diary, then the rows.
    Raise SessionChanged, SessionClosed where nothing of it is ahead, SeriesHits, NothingToBook.
    """
    series, going = _held(session, scope, version)
    before = [*map(Was.of, going), Was.of(series)]
    waiting = unsaid(series.pk, series.client_id)
    same_place = terms.place == series.place
    count = len(going) if series.count is not None else None
    rule = shifted(rule, series, session, going)
    _end_before(series)
    new = _made(series.client, series.counsellor, rule, terms, count, series.on_holiday, version=series.version)
    made = laid_out(new, series, rule, terms, going, choices)
    surplus = [each for each in going if each not in made]
    cancel_rows(surplus, Status.CANCELLED_BY_COUNSELLOR)
    # The new times do not name what has none any more.
    tell(series, waiting | {What.CANCELLED} if surplus and What.BOOKED not in waiting else waiting)
    tell(new, [What.BOOKED if What.BOOKED in waiting else What.MOVED])
    fresh = [Was.new(each) for each in made if each not in going]
    if same_place:  # what is sealed is not written down, so another place cannot be taken back
        undoing.remember(actor, subject=new, before=[*before, *fresh, Was.new(new)])
    _record("series.change", actor, new, number=len(made), first_day=rule.first_on)
    for each in [*made, *surplus]:
        deed = "session.cancel" if each in surplus else "session.book" if each not in going else "session.move"
        _record_session(deed, actor, each, starts_at=each.starts_at)
    return new


@transaction.atomic
def cancel_series(*, actor: User, session: ClientSession, scope: str, version: int, by: str) -> list[ClientSession]:
    """Cancel a session of a series and those that follow, or all that are ahead; nothing is added to it any more.

    Return what was cancelled. Locks the diary, then the rows. Raise SessionChanged, SessionClosed; ValueError where
    `by` is no way to cancel.
    """
    if by not in ClientSession.CANCELLED:
        raise ValueError(f"“{by}” is no way to cancel a session.")
    series, going = _held(session, scope, version)
    before = [*map(Was.of, going), Was.of(series)]
    waiting = unsaid(series.pk, series.client_id)
    _end_before(series)
    cancel_rows(going, by)
    # Whoever has not heard yet that it is booked hears of what is left of it, and of nothing that is gone.
    tell(series, [What.BOOKED] if What.BOOKED in waiting else [*waiting & {What.MOVED}, What.CANCELLED])
    undoing.remember(actor, subject=series, before=before)
    _record("series.cancel", actor, series, number=len(going), first_day=clock.local(going[0].starts_at).date())
    for each in going:
        _record_session("session.cancel", actor, each, by=by)
    return going


@transaction.atomic
def roll_series(series: Series) -> list[ClientSession]:
    """Book what an open series has come to by now, up to HORIZON from today; return what is new. Twice is once.

    Whatever it would run into is skipped, or kept where the series says so of holidays and leave; another session
    always has its place. Locks the diary, then the series.
    """
    lock_diary(series.counsellor_id)
    rows = Series.unscoped.select_related("client")  # no viewer: the sweep rolls all
    now = rows.select_for_update(of=("self",), no_key=True).get(pk=series.pk)
    until = clock.today() + HORIZON
    if not now.is_open or now.counsellor_id != series.counsellor_id or now.planned_until >= until:
        return []
    if now.client.state != Client.State.ACTIVE:
        return []
    made = rolled(now, until)
    now.planned_until = until
    now.save(update_fields=["planned_until"])
    if made:
        _record("series.roll", None, now, number=len(made), first_day=clock.local(made[0].starts_at).date())
    return made


def sweep() -> int:
    """Roll every open series forward; return how many sessions are new. One that does not open is left for a person."""
    until = clock.today() + HORIZON
    rows = Series.unscoped.filter(ended_at=None, until_on=None, count=None, planned_until__lt=until)  # no viewer: all
    rows = rows.filter(counsellor__is_active=True)  # who has left takes on nothing more
    return sum(_roll_or_say(series) for series in rows.order_by("counsellor", "pk"))


def _roll_or_say(series: Series) -> int:
    try:
        return len(roll_series(series))
    except VaultError as error:
        log.error("series.not_rolled", series=str(series.pk), error=type(error).__name__)
        return 0


# --- the parts -------------------------------------------------------------------------------------
def _held(session: ClientSession, scope: str, version: int) -> tuple[Series, list[ClientSession]]:
    """Lock the diary, the sessions in this scope that are ahead, and their series; return both as they are now."""
    if scope not in (FOLLOWING, ALL) or session.series_id is None:
        raise ValueError(f"“{scope}” is no part of a series.")
    lock_diary(session.counsellor_id)
    going = locked_all([each.pk for each in in_scope(session, scope)])
    if not going:
        raise SessionClosed
    rows = Series.unscoped.select_related("client", "counsellor", "session_type")  # no viewer: the row in hand
    series = rows.select_for_update(of=("self",), no_key=True).get(pk=session.series_id)
    if series.version != version or series.counsellor_id != session.counsellor_id:
        raise SessionChanged(session)
    return series, going


def in_scope(session: ClientSession, scope: str) -> list[ClientSession]:
    """Return the sessions of a series that a deed would touch: ahead, not begun; from this one's day on, or all."""
    rows = ClientSession.unscoped.filter(series=session.series_id, starts_at__gt=timezone.now())  # no viewer: in hand
    ahead = rows.filter(status__in=ClientSession.AHEAD)
    if scope == FOLLOWING:
        ahead = ahead.filter(occurrence_on__gte=session.occurrence_on)
    return list(ahead.order_by("starts_at"))


def _made(
    client: Client, counsellor: User, rule: Rule, terms: Terms, count: int | None, on_holiday: str, version: int = 1
) -> Series:
    """Write a series' own row. One that takes over goes on counting: a page that knows the former one is stale."""
    series = Series(
        client=client, counsellor=counsellor, rhythm=rule.rhythm, interval=rule.interval, nth=rule.nth,
        first_on=rule.first_on, clock_time=terms.at.clock_time, length=terms.at.length, until_on=rule.until_on,
        count=count, on_holiday=on_holiday, planned_until=rule.first_on, version=version,
        **terms.columns(),
    )  # fmt: skip
    series.save(force_insert=True)
    return series


def _end_before(series: Series) -> None:
    """Let nothing be added to a series any more."""
    series.ended_at, series.version = timezone.now(), series.version + 1
    series.save(update_fields=["ended_at", "version"])


def _record(deed: str, actor: User | None, series: Series, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=series, reference=series.client.reference, **detail)


def _record_session(deed: str, actor: User, session: ClientSession, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=session, reference=session.client.reference, **detail)
