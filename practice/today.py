"""What Today shows of the practice itself to those who run it."""

from typing import Any

from outbox import selectors as outbox
from practice.models import User
from practice.panels import Panel
from practice.roles import Permission, permissions_of
from practice.selectors import open_invitations


def practice_panel(viewer: User, subject: Any) -> Panel | None:
    """Return members, invitations and mail that waits for a decision; None for those who do not run the practice."""
    if Permission.PRACTICE_SETTINGS not in permissions_of(viewer):
        return None
    undecided = outbox.in_trouble().count()
    context = {
        "undecided": undecided,
        "members": User.objects.filter(is_active=True).count(),
        "invitations": open_invitations().count(),
    }
    return Panel("practice/_today_practice.html", context, needs=undecided)
