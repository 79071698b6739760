"""`@may(Permission.NOTE_SIGN)` in front of a view, and `@unreferred` in front of one whose address is a secret."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from practice.models import User
from practice.roles import Permission, permissions_of

_P = ParamSpec("_P")


class StaffRequest(HttpRequest):
    """A request behind the log-in: its user is a member."""

    user: User  # LoginRequiredMiddleware has turned strangers away


_View = Callable[Concatenate[StaffRequest, _P], HttpResponse]


def may(permission: Permission) -> Callable[[_View[_P]], Callable[Concatenate[HttpRequest, _P], HttpResponse]]:
    """Let in whoever has the permission; 403 for other members. Strangers never get this far."""

    def guard(view: _View[_P]) -> Callable[Concatenate[HttpRequest, _P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
            staff = cast(StaffRequest, request)
            if permission not in permissions_of(staff.user):
                raise PermissionDenied
            return view(staff, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # tests/test_scoping.py reads it
        return guarded

    return guard


def unreferred(view: Callable[_P, HttpResponse]) -> Callable[_P, HttpResponse]:
    """Let nothing on the page tell its address on, not even to us: the token in it opens the page."""

    @wraps(view)
    def unnamed(*args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return unnamed
