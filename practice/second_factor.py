"""Where everybody has a second factor (REQUIRE_MFA), a member without one is led to set it up before anything else."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from practice.kept_text import typed_words
from practice.mfa import has_second_factor
from practice.models import User

# What a member without a second factor may open: how to get one, to confirm who it is, how long a quiet
# sign-in lasts (static/idle.js asks on each page), and the way out.
OPEN = frozenset({
    "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_logout",
    "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "practice:here",
})  # fmt: skip


def must_set_up(user: Any) -> bool:
    """Say whether this member works here without a second factor, and must not."""
    return settings.REQUIRE_MFA and isinstance(user, User) and not has_second_factor(user)


class SecondFactorMiddleware:
    """Leads to the set-up; a form that arrives before it gets its words back. Public pages stay as they are."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, *values: Any) -> HttpResponseBase | None:
        """Answer a member who has no second factor yet: the set-up page, or 403 with the words of a form."""
        if not getattr(view, "login_required", True) or not must_set_up(request.user):
            return None
        # templates/base.html shows no rooms that cannot be entered.
        request.needs_second_factor = True  # type: ignore[attr-defined]  # read by templates alone
        match = request.resolver_match
        if match is not None and match.view_name in OPEN:
            return None
        if request.method in ("GET", "HEAD"):
            return redirect("mfa_index")
        return render(request, "mfa/not_yet.html", {"words": typed_words(request)}, status=403)
