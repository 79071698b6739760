"""What every template may ask for."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from practice.models import User
from practice.roles import Permission, permissions_of


def house(request: HttpRequest) -> dict[str, Any]:
    """Give `may` (permission name → bool), `demo` and the practice's zone."""
    user = getattr(request, "user", None)
    mine = permissions_of(user) if isinstance(user, User) else frozenset()
    return {
        "may": {permission.name: permission in mine for permission in Permission},
        "demo": settings.DEMO,
        "zone_name": settings.TIME_ZONE,
    }
