"""Refusals in the trail: a page that a member may not open, and a row that is another's."""

from collections.abc import Callable

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse

from practice import trail
from practice.models import User
from practice.scoping import Hidden

# So that a scanner, or a tab that tries again and again, does not fill the trail.
ONCE_IN_SECONDS = 60


class RefusalMiddleware:
    """Leaves a row where a member is refused, at most one a minute for a member, a route and a row.

    Strangers are sent to sign in, and a form without its token is no deed of anybody's: neither is here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Record, and let Django answer as it would have. A refusal without its row is an error, and no way in."""
        member = request.user
        if not isinstance(member, User):
            return
        if isinstance(exception, Hidden):
            if exception.counsellor_id != member.pk:
                _record(request, member, exception.subject, exception.reference)
        elif isinstance(exception, PermissionDenied):
            _record(request, member, member, "")


def _record(request: HttpRequest, member: User, subject: models.Model, reference: str) -> None:
    route = request.resolver_match.view_name if request.resolver_match is not None else ""
    if cache.add(f"refused:{member.pk}:{route}:{subject.pk}", 1, ONCE_IN_SECONDS):
        trail.record("refused", actor=member, subject=subject, reference=reference, page=route)
