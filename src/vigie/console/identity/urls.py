# SPDX-License-Identifier: Apache-2.0
"""Addresses of signing in, under the names by which allauth finds them (in no namespace)."""

from __future__ import annotations

from allauth.account.views import reauthenticate
from allauth.mfa.base.views import authenticate
from allauth.mfa.base.views import reauthenticate as confirm_by_code
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from vigie.console.identity import noted, views
from vigie.console.views import account

noted.listen()
own = views.own
urlpatterns = [
    path("login", account.login, name="account_login"),
    path("login/second", authenticate, name="mfa_authenticate"),
    path("login/passkey", views.passkey, name="mfa_login_webauthn"),
    path("login/provider", views.begin_provider, name="oidc_begin"),
    path("login/provider/callback", views.provider_answered, name="oidc_callback"),
    path("account/confirm", own(reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code", own(confirm_by_code), name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey",
        own(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/factors", views.factors, name="mfa_index"),
    path("account/factors/app", own(totp.activate_totp), name="mfa_activate_totp"),
    path("account/factors/app/remove", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/factors/passkeys", views.factors, name="mfa_list_webauthn"),
    path("account/factors/passkeys/add", own(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path(
        "account/factors/passkeys/<int:pk>/remove",
        own(passkeys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path(
        "account/factors/passkeys/<int:pk>/name",
        own(passkeys.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
    path("account/factors/codes", own(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "account/factors/codes/new",
        own(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
]
