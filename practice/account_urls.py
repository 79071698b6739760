"""The account's addresses: all of the second factor's here, under django-allauth's names, then its own for the rest."""

from django.urls import include, path

from practice.views import security, sign_ins

urlpatterns = [
    path("2fa/", security.security, name="mfa_index"),
    path("2fa/totp/activate/", security.AddApp.as_view(), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", security.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", security.recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/download/", security.download_codes, name="mfa_download_recovery_codes"),
    path("2fa/recovery-codes/generate/", security.MakeCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("2fa/webauthn/", security.passkeys, name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", security.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("2fa/webauthn/login/", security.SignInByPasskey.as_view(), name="mfa_login_webauthn"),
    path("2fa/webauthn/reauthenticate/", security.ConfirmByPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", security.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/edit/", security.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path("2fa/authenticate/", security.SecondStep.as_view(), name="mfa_authenticate"),
    path("2fa/reauthenticate/", security.ConfirmByCode.as_view(), name="mfa_reauthenticate"),
    path("reauthenticate/", security.ConfirmByPassword.as_view(), name="account_reauthenticate"),
    path("sign-ins/", sign_ins.sign_ins, name="usersessions_list"),
    path("sign-ins/<int:pk>/end/", sign_ins.sign_in_end, name="usersessions_end"),
    path("", include("allauth.account.urls")),
]
