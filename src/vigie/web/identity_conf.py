# SPDX-License-Identifier: Apache-2.0
"""Django settings of signing in: what allauth may do here, and what it may not."""

from __future__ import annotations

from typing import Any, Final

APPS: Final = (
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
)
"""Its tables hold second factors and the accounts of the operator's provider.

The provider itself is ours (`console.identity.oidc`): installing allauth's would
load its HTTP client into every command.
"""
MIDDLEWARE: Final = "allauth.account.middleware.AccountMiddleware"
_ADAPTERS: Final = "vigie.console.identity.adapters."


def identity() -> dict[str, Any]:
    """Return what `django_settings` adds: names and passwords, no mail, no signing up."""
    return {
        "AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"],
        "ACCOUNT_ADAPTER": _ADAPTERS + "AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*"],
        "ACCOUNT_USER_MODEL_EMAIL_FIELD": None,
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 300,
        "ACCOUNT_LOGIN_TIMEOUT": 600,
        # Codes of one account: five tries in five minutes (ASVS 6.6.3). Networks have
        # our own brake, which knows the proxies.
        "ACCOUNT_RATE_LIMITS": {"login_failed": "5/5m/key", "reauthenticate": "10/5m/user"},
        "MFA_ADAPTER": _ADAPTERS + "FactorAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_PASSKEY_SIGNUP_ENABLED": False,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        "MFA_RECOVERY_CODE_DIGITS": 12,
        "MFA_TRUST_ENABLED": False,
        "MFA_RATE_LIMITS": {"webauthn_login": None},
        "SOCIALACCOUNT_ADAPTER": _ADAPTERS + "ProviderAdapter",
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,
    }
