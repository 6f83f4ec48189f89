# SPDX-License-Identifier: Apache-2.0
"""The Django app of the store."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """All of Vigie's tables under one label."""

    name = "vigie.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Vigie store"
