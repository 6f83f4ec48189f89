# SPDX-License-Identifier: Apache-2.0
"""Django's settings, made from `vigie.settings`. Set DJANGO_SETTINGS_MODULE to it.

Only what the store and the people's doors need; machine doors never load this.
"""

from __future__ import annotations

# First: puts the right SQLite library in place before Django looks for one.
from vigie import sqlite_driver  # noqa: F401  # isort: skip

import os
import secrets
from pathlib import Path
from typing import Any, Final

from vigie.settings import Settings
from vigie.store import database
from vigie.web import conf as web_conf
from vigie.web import identity_conf

VIGIE: Final = Settings.from_env()
"""The operator's settings, as this process read them."""


def _secret() -> str:
    """Return Django's secret from the keys folder; a throw-away before `vigie init`."""
    path = VIGIE.keys_dir / "django-secret"
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    return secrets.token_urlsafe(48)


SECRET_KEY = _secret()
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "vigie.urls"
DATABASES: dict[str, Any] = {"default": database.configuration(VIGIE.data_dir, VIGIE.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "vigie.store.apps.StoreConfig",
    *identity_conf.APPS,
]
AUTH_USER_MODEL = "store.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("de", "Deutsch")]
LOCALE_PATHS = [Path(__file__).resolve().parent / "locale"]
LOGGING_CONFIG = None
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.django_settings")
globals().update(web_conf.people(VIGIE))
