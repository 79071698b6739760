"""What clients' records show on Today."""

from clients.holdings import requests_of
from practice.models import User
from practice.panels import Panel
from practice.roles import Permission, permissions_of


def erasures_panel(viewer: User, subject: object) -> Panel | None:
    """Show the requests to erase that are open; nothing where there is none."""
    if Permission.CLIENT_ERASE not in permissions_of(viewer):
        return None
    asked = requests_of(viewer)
    return Panel("clients/_today_erasures.html", {"asked": asked}) if asked else None
