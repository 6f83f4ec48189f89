# SPDX-License-Identifier: Apache-2.0
"""Django's cache in the store, so that every process knows the same.

Limits of signing in and codes already used must hold over all processes and
over a restart. Values are JSON, never pickles.
"""

from __future__ import annotations

import time
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import transaction

from vigie.store.models import CacheEntry

FOREVER_MS: Final = 365 * 86_400_000
KEY_CHARS: Final = 255


class SharedCache(BaseCache):
    """Keeps small values for minutes."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return a value that has not expired."""
        row = CacheEntry.objects.filter(pk=self._key(key, version), expires_at__gt=_now()).first()
        return default if row is None else row.value

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep a value; `timeout` in seconds."""
        CacheEntry.objects.update_or_create(
            pk=self._key(key, version), defaults={"value": value, "expires_at": self._end(timeout)}
        )

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep a value where none stands; say whether it was kept: of two at once one wins."""
        name = self._key(key, version)
        with transaction.atomic():
            CacheEntry.objects.filter(expires_at__lte=_now()).delete()
            _row, made = CacheEntry.objects.get_or_create(
                pk=name, defaults={"value": value, "expires_at": self._end(timeout)}
            )
        return made

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value; say whether there was one."""
        return CacheEntry.objects.filter(pk=self._key(key, version)).delete()[0] > 0

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value longer; say whether there was one."""
        rows = CacheEntry.objects.filter(pk=self._key(key, version), expires_at__gt=_now())
        return rows.update(expires_at=self._end(timeout)) > 0

    def clear(self) -> None:
        """Forget everything."""
        CacheEntry.objects.all().delete()

    def _key(self, key: str, version: int | None) -> str:
        return self.make_key(key, version)[:KEY_CHARS]

    def _end(self, timeout: Any) -> int:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return _now() + (FOREVER_MS if seconds is None else int(seconds * 1000))


def _now() -> int:
    return int(time.time() * 1000)
