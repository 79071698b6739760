"""The second factor's pages: django-allauth's views, with their deeds in the trail and our rules before them."""

from contextlib import suppress
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe

from practice import mfa, sign_ins, trail
from practice.guards import StaffRequest
from practice.second_factor import must_set_up
from vault.errors import VaultError

SECURITY = reverse_lazy("mfa_index")
TOTP, PASSKEY = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN


@require_safe
def security(request: StaffRequest) -> HttpResponse:
    """Show what is set up; where one is needed and missing, the two ways to it."""
    factors = mfa.factors_of(request.user)
    page = "mfa/set_up.html" if must_set_up(request.user) else "mfa/index.html"
    return render(request, page, {"factors": factors, "is_required": settings.REQUIRE_MFA})


@require_safe
def passkeys(request: StaffRequest) -> HttpResponse:
    """Lead on: they are listed on the page "Security"."""
    return redirect("mfa_index")


@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth ships no types
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """Show the recovery codes until the member says that they are kept."""
    if request.method == "POST":
        mfa.keep_codes(user=request.user)
        messages.success(request, "Good. From now on the codes are not shown any more.")
        return redirect("mfa_index")
    try:
        codes = mfa.codes_to_keep(request.user)
    except VaultError:
        return render(request, "mfa/recovery_codes/damaged.html", status=409)
    if codes is None:
        return redirect("mfa_index")
    return render(request, "mfa/recovery_codes/index.html", {"codes": codes})


@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth ships no types
@require_safe
def download_codes(request: StaffRequest) -> HttpResponse:
    """Give the recovery codes as a text file, as long as their page shows them."""
    try:
        codes = mfa.codes_to_keep(request.user)
    except VaultError as error:
        raise Http404 from error  # their page says why
    if codes is None:
        raise Http404
    response = render(request, "mfa/recovery_codes/download.txt", {"codes": codes}, content_type="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="beside-codes.txt"'
    return response


class AddApp(ActivateTOTPView):
    """Set up an authenticator app."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        # The code that set the app up is used. Only one that ran out this moment is taken for wrong, which is as good.
        with suppress(mfa.WrongCode):
            mfa.accept_code(user=self.request.user, code=form.cleaned_data["code"])
        mfa.note_added(self.request, user=self.request.user, kind=TOTP)
        return response


class RemoveApp(DeactivateTOTPView):
    """Take the authenticator app away."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        mfa.note_removed(self.request, user=self.request.user, kind=TOTP)
        return response


class AddPasskey(AddWebAuthnView):
    """Add a passkey."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        mfa.note_added(self.request, user=self.request.user, kind=PASSKEY)
        return response


class RemovePasskey(RemoveWebAuthnView):
    """Take a passkey away; where everybody has a second factor, not the last one."""

    success_url = SECURITY

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        can_go = mfa.MFAAdapter().can_delete_authenticator(self.object)
        context: dict[str, Any] = super().get_context_data(can_go=can_go, **kwargs)
        return context

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        if not mfa.MFAAdapter().can_delete_authenticator(self.object):
            refused: HttpResponse = self.render_to_response(self.get_context_data(), status=409)
            return refused
        response: HttpResponse = super().form_valid(form)
        mfa.note_removed(self.request, user=self.request.user, kind=PASSKEY)
        return response


class RenamePasskey(EditWebAuthnView):
    """Give a passkey another name."""

    success_url = SECURITY


class MakeCodes(GenerateRecoveryCodesView):
    """Make new recovery codes; the ones before open nothing any more."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Not allauth's, which opens the old codes to count them: they may be damaged."""
        context: dict[str, Any] = super(GenerateRecoveryCodesView, self).get_context_data(**kwargs)
        return {**context, "codes_left": mfa.factors_of(self.request.user).codes_left}

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        trail.record("mfa.codes", actor=self.request.user, subject=self.request.user)
        return response


@method_decorator(login_not_required, name="dispatch")
class SignInByPasskey(LoginWebAuthnView):
    """Sign in by a passkey alone."""

    def form_invalid(self, form: Any) -> HttpResponse:
        get_adapter().authentication_failed(self.request)
        response: HttpResponse = super().form_invalid(form)
        return response


class SecondStep(AuthenticateView):
    """The second step of a sign-in: a code, or a passkey."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Record a passkey that does not fit; the form of codes records its own."""
        if form is self.webauthn_form:
            mfa.note_refused(user=self.stage.login.user, is_signed_in=False, by="passkey")
        response: HttpResponse = super().form_invalid(form)
        return response


class _Confirmed:
    """Confirm who it is once more, with its row in the trail."""

    request: StaffRequest
    by: str

    def form_valid(self, form: Any) -> HttpResponse:
        """Write the row first: without it nothing is confirmed."""
        with transaction.atomic():
            sign_ins.renew(self.request)
            trail.record("identity.confirm", actor=self.request.user, subject=self.request.user, by=self.by)
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]  # of allauth's view beside this one
        return response


class ConfirmByPassword(_Confirmed, ReauthenticateView):
    """Confirm who it is, by the password."""

    by = "password"


class ConfirmByCode(_Confirmed, ReauthenticateByCodeView):
    """Confirm who it is, by a code."""

    by = "code"


class ConfirmByPasskey(_Confirmed, ReauthenticateWebAuthnView):
    """Confirm who it is, by a passkey."""

    by = "passkey"

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say so on this page; allauth would lead to the sign-in page."""
        mfa.note_refused(user=self.request.user, is_signed_in=True, by="passkey")
        response: HttpResponse = self.render_to_response({**self.get_context_data(), "form": form})
        return response
