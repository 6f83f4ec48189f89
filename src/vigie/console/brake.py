# SPDX-License-Identifier: Apache-2.0
"""How often one network may try to sign in, beside the brake of each account (`signin`).

For passwords only failures count, so that many names cannot be tried from one
place; a network that has used them up waits for one to come back, while
passkeys and the operator's own provider go on, since there is nothing to
guess. Their beginnings have a brake of their own: each one writes a session.
No address is stored: a bucket's key is a keyed digest of network and day.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from vigie.core.errors import RefusedError
from vigie.flow import house as houses
from vigie.store.models import RateBucket
from vigie.web.limits import prefix_of

if TYPE_CHECKING:
    from django.http import HttpRequest

DAY_MS: Final = 86_400_000
_KEY: Final = b"vigie/sign-in/v1"


@dataclass(frozen=True, slots=True)
class Brake:
    """What one network may do at once, and how much of it comes back in an hour."""

    name: str
    free: int
    per_hour: int

    def check(self, request: HttpRequest, now: int) -> None:
        """Raise RefusedError (429) where the caller's network has nothing left."""
        row = RateBucket.objects.filter(key=self._key(request, now)).first()
        left = self.free if row is None else self._filled(row, now)
        if left < 1:
            minutes = math.ceil((1 - left) * 60 / self.per_hour)
            raise RefusedError(
                _("Too many tries to sign in came from your network."),
                code="network_rests",
                fix=_("Wait %(minutes)s min, then try again.") % {"minutes": minutes},
                http_status=429,
            )

    def count(self, request: HttpRequest, now: int) -> None:
        """Take one from the caller's network."""
        key = self._key(request, now)
        with transaction.atomic():
            fresh = RateBucket(key=key, tokens=self.free, at=now)
            RateBucket.objects.bulk_create([fresh], ignore_conflicts=True)
            row = RateBucket.objects.select_for_update().get(key=key)
            row.tokens, row.at = max(0.0, self._filled(row, now) - 1), now
            row.save(update_fields=["tokens", "at"])

    def _filled(self, row: RateBucket, now: int) -> float:
        back = max(0, now - row.at) * self.per_hour / 3_600_000
        return min(self.free, row.tokens + back)

    def _key(self, request: HttpRequest, now: int) -> str:
        house = houses.current()
        network = prefix_of(request, house.settings.trusted_proxies)
        secret = hmac.digest(house.pseudonym_key, _KEY, "sha256")
        message = f"{now // DAY_MS}\n{self.name}\n{network}".encode()
        return hmac.new(secret, message, hashlib.sha256).hexdigest()


PASSWORDS: Final = Brake("password", free=30, per_hour=60)
"""Wrong passwords: a whole office may sit behind one address."""
BEGINNINGS: Final = Brake("begin", free=120, per_hour=1_200)
"""Sign-ins begun with a passkey or at the provider."""
