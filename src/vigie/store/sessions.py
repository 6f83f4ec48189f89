# SPDX-License-Identifier: Apache-2.0
"""Where sessions are kept: Django's own store, with the account in a column of its own.

The account makes it possible to show a person their sessions and to end them
(OWASP ASVS 5.0, 7.4.2, 7.4.5, 7.5.2). Django looks for `SessionStore` here.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from vigie.store.models.accounts import DeskSession


class SessionStore(DatabaseStore):
    """Django's store in the database, over `DeskSession`."""

    @classmethod
    def get_model_class(cls) -> type[DeskSession]:
        """Return the table of sessions."""
        return DeskSession

    def create_model_instance(self, data: dict[str, Any]) -> DeskSession:
        """Return the row of a session, with its account."""
        row: DeskSession = super().create_model_instance(data)  # type: ignore[assignment]
        account = data.get(SESSION_KEY)
        row.account = int(account) if account is not None else None
        return row
