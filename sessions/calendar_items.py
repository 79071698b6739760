"""What stands in the calendar: a session, or time off. Everything is written out once, for the template to print."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

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
WAYS: dict[str, str] = {ClientSession.Mode.VIDEO: "video", ClientSession.Mode.PHONE: "phone"}


@dataclass(frozen=True)
class Item:
    """One session or one piece of time off in a day. `begins` and `ends` are by the practice's clock.

    `classes` say what it is and where it stands; `says` are statuses that one click gives, with their words.
    """

    key: str
    span: Span
    name: str
    begins: str
    ends: str
    classes: str
    is_session: bool = True
    is_cancelled: bool = False
    is_movable: bool = False
    may_have_note: bool = False
    version: str = ""
    status: str = ""
    label: str = ""
    icon: str = ""
    way: str = ""
    tail: str = ""
    says: tuple[tuple[str, str], ...] = ()

    @property
    def start(self) -> str:
        return str(self.span.start)

    @property
    def length(self) -> str:
        return str(self.span.length)

    @property
    def shape(self) -> tuple[object, ...]:
        """Return all that is written of a session besides its own words."""
        return self.says, self.is_movable, self.may_have_note, self.label, self.icon, self.way, bool(self.tail)


def of_session(session: ClientSession, now: datetime, *, hides_name: bool) -> Item:
    """Write a session out; its name is not opened where names are put away."""
    begins, ends = clock.local(session.starts_at), clock.local(session.ends_at)
    status, is_over = Status(session.status), session.ends_at <= now
    is_cancelled = status in ClientSession.CANCELLED
    return Item(
        key=str(session.pk),
        span=Span(begins.hour * 60 + begins.minute, _minutes(session.length)),
        name=session.client.reference if hides_name else name_of(session.client),
        begins=clock.shown(begins),
        ends=clock.shown(ends),
        classes=f"is-{status.value}" + " is-cancelled" * is_cancelled,
        is_cancelled=is_cancelled,
        is_movable=status in ClientSession.AHEAD and not is_over,
        may_have_note=session.may_have_note,
        version=str(session.version),
        status=status.value,
        label="" if status == Status.BOOKED else str(status.label),
        icon=ICONS.get(status, ""),
        way=WAYS.get(session.mode, ""),
        tail=lanes.lasting(_minutes(session.buffer)) if session.buffer and not is_cancelled else "",
        says=_says(status, has_begun=session.starts_at <= now),
    )


def of_time_off(off: TimeOff, day: date) -> Item | None:
    """Write out what time off takes of a day, or return None where it does not touch it."""
    midnight, next_midnight = clock.start_of(day), clock.start_of(day + timedelta(days=1))
    starts_at, ends_at = max(off.starts_at, midnight), min(off.ends_at, next_midnight)
    if starts_at >= ends_at:
        return None
    begins, ends = clock.local(starts_at), clock.local(ends_at)
    is_whole = (starts_at, ends_at) == (midnight, next_midnight)
    kind, said = str(TimeOff.Kind(off.kind).label), opened(off, "label").text
    return Item(
        key=str(off.pk),
        span=Span(begins.hour * 60 + begins.minute, lanes.DAY if is_whole else _minutes(ends_at - starts_at)),
        name=f"{kind}: {said}" if said and is_whole else said or kind,
        begins=clock.shown(begins),
        ends="24:00" if ends_at == next_midnight else clock.shown(ends),
        classes="is-blocked",
        is_session=False,
    )


def laid_out(items: Sequence[Item]) -> list[Item]:
    """Return the items of a day in order, each with the classes of its place.

    A cancelled session whose time was given to something else steps behind it, as a strip at the side.
    """
    standing = [item.span for item in items if not item.is_cancelled]
    rest = sorted(items, key=lambda item: (item.span.start, -item.span.length))
    is_behind = [item.is_cancelled and any(item.span.meets(span) for span in standing) for item in rest]
    behind = [item for item, steps in zip(rest, is_behind, strict=True) if steps]
    front = [item for item, steps in zip(rest, is_behind, strict=True) if not steps]
    strips = [
        _placed(item, f"is-behind k{lane} n1")
        for item, (lane, _) in zip(behind, lanes.side_by_side([item.span for item in behind]), strict=True)
    ]
    placed = [
        _placed(item, f"k{lane} n{count}{_beside(item, behind)}")
        for item, (lane, count) in zip(front, lanes.side_by_side([item.span for item in front]), strict=True)
    ]
    return sorted(placed + strips, key=lambda item: (item.span.start, item.is_cancelled))


def _placed(item: Item, lane: str) -> Item:
    return replace(item, classes=f"{item.classes} {item.span.css} {lane}")


def _beside(item: Item, behind: Sequence[Item]) -> str:
    """Return the class that leaves room for the strips beside an item."""
    if not behind:
        return ""
    strips = lanes.side_by_side([each.span for each in behind])
    most = max(
        (lane + 1 for each, (lane, _) in zip(behind, strips, strict=True) if each.span.meets(item.span)), default=0
    )
    return f" b{min(most, 3)}" if most else ""


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _says(status: Status, *, has_begun: bool) -> tuple[tuple[str, str], ...]:
    """Return what one click says of a session: before it, that it is confirmed; from its start on, how it went."""
    if status in ClientSession.CANCELLED and not has_begun:
        return ()
    wanted = (Status.ATTENDED, Status.DID_NOT_ATTEND) if has_begun else (Status.CONFIRMED,)
    return tuple((each.value, str(each.label)) for each in wanted if each != status)
