"""django-allauth's forms of the second factor in our words (settings.MFA_FORMS names them)."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms

from practice import mfa
from vault.errors import VaultError

CODE_WIDGET = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
CODE_WORDS = {"required": "Please type the code.", "max_length": "This is longer than a code."}
NAME_HELP = "So that you can tell it from others: “Phone”, “Key on my ring”."
# What the parsers of a browser's answer raise where it is not one.
NOT_AN_ANSWER = (TypeError, ValueError, KeyError, AttributeError)


class _CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label="Code", help_text="From your authenticator app, or one of your recovery codes.", max_length=40,
        widget=forms.TextInput(attrs=CODE_WIDGET), error_messages=CODE_WORDS,
    )  # fmt: skip
    user: Any
    is_signed_in = False

    def clean_code(self) -> str:
        """Take the code once. A damaged secret says so, and is not taken for none."""
        forget_tries = check_rate_limit(self.user)
        code = str(self.cleaned_data["code"])
        try:
            self.authenticator = mfa.accept_code(user=self.user, code=code)
        except (mfa.WrongCode, VaultError) as error:
            mfa.note_refused(user=self.user, is_signed_in=self.is_signed_in, by="code")
            raise get_adapter().validation_error(
                "damaged" if isinstance(error, VaultError) else "incorrect_code"
            ) from error
        forget_tries()
        return code


class AuthenticateForm(_CodeForm, base_forms.AuthenticateForm):
    """The second step of a sign-in."""

    def save(self) -> None:
        super().save()
        if self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            get_account_adapter().send_notification_mail("mfa/email/recovery_code_used", self.user)


class ReauthenticateForm(_CodeForm, base_forms.ReauthenticateForm):
    """Confirm who it is, by a code."""

    is_signed_in = True


class ActivateTOTPForm(totp_forms.ActivateTOTPForm):
    """Set up an authenticator app. Until its first code fits, the secret waits in the web session, sealed."""

    code = forms.CharField(
        label="Code from the app", help_text="Six digits. They change every half minute.", max_length=40,
        widget=forms.TextInput(attrs=CODE_WIDGET), error_messages=CODE_WORDS,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        forms.Form.__init__(self, *args, **kwargs)  # not allauth's, which would write the secret in the clear
        self.secret = _waiting_secret(is_new=not self.is_bound)

    @property
    def spaced_secret(self) -> str:
        """Return the secret in groups of four, for typing."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


def _waiting_secret(*, is_new: bool) -> str:
    session = context.request.session
    sealed = None if is_new else session.get(SECRET_SESSION_KEY)
    if sealed is not None:
        try:
            return str(get_adapter().decrypt(sealed))
        except VaultError:
            pass  # only a set-up that has not happened yet: it begins anew
    secret = str(generate_totp_secret())
    session[SECRET_SESSION_KEY] = get_adapter().encrypt(secret)
    return secret


class DeactivateTOTPForm(totp_forms.DeactivateTOTPForm):
    """Take the authenticator app away."""


def _read_answer(read: Callable[[], Any]) -> Any:
    """Return what allauth's form reads. Raise ValidationError in words for a passkey, whatever was wrong."""
    try:
        return read()
    except (*NOT_AN_ANSWER, forms.ValidationError) as error:
        if isinstance(error, forms.ValidationError) and error.code != "incorrect_code":
            raise
        raise get_adapter().validation_error("incorrect_passkey") from error


class AddPasskeyForm(webauthn_forms._BaseAddWebAuthnForm):
    """Add a passkey. Each asks for a finger, a face or a PIN (MFA_WEBAUTHN_USER_VERIFICATION)."""

    name = forms.CharField(required=False, label="Name of the passkey", help_text=NAME_HELP, max_length=60)

    def clean(self) -> Any:
        return _read_answer(super().clean)


class EditPasskeyForm(webauthn_forms.EditWebAuthnForm):
    """Give a passkey another name."""

    name = forms.CharField(label="Name of the passkey", help_text=NAME_HELP, max_length=60)


class _PasskeyForm(forms.Form):
    """What a browser answers with a passkey."""

    def clean_credential(self) -> Any:
        return _read_answer(super().clean_credential)  # type: ignore[misc]  # of allauth's form, which stands beside


class AuthenticatePasskeyForm(_PasskeyForm, webauthn_forms.AuthenticateWebAuthnForm):
    """The second step of a sign-in, by a passkey."""


class LoginPasskeyForm(_PasskeyForm, webauthn_forms.LoginWebAuthnForm):
    """A sign-in by a passkey alone."""


class ReauthenticatePasskeyForm(_PasskeyForm, webauthn_forms.ReauthenticateWebAuthnForm):
    """Confirm who it is, by a passkey."""
