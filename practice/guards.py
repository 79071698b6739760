"""What stands before a view: `@may(Permission.NOTE_SIGN)`, `@reconfirmed` where much is at stake, `@unreferred`."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from practice.kept_text import came_from
from practice.models import User
from practice.roles import Permission, permissions_of

_P = ParamSpec("_P")


class StaffRequest(HttpRequest):
    """A request behind the log-in: its user is a member."""

    user: User  # LoginRequiredMiddleware has turned strangers away


_View = Callable[Concatenate[StaffRequest, _P], HttpResponseBase]


def may(permission: Permission) -> Callable[[_View[_P]], Callable[Concatenate[HttpRequest, _P], HttpResponseBase]]:
    """Let in whoever has the permission; 403 for other members. Strangers never get this far."""

    def guard(view: _View[_P]) -> Callable[Concatenate[HttpRequest, _P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponseBase:
            staff = cast(StaffRequest, request)
            if permission not in permissions_of(staff.user):
                raise PermissionDenied
            return view(staff, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # tests/test_scoping.py reads it
        return guarded

    return guard


def reconfirmed(view: _View[_P]) -> _View[_P]:
    """Ask who it is once more, by password or second factor, unless that was done within five minutes.

    Stands inside `may`. A form comes back to its page: let the page that holds it be reconfirmed too, so that nothing
    typed is lost.
    """

    @wraps(view)
    def confirmed(request: StaffRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponseBase:
        if did_recently_reauthenticate(request):
            return view(request, *args, **kwargs)
        return ask_again(request.get_full_path() if request.method in ("GET", "HEAD") else came_from(request))

    return confirmed


def ask_again(back: str) -> HttpResponseBase:
    """Lead to the page that asks who it is once more, and from there to `back`."""
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")


def unreferred(view: Callable[_P, HttpResponse]) -> Callable[_P, HttpResponse]:
    """Let nothing on the page tell its address on, not even to us: the token in it opens the page."""

    @wraps(view)
    def unnamed(*args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return unnamed
