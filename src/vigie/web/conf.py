# SPDX-License-Identifier: Apache-2.0
"""Django settings of the people's doors: sessions, cookies, pages, headers.

Cookies carry the `__Host-` prefix wherever people reach Vigie over TLS (OWASP
ASVS 5.0, 3.3.1 to 3.3.4). Whether that is so is a setting of the operator,
never a header that a client can send (4.1.3).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from vigie.web import identity_conf

if TYPE_CHECKING:
    from vigie.settings import Settings

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
STATIC_URL: Final = "/static/"
LEAST_PASSWORD: Final = 15
"""Characters of a password; length is all that is asked (ASVS 6.2.1, 6.2.5)."""
_VALIDATION: Final = "django.contrib.auth.password_validation."


def people(settings: Settings) -> dict[str, Any]:
    """Return what `django_settings` adds for console, portal and api."""
    return {
        **_pages(),
        **_sessions(settings.is_https),
        **_hosts(settings),
        **identity_conf.identity(),
        "AUTH_PASSWORD_VALIDATORS": [
            {
                "NAME": _VALIDATION + "MinimumLengthValidator",
                "OPTIONS": {"min_length": LEAST_PASSWORD},
            },
            {"NAME": _VALIDATION + "CommonPasswordValidator"},
            {"NAME": _VALIDATION + "UserAttributeSimilarityValidator"},
            {"NAME": "vigie.web.passwords.ContextWords"},
        ],
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 10 * 1024 * 1024,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 1_200,
        # Attachments are sealed before they touch a disk; what is larger is dropped.
        "FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.MemoryFileUploadHandler"],
        "FILE_UPLOAD_MAX_MEMORY_SIZE": 22 * 1024 * 1024,
    }


def _pages() -> dict[str, Any]:
    here = Path(__file__).resolve().parent
    return {
        "STATIC_URL": STATIC_URL,
        "MIDDLEWARE": [
            "vigie.web.middleware.SecurityHeaders",
            "vigie.web.static.Static",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "vigie.web.middleware.Preferences",
            "vigie.web.errors.Refusals",
            "vigie.web.middleware.PlainText",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            identity_conf.MIDDLEWARE,
        ],
        "CACHES": {"default": {"BACKEND": "vigie.web.shared_cache.SharedCache"}},
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [
                    here / "templates",
                    here.parent / "console" / "templates",
                    here.parent / "portal" / "templates",
                ],
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request"],
                    "libraries": {
                        "vigie_tags": "vigie.web.templatetags.vigie_tags",
                        "console_tags": "vigie.console.templatetags.console_tags",
                        "care_tags": "vigie.console.templatetags.care_tags",
                    },
                },
            }
        ],
    }


def _sessions(https: bool) -> dict[str, Any]:
    prefix = "__Host-" if https else ""
    cookie = {"SECURE": https, "HTTPONLY": True, "SAMESITE": "Lax", "PATH": "/"}
    named = {
        "SESSION_COOKIE": "vigie-session",
        "CSRF_COOKIE": "vigie-csrf",
        "LANGUAGE_COOKIE": "vigie-language",
    }
    made: dict[str, Any] = {f"{kind}_NAME": prefix + name for kind, name in named.items()}
    for kind in named:
        made |= {f"{kind}_{key}": value for key, value in cookie.items()}
    made["SESSION_ENGINE"] = "vigie.store.sessions"
    made["SESSION_COOKIE_AGE"] = 12 * 3600
    made["SESSION_EXPIRE_AT_BROWSER_CLOSE"] = True
    made["CSRF_FAILURE_VIEW"] = "vigie.console.desk.form_refused"
    made["LOGIN_URL"] = "console:login"
    return made


def _hosts(settings: Settings) -> dict[str, Any]:
    """Allow the names under which people reach Vigie; a wildcard address allows any."""
    public = urlsplit(settings.base_url)
    names = [*LOOPBACK, public.hostname or settings.host]
    anyone = not settings.public_url and settings.host in {"0.0.0.0", "::"}  # noqa: S104
    return {
        "ALLOWED_HOSTS": ["*"] if anyone else sorted(set(names)),
        "CSRF_TRUSTED_ORIGINS": [f"https://{public.netloc}"] if settings.is_https else [],
    }
