"""Sign-in, by django-allauth, in our terms: by invitation only, its mails in the outbox, its deeds in the trail."""

import time
from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from outbox.services import plan_frozen
from practice import clock, letters, sign_ins, trail
from practice.models import Practice, User

RESET_LASTS = timedelta(hours=1)
NOTICE_LASTS = timedelta(days=2)
BEGUN_WITH = "begun_with"
# allauth's name of a mail → our letter, and what has happened. What is not here belongs to pages that are closed.
LETTERS = {
    "account/email/password_reset_key": ("mail/account_reset", ""),
    "account/email/password_reset": ("mail/account_password_changed", ""),
    "account/email/password_changed": ("mail/account_password_changed", ""),
    "mfa/email/totp_activated": ("mail/account_security", "An authenticator app was set up."),
    "mfa/email/totp_deactivated": ("mail/account_security", "The authenticator app was removed."),
    "mfa/email/webauthn_added": ("mail/account_security", "A passkey was added."),
    "mfa/email/webauthn_removed": ("mail/account_security", "A passkey was removed."),
    "mfa/email/recovery_codes_generated": (
        "mail/account_security",
        "New recovery codes were made. The ones before open nothing any more.",
    ),
    "mfa/email/recovery_code_used": ("mail/account_security", "A recovery code was used to sign in."),
    "mfa/email/reset": ("mail/account_security", "Your second factor was reset, so that you can set up a new one."),
}
# How somebody came in, for the trail.
BY = {"totp": "password and app", "recovery_codes": "password and recovery code", "webauthn": "password and passkey"}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed: members come by invitation."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This address and password do not belong together. Please try once more.",
        "too_many_login_attempts": "That was tried too often. Please wait a while before the next try.",
        "incorrect_password": "This is not your password. Please try once more.",
        "enter_current_password": "Please type the password that you use now.",
        "rate_limited": "That was asked too often. Please wait a while before the next try.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def should_send_confirmation_mail(self, request: HttpRequest, email_address: Any, signup: bool) -> bool:
        """Never: an invitation has reached its address before there is an account."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link by SITE_URL, never by the Host header of whoever asked."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.SITE_URL}{path.replace('UID-KEY', key)}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Plan the mail, sealed until it leaves: its link cannot be made anew. Raise LookupError for an unknown one."""
        now = timezone.now()
        letter, what = LETTERS[template_prefix]
        written = letters.write(
            letter,
            {
                "what": what,
                "member_name": context["user"].first_name if "user" in context else "",
                "reset_url": context.get("password_reset_url", ""),
                "link_expires_at": clock.local(now + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)),
                "happened_at": clock.local(now),
                "site_url": settings.SITE_URL,
            },
        )
        payload = {"to": email, "subject": written.subject, "text": written.text, "html": written.html}
        lasts = RESET_LASTS if context.get("password_reset_url") else NOTICE_LASTS
        plan_frozen("account", owner_id=Practice.current().id, payload=payload, lasts=lasts)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return allauth's ways to confirm who it is, in our words."""
        words = {
            "reauthenticate": "Use your password",
            "mfa_reauthenticate": "Use a code",
            "mfa_reauthenticate:webauthn": "Use a passkey",
        }
        return [{**method, "description": words[method["id"]]} for method in super().get_reauthentication_methods(user)]

    def is_reauthentication_required(self, *, app: str, **rest: Any) -> bool:
        """Ask before the second factor's pages too, but not whoever has just signed in: a new member types it once."""
        steps = get_authentication_records(context.request, context.request.user)
        if app == "allauth.mfa" and steps and time.time() - steps[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **rest))

    def pre_login(self, request: HttpRequest, user: User, **hook: Any) -> HttpResponse | None:
        """Remember by which password a sign-in begins: its second step may come minutes later."""
        request.session[BEGUN_WITH] = user.get_session_auth_hash()
        response: HttpResponse | None = super().pre_login(request, user, **hook)
        return response

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, and say so in the trail: without its row nobody is signed in.

        Raise ImmediateHttpResponse, to begin anew, where the password was changed since the first step.
        """
        if request.session.pop(BEGUN_WITH, None) != user.get_session_auth_hash():
            raise ImmediateHttpResponse(redirect("account_login"))
        by = _way_in(request, user)
        super().login(request, user)
        trail.record("sign_in", actor=user, subject=user, by=by)

    @transaction.atomic
    def post_login(self, request: HttpRequest, user: User, **hook: Any) -> HttpResponse:
        """Let allauth note the sign-in, and shorten what it noted before anybody can read it."""
        response: HttpResponse = super().post_login(request, user, **hook)
        sign_ins.shorten(request.session.session_key)
        return response

    @transaction.atomic
    def logout(self, request: HttpRequest) -> None:
        """Sign out, and say so in the trail."""
        user = request.user
        sign_ins.forget(request.session.session_key)
        super().logout(request)
        if isinstance(user, User):
            trail.record("sign_out", actor=user, subject=user)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave a row without the address: it may be mistyped, or a password in the wrong field."""
        actor = request.user if isinstance(request.user, User) else None
        practice = Practice.objects.first()
        if practice is not None:  # before `create_practice` there is nobody to read it
            trail.record("sign_in.failed", actor=actor, subject=practice)

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        """Change the password, that column alone, and end every sign-in with the one before.

        Locks the member: who has left at this moment stays out. Raise PermissionDenied.
        """
        if not User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True):
            raise PermissionDenied
        user.set_password(password)
        user.save(update_fields=["password"])
        sign_ins.end_others(user, keep=None)
        trail.record("password.change", actor=user, subject=user)


def _way_in(request: HttpRequest, user: User) -> str:
    """Return how somebody signs in, by what allauth has just noted of the steps."""
    steps = [step for step in get_authentication_records(request, user) if step["method"] == "mfa"]
    if not steps:
        return "password"
    return "passkey" if steps[-1].get("passwordless") else BY[steps[-1]["type"]]
