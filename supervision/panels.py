"""What supervision shows on Today, and of hand-overs in a client's timeline."""

from collections.abc import Iterable

from clients.handing_over import left_behind
from clients.models import Client
from clients.selectors import opened
from clients.timeline import TimelineEntry
from practice.models import User
from practice.panels import Panel
from practice.roles import Permission, permissions_of
from supervision.handing_over import hand_overs_of, names_of, newly_received
from supervision.selectors import packs_to_export
from vault.services import warm


def today_panel(viewer: User, subject: object) -> Panel | None:
    """Show whoever runs the practice the released packs that nobody has exported yet; nothing when there are none."""
    mine = permissions_of(viewer)
    if Permission.PACK_EXPORT not in mine or Permission.PRACTICE_SETTINGS not in mine:
        return None
    packs = packs_to_export(viewer)
    return Panel("supervision/_today_panel.html", {"packs": packs}) if packs else None


def received_panel(viewer: User, subject: object) -> Panel | None:
    """Show the clients whom the viewer has just received, until their record is opened; nothing when there are none."""
    received = newly_received(viewer) if Permission.CLIENT_READ in permissions_of(viewer) else []
    if not received:
        return None
    warm(client.pk for client in received)
    rows = [{"client": client, "called": opened(client, "called")} for client in received]
    return Panel("supervision/_received_panel.html", {"rows": rows}, needs=len(rows))


def left_behind_panel(viewer: User, subject: object) -> Panel | None:
    """Show whoever runs the practice whose clients wait for another counsellor; nothing when nobody's do."""
    rows = left_behind() if Permission.MEMBER_CHANGE in permissions_of(viewer) else []
    if not rows:
        return None
    waiting = [{"member": member, "name": name, "clients": number} for member, name, number in rows]
    return Panel("supervision/_left_behind_panel.html", {"rows": waiting}, needs=len(rows))


def hand_overs(client: Client, viewer: User) -> Iterable[TimelineEntry]:
    """Give a client's hand-overs: from whom, and to whom. Two queries, one where there were none."""
    entries = list(hand_overs_of(client))
    names = (
        names_of({entry.detail[way] for entry in entries for way in ("from_member", "to_member")}) if entries else {}
    )
    for entry in entries:
        former, new = (names[entry.detail[way]] for way in ("from_member", "to_member"))
        told = "The client had been told" if entry.detail["client_told"] else ""
        yield TimelineEntry(at=entry.at, kind="hand_over", title=f"Handed over by {former} to {new}", detail=told)
