"""Questions about the waiting list: who waits, what would suit them next, and who would take a gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from clients.models import Client
from clients.selectors import Opened, opened
from practice import clock
from practice.models import User
from sessions import parts
from sessions.hits import ground
from sessions.models import ClientSession, WaitingEntry
from sessions.selectors import last_with, name_of
from sessions.slots import NOTICE, Need, is_free, slots
from vault.services import warm

USUAL_LENGTH = timedelta(minutes=50)
DAYS_AHEAD, GAP_DAYS = 28, 14
OFFERED = 3
_RANKS: dict[str, int] = {each: rank for rank, each in enumerate(WaitingEntry.Urgency.values)}


@dataclass(frozen=True)
class Waiting:
    """One who waits, as the list shows it. `soonest` is the next free time that suits, None for none in sight."""

    entry: WaitingEntry
    name: str
    times: str
    note: Opened
    soonest: datetime | None


@dataclass(frozen=True)
class Match:
    """One who would take a gap, and from when on."""

    entry: WaitingEntry
    name: str
    starts_at: datetime


@dataclass(frozen=True)
class Gap:
    """Time that a cancelled session has left free, and how many on the list would take it."""

    starts_at: datetime
    minutes: int
    number: int


@dataclass(frozen=True)
class Offers:
    """Times that fit, for a session of this length; `is_narrowed` where they also suit who waits."""

    times: list[datetime]
    length: timedelta
    is_narrowed: bool = False

    @property
    def minutes(self) -> int:
        return in_minutes(self.length)


def in_minutes(length: timedelta) -> int:
    """Return a length in whole minutes."""
    return int(length.total_seconds()) // 60


def waiting_for(viewer: User) -> list[WaitingEntry]:
    """Return who waits for a time with the viewer, the urgent first, then who has waited longest; one query.

    Nothing is opened. Whose work has ended waits no more.
    """
    entries = _open_entries(viewer).select_related("client", "session_type").order_by("since", "pk")
    return sorted(entries, key=lambda entry: _RANKS[entry.urgency])


def waiting_entry(viewer: User, client: Client) -> WaitingEntry | None:
    """Return a client's place on the list."""
    return _open_entries(viewer).filter(client=client).select_related("session_type").first()


def waiting_list(viewer: User) -> list[Waiting]:
    """Return the list with names, notes and the soonest time that suits each; six queries, however many wait."""
    entries = waiting_for(viewer)
    if not entries:
        return []
    warm(entry.client_id for entry in entries)
    first = clock.today()
    on = ground(viewer.pk, first, first + timedelta(days=DAYS_AHEAD))
    free = {need: list(slots(on, need, first, DAYS_AHEAD)) for need in {need_of(entry) for entry in entries}}
    return [
        Waiting(
            entry, name_of(entry.client), parts.in_words(entry.times), opened(entry, "note"),
            next(iter(_suiting(free[need_of(entry)], entry)), None),
        )
        for entry in entries
    ]  # fmt: skip


def need_of(entry: WaitingEntry | None) -> Need:
    """Return how long a time somebody waits for, with the pause after it."""
    if entry is None or entry.session_type is None:
        return Need(USUAL_LENGTH)
    return Need(entry.session_type.length, entry.session_type.buffer)


def who_fits(viewer: User, starts_at: datetime, room: timedelta) -> list[Match]:
    """Return who on the list would take this gap, the urgent first, then who has waited longest; two queries."""
    found = _fitting(waiting_for(viewer), starts_at, room)
    warm(entry.client_id for entry, _ in found)
    return [Match(entry, name_of(entry.client), start) for entry, start in found]


def gaps(viewer: User) -> list[Gap]:
    """Return what sessions cancelled within the next fortnight have left free and somebody would take, by time.

    Six queries at most, however many sessions and however many wait. Nothing is opened.
    """
    entries = waiting_for(viewer)
    now = timezone.now()
    if not entries:
        return []
    ahead = ClientSession.visible_to(viewer).filter(starts_at__gte=now + NOTICE, status__in=ClientSession.CANCELLED)
    rows = ahead.filter(counsellor=viewer, starts_at__lt=now + timedelta(days=GAP_DAYS))
    cancelled = {(row.starts_at, row.length) for row in rows.defer("place")}
    if not cancelled:
        return []
    today = clock.today()
    on = ground(viewer.pk, today, today + timedelta(days=GAP_DAYS + 1))
    free = [(start, room) for start, room in sorted(cancelled) if is_free(on, start, Need(room))]
    counted = [Gap(start, in_minutes(room), len(_fitting(entries, start, room))) for start, room in free]
    return [gap for gap in counted if gap.number]


def next_three(
    viewer: User, client: Client | None, day: date, *, need: Need | None = None, not_at: datetime | None = None
) -> Offers:
    """Return the next three times from a day on that fit into the viewer's diary, without `not_at`.

    For a client who waits, times that suit them, where there are any. `need` is a known length (with what may be in
    the way); otherwise it is what they wait for, or what their last session took.
    """
    entry = waiting_entry(viewer, client) if client is not None else None
    need = need or (need_of(entry) if entry is not None else _usual_need(viewer, client))
    day = max(day, clock.today())
    on = ground(viewer.pk, day, day + timedelta(days=DAYS_AHEAD))
    free = [start for start in slots(on, need, day, DAYS_AHEAD) if start != not_at]
    suiting = _suiting(free, entry) if entry is not None and entry.times else []
    return Offers((suiting or free)[:OFFERED], need.length, is_narrowed=bool(suiting))


def _usual_need(viewer: User, client: Client | None) -> Need:
    before = last_with(client, viewer, most=1) if client is not None else []
    return Need(before[0].length, before[0].buffer) if before else Need(USUAL_LENGTH)


def _open_entries(viewer: User) -> QuerySet[WaitingEntry]:
    return WaitingEntry.visible_to(viewer).filter(left_at=None, client__state=Client.State.ACTIVE)


def _suiting(free: Sequence[datetime], entry: WaitingEntry) -> list[datetime]:
    length = need_of(entry).length
    return [start for start in free if parts.suits(entry.times, start, length)]


def _fitting(
    entries: Sequence[WaitingEntry], starts_at: datetime, room: timedelta
) -> list[tuple[WaitingEntry, datetime]]:
    """Return those who would take a gap, each with the start that suits them."""
    starts = [parts.first_that_suits(entry.times, starts_at, room, need_of(entry).length) for entry in entries]
    return [(entry, start) for entry, start in zip(entries, starts, strict=True) if start is not None]
