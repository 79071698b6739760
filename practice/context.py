"""What every template may ask for."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from practice import idle
from practice.models import User
from practice.roles import Permission, permissions_of


def house(request: HttpRequest) -> dict[str, Any]:
    """Give `may` (permission name → bool), `demo`, the zone, and `idle`: a sign-in's seconds left and limit."""
    user = getattr(request, "user", None)
    mine = permissions_of(user) if isinstance(user, User) else frozenset()
    is_counted = isinstance(user, User) and hasattr(request, "session")
    return {
        "idle": {"seconds": round(idle.seconds_left(request), 1), "limit": idle.limit()} if is_counted else None,
        "may": {permission.name: permission in mine for permission in Permission},
        "demo": settings.DEMO,
        "zone_name": settings.TIME_ZONE,
    }
