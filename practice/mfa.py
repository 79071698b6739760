"""The second factor: what a member has, what fits, and what becomes of it.

django-allauth keeps the rows and speaks to phones and keys. Here its secrets are sealed under the practice's data key,
and its deeds come into the trail: a deed and its row stand or fall together.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import qrcode
from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from practice import sign_ins, trail
from practice.models import Practice, User
from vault.errors import VaultError
from vault.sealing import Place
from vault.texts import open_text, seal_text

# What a recovery code stands in for. Codes alone are none: they belong to one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class WrongCode(Exception):
    """The code fits neither the app nor a recovery code that is left, or was used before."""


class MFAAdapter(DefaultMFAAdapter):
    """django-allauth's second factor in our terms: sealed, named, and known by SITE_URL alone."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": "This is your only second factor, and here everybody has one. "
        "Set up another first, then this one can go.",
        "incorrect_code": "This code does not fit. Codes change every half minute and work once: please try the next.",
        "incorrect_passkey": "This passkey does not fit. Please try once more, or choose another way.",
        "unverified_email": "Your address is not confirmed yet, so there is nothing to protect. "
        "Please ask whoever runs the practice.",
        "damaged": "Your second factor is there, and it does not open: its stored secret is damaged. "
        "Another way may work; whoever runs the practice can also reset it.",
    }

    def encrypt(self, text: str) -> str:
        return seal_text(text, place=_place())

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret. Raise VaultError where it does not open: it never reads as empty."""
        return open_text(encrypted_text, place=_place())

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not settings.REQUIRE_MFA or has_another(authenticator)

    def build_totp_svg(self, url: str) -> SafeString:
        """Draw the code as one path, to stand in the page itself: the policy forbids pictures from `data:`."""
        code = qrcode.QRCode(border=3)
        code.add_data(url)
        matrix = code.get_matrix()
        path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark)
        drawing = '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="QR code"><path d="{1}"/></svg>'
        return format_html(drawing, len(matrix), mark_safe(path))  # noqa: S308 - digits and letters from above

    def generate_authenticator_name(self, user: User, type: str) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the site as SITE_URL does: whoever asks may put any host in the Host header."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": "Beside"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return {"id": user_pk_to_url_str(user).encode(), "display_name": user.name, "name": user.email}


def _place() -> Place:
    """Say where a second factor's secret lives. allauth gives the text alone, so it is bound to the practice."""
    practice = Practice.current().id
    return Place("mfa.Authenticator", "data", practice, practice)


@dataclass(frozen=True)
class Factors:
    """What a member has set up, for the page "Security". It opens no secret."""

    app: Authenticator | None = None
    passkeys: list[Authenticator] = field(default_factory=list)
    codes: Authenticator | None = None

    @property
    def is_set_up(self) -> bool:
        return self.app is not None or bool(self.passkeys)

    @property
    def codes_left(self) -> int:
        used = self.codes.data.get("used_mask", 0) if self.codes else 0
        return int(app_settings.RECOVERY_CODE_COUNT) - int(used).bit_count() if self.codes else 0

    @property
    def are_codes_kept(self) -> bool:
        return self.codes is not None and "kept_at" in self.codes.data


def factors_of(user: User) -> Factors:
    """Return what a member has set up, in one query."""
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    by_type = {row.type: row for row in rows}
    passkeys = [row for row in rows if row.type == Authenticator.Type.WEBAUTHN]
    return Factors(by_type.get(Authenticator.Type.TOTP), passkeys, by_type.get(Authenticator.Type.RECOVERY_CODES))


def has_second_factor(user: User) -> bool:
    """Say whether the member has an app or a passkey. A damaged one counts: it is there."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def has_another(authenticator: Authenticator) -> bool:
    """Say whether its member has an app or a passkey besides this one."""
    rows = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
    return bool(rows.exclude(pk=authenticator.pk).exists())


@transaction.atomic
def accept_code(*, user: User, code: str) -> Authenticator:
    """Take a code of the app or a recovery code, and return what it belongs to. Each is taken once.

    Locks the member's rows. Raise WrongCode; VaultError where none fits and one of them does not open.
    """
    damaged: VaultError | None = None
    rows = Authenticator.objects.select_for_update().filter(user=user)
    for row in rows.exclude(type=Authenticator.Type.WEBAUTHN).order_by("-type"):  # the app first
        try:
            if _take_app_code(row, code) if row.type == Authenticator.Type.TOTP else row.wrap().validate_code(code):
                return row
        except VaultError as error:
            damaged = error
    raise damaged or WrongCode


def _take_app_code(app: Authenticator, code: str) -> bool:
    """Take a code of this half minute, the one before or the one after, unless it or a later one was used.

    RFC 6238, 5.2: a verifier must not accept a code twice.
    """
    secret = open_text(str(app.data.get("secret", "")), place=_place())
    for counter in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
            if counter <= app.data.get("last_counter", -1):
                return False
            app.data["last_counter"] = counter
            app.save(update_fields=["data"])
            return True
    return False


# --- deeds: each inside the view's transaction, its row in the trail last ---------------------------
def note_added(request: HttpRequest, *, user: User, kind: str) -> None:
    """Record a new second factor and end the member's other sign-ins, which never showed it."""
    sign_ins.end_others(user, keep=request.session.session_key)
    trail.record("mfa.add", actor=user, subject=user, kind=kind)


def note_removed(request: HttpRequest, *, user: User, kind: str) -> None:
    """Record a second factor that went, and end the member's other sign-ins."""
    sign_ins.end_others(user, keep=request.session.session_key)
    trail.record("mfa.remove", actor=user, subject=user, kind=kind)


def note_refused(*, user: User, is_signed_in: bool, by: str) -> None:
    """Record a second factor that did not fit. Who had only the password is not known to be the member."""
    trail.record("sign_in.failed", actor=user if is_signed_in else None, subject=user, by=by)


def codes_to_keep(user: User) -> list[str] | None:
    """Return the recovery codes that are left, until the member says that they are kept. Raise VaultError."""
    codes = factors_of(user).codes
    if codes is None or "kept_at" in codes.data:
        return None
    unused: list[str] = codes.wrap().get_unused_codes()
    return unused


@transaction.atomic
def keep_codes(*, user: User) -> None:
    """Note that the member has the codes: from now on no page shows them."""
    row = Authenticator.objects.select_for_update().filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    if row is not None and "kept_at" not in row.data:
        row.data["kept_at"] = timezone.now().isoformat()
        row.save(update_fields=["data"])


@transaction.atomic
def reset_second_factor(*, actor: User | None, member: User) -> int:
    """Take away all that a member has set up, end their sign-ins, tell them by mail. Return how many factors went.

    For somebody who lost phone, key and codes. The password stays, and at the next sign-in REQUIRE_MFA asks for a new
    second factor. Without an actor it is the operator's command.
    """
    rows = Authenticator.objects.filter(user=member)
    number = int(rows.filter(type__in=FACTORS).count())
    rows.delete()
    sign_ins.end_others(member, keep=None)
    get_adapter().send_mail("mfa/email/reset", member.email, {"user": member})
    trail.record("mfa.remove", actor=actor, subject=member, kind="all")
    return number
