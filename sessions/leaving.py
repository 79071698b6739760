"""Questions about leave and blocked time: what stands in their way, and where it can go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from clients.selectors import Opened, opened
from practice import clock
from practice.models import Practice, User
from sessions import bank_holidays
from sessions.models import ClientSession, TimeOff
from sessions.selectors import Row, name_of
from sessions.slots import free_slots
from sessions.told import Telling, telling, untold
from vault.services import warm

OFFERED = 3
# More than a fortnight holds.
MANY = 1000
AFTER, BEFORE = timedelta(days=28), timedelta(days=14)
YEAR = timedelta(days=366)
# An hour of the day off the usual counts like so much of a day between the old time and the new.
_HOUR_WEIGHS = 0.5


@dataclass(frozen=True)
class InTheWay:
    """A session in days that are to be free: whose, where it could go, and whether its client hears of it by mail."""

    session: ClientSession
    name: str
    slots: list[datetime]
    telling: Telling


@dataclass(frozen=True)
class Off:
    """Leave or blocked time in a list, with its label opened; days as the practice's clock counts them."""

    row: TimeOff
    label: Opened
    first_on: date
    last_on: date
    is_whole_days: bool


def in_the_way(
    counsellor: User, starts_at: datetime, ends_at: datetime, *, had: TimeOff | None = None
) -> list[ClientSession]:
    """Return the sessions that are to take place in this span of a diary and have not begun; one query.

    Without those that stand wholly in `had`: they were decided upon when it was taken.
    """
    diary = ClientSession.unscoped.filter(counsellor=counsellor)  # no viewer: the counsellor's own diary
    ahead = diary.filter(status__in=ClientSession.AHEAD, starts_at__gt=timezone.now())
    found = ahead.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
    if had is not None:
        found = found.exclude(starts_at__gte=had.starts_at, ends_at__lte=had.ends_at)
    return list(found.select_related("client").defer("place").order_by("starts_at", "pk"))


def looked_at(
    counsellor: User, starts_at: datetime, ends_at: datetime, *, had: TimeOff | None = None
) -> list[InTheWay]:
    """Return the same for a page: with names, free times, and who is told. As many queries for many as for one."""
    sessions = in_the_way(counsellor, starts_at, ends_at, had=had)
    warm(session.client_id for session in sessions)
    offers = offered(counsellor, sessions, starts_at, ends_at)
    told = telling(sessions)
    return [InTheWay(each, name_of(each.client), offers[each.pk], told[each.pk]) for each in sessions]


def fingerprint(sessions: Sequence[ClientSession]) -> str:
    """Return a short text that stands for these sessions as they are: whoever sends it back has been told of them."""
    seen = " ".join(f"{session.pk}:{session.version}" for session in sessions)
    return sha256(seen.encode()).hexdigest()[:16]


def offered(
    counsellor: User, sessions: Sequence[ClientSession], starts_at: datetime, ends_at: datetime
) -> dict[UUID, list[datetime]]:
    """Return up to three free times for each session, after this span or before it, the nearest in day and hour first.

    No time is offered to two of them, and none overlaps with another: whatever is chosen fits beside the rest.
    """
    if not sessions:
        return {}
    free = _free(counsellor, sessions, starts_at, ends_at)
    offers: dict[UUID, list[datetime]] = {session.pk: [] for session in sessions}
    for _ in range(OFFERED):
        for session in sessions:
            if free:
                nearest = min(free, key=lambda start: _distance(session.starts_at, start))
                free.remove(nearest)
                offers[session.pk].append(nearest)
    return {pk: sorted(starts) for pk, starts in offers.items()}


def _free(
    counsellor: User, sessions: Sequence[ClientSession], starts_at: datetime, ends_at: datetime
) -> list[datetime]:
    """Return starts that suit each of the sessions: as long as the longest, none overlapping with another."""
    free = partial(
        free_slots,
        counsellor,
        length=max(session.length for session in sessions),
        buffer=max(session.buffer for session in sessions),
        but=[session.pk for session in sessions],
    )
    most = OFFERED * len(sessions)
    first = clock.local(starts_at).date()
    found = free(first=clock.local(ends_at).date(), days=AFTER.days, most=most)
    # Nobody is asked to come sooner than the day after tomorrow.
    since = max(first - BEFORE, clock.today() + timedelta(days=2))
    if since < first:
        found += free(first=since, days=(first - since).days, most=MANY)[-most:]
    return found


def _distance(was: datetime, start: datetime) -> float:
    days = abs((clock.local(start).date() - clock.local(was).date()).days)
    hours = abs(_hour(start) - _hour(was))
    return days + hours * _HOUR_WEIGHS


def _hour(moment: datetime) -> float:
    here = clock.local(moment)
    return here.hour + here.minute / 60


# --- lists ----------------------------------------------------------------------------------------
def ahead(viewer: User) -> list[Off]:
    """Return the viewer's time off that is not over, the nearest first."""
    return _opened(TimeOff.visible_to(viewer).filter(ends_at__gt=timezone.now()).order_by("starts_at", "pk"))


def past(viewer: User) -> list[Off]:
    """Return the viewer's time off of the past year, the latest first."""
    now = timezone.now()
    rows = TimeOff.visible_to(viewer).filter(ends_at__lte=now, ends_at__gt=now - YEAR)
    return _opened(rows.order_by("-starts_at", "pk"))


def off(row: TimeOff) -> Off:
    """Return one row as a page shows it."""
    begins, ends = clock.local(row.starts_at).date(), clock.local(row.ends_at - timedelta(seconds=1)).date()
    whole = clock.start_of(begins) == row.starts_at and clock.start_of(ends + timedelta(days=1)) == row.ends_at
    return Off(row, opened(row, "label"), begins, ends, whole)


def _opened(rows: QuerySet[TimeOff]) -> list[Off]:
    return [off(row) for row in rows]


def holidays_ahead() -> dict[date, str]:
    """Return the bank holidays of the coming twelve months, where the practice's nation has some."""
    today = clock.today()
    return bank_holidays.between(today, today + YEAR, Practice.current().nation)


@dataclass(frozen=True)
class Within:
    """A session in a time off; `is_untold` marks one ahead that was cancelled and of which no mail tells."""

    session: ClientSession
    name: str
    is_untold: bool


def sessions_in(row: TimeOff) -> list[Within]:
    """Return all sessions that stand in a time off, whatever became of them; three queries, however many."""
    diary = ClientSession.unscoped.filter(counsellor_id=row.counsellor_id)  # no viewer: the caller holds the row
    found = diary.filter(starts_at__lt=row.ends_at, ends_at__gt=row.starts_at)
    sessions = list(found.select_related("client").defer("place").order_by("starts_at", "pk"))
    rows = named(sessions)
    ours = ClientSession.Status.CANCELLED_BY_COUNSELLOR
    quiet = set(untold([each for each in sessions if each.status == ours and not each.has_begun]))
    return [Within(each.session, each.name, each.session in quiet) for each in rows]


def named(sessions: Sequence[ClientSession]) -> list[Row]:
    """Return sessions with what their clients are called; one query for their keys."""
    warm(session.client_id for session in sessions)
    return [Row(session, name_of(session.client)) for session in sessions]
