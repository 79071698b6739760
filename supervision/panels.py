"""What supervision shows on Today."""

from practice.models import User
from practice.panels import Panel
from practice.roles import Permission, permissions_of
from supervision.selectors import packs_to_export


def today_panel(viewer: User, subject: object) -> Panel | None:
    """Show whoever runs the practice the released packs that nobody has exported yet; nothing when there are none."""
    mine = permissions_of(viewer)
    if Permission.PACK_EXPORT not in mine or Permission.PRACTICE_SETTINGS not in mine:
        return None
    packs = packs_to_export(viewer)
    return Panel("supervision/_today_panel.html", {"packs": packs}) if packs else None
