"""What every template may ask for."""

from typing import Any

from django.conf import settings
from django.contrib.messages import SUCCESS, get_messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from practice import idle
from practice.models import User
from practice.roles import Permission, permissions_of


def house(request: HttpRequest) -> dict[str, Any]:
    """Give `may` (permission name → bool), `demo`, the zone, `told`, and `idle`: a sign-in's seconds left and limit."""
    user = getattr(request, "user", None)
    mine = permissions_of(user) if isinstance(user, User) else frozenset()
    is_counted = isinstance(user, User) and hasattr(request, "session")
    return {
        "idle": {"seconds": round(idle.seconds_left(request), 1), "limit": idle.limit()} if is_counted else None,
        "may": {permission.name: permission in mine for permission in Permission},
        "demo": settings.DEMO,
        "told": SimpleLazyObject(lambda: _told(request)),
        "zone_name": settings.TIME_ZONE,
    }


def _told(request: HttpRequest) -> list[Message]:
    """Return the messages to show; above a refusal none of success.

    A form that was taken leads on to another page, so a page in answer to one says why it was not: another window's
    "Draft saved." is let go.
    """
    waiting = get_messages(request)
    if not len(waiting):  # to go through none would send a cookie that takes none away
        return []
    is_refusal = request.method == "POST"
    return [message for message in waiting if not (is_refusal and message.level == SUCCESS)]
