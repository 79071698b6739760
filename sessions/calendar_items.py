"""What stands in the calendar: a session, or time off. Everything is written out once, for the template to print."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from clients.models import Client
from clients.selectors import opened
from practice import clock
from sessions import lanes
from sessions.lanes import Span
from sessions.models import ClientSession, TimeOff
from sessions.selectors import name_of

Status = ClientSession.Status
# A sign besides the colour; simply booked sessions have none.
ICONS = {
    Status.CONFIRMED: "check",
    Status.ATTENDED: "checks",
    Status.DID_NOT_ATTEND: "cross",
}
WAYS = {ClientSession.Mode.VIDEO: "video", ClientSession.Mode.PHONE: "phone"}


@dataclass(frozen=True)
class Item:
    """One session or one piece of time off in a day. `begins` and `ends` are by the practice's clock."""

    span: Span
    name: str
    begins: str
    ends: str
    css: str = ""
    session: ClientSession | None = None
    off: TimeOff | None = None
    label: str = ""
    icon: str = ""
    way: str = ""
    tail: str = ""
    is_movable: bool = False
    has_begun: bool = False
    # Statuses that one click gives, with their words.
    says: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_cancelled(self) -> bool:
        return self.session is not None and self.session.is_cancelled

    @property
    def pk(self) -> UUID | None:
        row = self.session or self.off
        return row.pk if row else None


def of_session(session: ClientSession, now: datetime, *, hides_name: bool) -> Item:
    """Write a session out; its name is not opened where names are put away."""
    begins, ends = clock.local(session.starts_at), clock.local(session.ends_at)
    status = Status(session.status)
    has_begun, is_over = session.starts_at <= now, session.ends_at <= now
    return Item(
        span=Span(begins.hour * 60 + begins.minute, _minutes(session.length)),
        name=_shown(session.client, hides_name),
        begins=f"{begins:%H:%M}",
        ends=f"{ends:%H:%M}",
        session=session,
        label="" if status == Status.BOOKED else str(status.label),
        icon=ICONS.get(status, ""),
        way=WAYS.get(ClientSession.Mode(session.mode), ""),
        tail=lanes.lasting(_minutes(session.buffer)) if session.buffer and not session.is_cancelled else "",
        is_movable=status in ClientSession.AHEAD and not is_over,
        has_begun=has_begun,
        says=_says(status, has_begun),
    )


def of_time_off(off: TimeOff, day: date) -> Item | None:
    """Write out what time off takes of a day, or return None where it does not touch it. A whole day has no `css`."""
    midnight, next_midnight = clock.start_of(day), clock.start_of(day + timedelta(days=1))
    starts_at, ends_at = max(off.starts_at, midnight), min(off.ends_at, next_midnight)
    if starts_at >= ends_at:
        return None
    begins, ends = clock.local(starts_at), clock.local(ends_at)
    is_whole = (starts_at, ends_at) == (midnight, next_midnight)
    length = lanes.DAY if is_whole else _minutes(ends_at - starts_at)
    label = opened(off, "label")
    return Item(
        span=Span(begins.hour * 60 + begins.minute, length),
        name=label.text or str(TimeOff.Kind(off.kind).label),
        begins=f"{begins:%H:%M}",
        ends="24:00" if ends_at == next_midnight else f"{ends:%H:%M}",
        off=off,
    )


def laid_out(items: Sequence[Item]) -> list[Item]:
    """Return the items of a day in order, each with the classes of its place.

    A cancelled session whose time was given to something else steps behind it, as a strip at the side.
    """
    standing = [item.span for item in items if not item.is_cancelled]
    rest = sorted(items, key=lambda item: (item.span.start, -item.span.length))
    behind = [item for item in rest if item.is_cancelled and any(item.span.meets(span) for span in standing)]
    front = [item for item in rest if item not in behind]
    strips = [
        replace(item, css=f"{item.span.css} is-behind k{lane} n1")
        for item, (lane, _) in zip(behind, lanes.side_by_side([item.span for item in behind]), strict=True)
    ]
    placed = [
        replace(item, css=f"{item.span.css} k{lane} n{count}{_beside(item, behind)}")
        for item, (lane, count) in zip(front, lanes.side_by_side([item.span for item in front]), strict=True)
    ]
    return sorted(placed + strips, key=lambda item: (item.span.start, item.is_cancelled))


def _beside(item: Item, behind: Sequence[Item]) -> str:
    """Return the class that leaves room for the strips beside an item."""
    strips = lanes.side_by_side([each.span for each in behind])
    most = max(
        (lane + 1 for each, (lane, _) in zip(behind, strips, strict=True) if each.span.meets(item.span)), default=0
    )
    return f" b{min(most, 3)}" if most else ""


def _shown(client: Client, hides_name: bool) -> str:
    return client.reference if hides_name else name_of(client)


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _says(status: Status, has_begun: bool) -> list[tuple[str, str]]:
    """Return what one click says of a session: before it, that it is confirmed; from its start on, how it went."""
    wanted = (Status.ATTENDED, Status.DID_NOT_ATTEND) if has_begun else (Status.CONFIRMED,)
    said = [(each.value, str(each.label)) for each in wanted if each != status]
    return [] if status in ClientSession.CANCELLED and not has_begun else said
