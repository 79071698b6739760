"""Sign-in, by django-allauth, in our terms: by invitation only, its mails in the outbox, its deeds in the trail."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from outbox.services import plan_frozen
from practice import clock, letters, trail
from practice.models import Practice, User

MAIL_LASTS = timedelta(hours=1)
# allauth's name of a mail → our letter. What is not here belongs to pages that are closed.
LETTERS = {
    "account/email/password_reset_key": "mail/account_reset",
    "account/email/password_reset": "mail/account_password_changed",
    "account/email/password_changed": "mail/account_password_changed",
}


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
        written = letters.write(
            LETTERS[template_prefix],
            {
                "member_name": context["user"].first_name if "user" in context else "",
                "reset_url": context.get("password_reset_url", ""),
                "link_expires_at": clock.local(now + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)),
                "happened_at": clock.local(now),
                "site_url": settings.SITE_URL,
            },
        )
        payload = {"to": email, "subject": written.subject, "text": written.text, "html": written.html}
        plan_frozen("account", owner_id=Practice.current().id, payload=payload, lasts=MAIL_LASTS)

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, and say so in the trail: without its row nobody is signed in."""
        trail.record("sign_in", actor=user, subject=user)
        super().login(request, user)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave a row without the address: it may be mistyped, or a password in the wrong field."""
        actor = request.user if isinstance(request.user, User) else None
        practice = Practice.objects.first()
        if practice is not None:  # before `create_practice` there is nobody to read it
            trail.record("sign_in.failed", actor=actor, subject=practice)

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        trail.record("password.change", actor=user, subject=user)
