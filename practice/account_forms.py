"""django-allauth's forms with labels and help in our words (settings.ACCOUNT_FORMS names them)."""

from typing import Any

from allauth.account import forms
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from practice.models import User

ADDRESS = "E-mail address"
NEW_PASSWORD = "New password"  # noqa: S105 - a label
ONCE_MORE = "New password, once more"
ADVICE = "At least twelve characters. Three or four words in a row are easy to remember and hard to guess."


class LoginForm(forms.LoginForm):
    """Sign-in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = ADDRESS


class ResetPasswordForm(forms.ResetPasswordForm):
    """Ask for a link to a new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = ADDRESS

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Plan the mail. For an unknown address one is written too, and undone: the answer takes as long."""
        if not self.users:
            with transaction.atomic():
                reset = {"user": User(), "password_reset_url": settings.SITE_URL}
                get_adapter().send_mail("account/email/password_reset_key", self.cleaned_data["email"], reset)
                transaction.set_rollback(True)
        email: str = super().save(request, **kwargs)
        return email


class ResetPasswordKeyForm(forms.ResetPasswordKeyForm):
    """Choose a new password by a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_new_password(self)


class ChangePasswordForm(forms.ChangePasswordForm):
    """Choose a new password while signed in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Password that you use now"
        _word_new_password(self)


def _word_new_password(form: Any) -> None:
    form.fields["password1"].label, form.fields["password2"].label = NEW_PASSWORD, ONCE_MORE
    form.fields["password1"].help_text = ADVICE
