# SPDX-License-Identifier: Apache-2.0
"""How much one network may send to the public forms, without an outside CAPTCHA.

Token buckets in the store, so that several processes count together: one for
each network prefix (/24, /56) and one for the whole door. Past a first limit
the sender's browser works for a moment (`web.work`), or the sender waits; past
a second one the request is refused, which the page says with the time to wait.
Addresses are never stored: a bucket's key is a keyed digest of day and prefix.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from vigie.core.errors import VigieError
from vigie.store.models import RateBucket
from vigie.web import work

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.flow.house import House

DAY_MS: Final = 86_400_000
EVERYBODY: Final = "*"
REFUSED: Final = "refused"
"""Rows under this name count what was refused; `/metrics` shows them."""
_KEY: Final = b"vigie/limits-key/v1"


class RateLimitedError(VigieError):
    """Too much came from one network. Nothing was lost: the page keeps the form."""

    code = "rate_limited"
    http_status = 429

    def __init__(self, message: str, fix: str, *, retry_after: int, challenge: str = "") -> None:
        super().__init__(message, fix=fix)
        self.retry_after = retry_after
        """Seconds until the same request is taken."""
        self.challenge = challenge
        """What the browser can work on meanwhile (`web.work`); empty: only waiting helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What one form allows."""

    free: int
    """So many at once need no work."""
    most: int
    """So many at once are taken at all."""
    per_hour: int
    """So many come back in an hour."""
    all_free: int
    """So many of everybody in a short time before everybody works."""


LIMITS: Final = {
    "draft": Limit(free=20, most=60, per_hour=60, all_free=600),
    "notice": Limit(free=5, most=30, per_hour=30, all_free=300),
    "appeal": Limit(free=5, most=20, per_hour=20, all_free=300),
    "intimate": Limit(free=5, most=20, per_hour=20, all_free=300),
    # Each document is read in a process of its own while the authority waits.
    "order": Limit(free=10, most=40, per_hour=40, all_free=300),
    # Each file is decoded, matched and sealed while the person waits.
    "file": Limit(free=10, most=40, per_hour=40, all_free=300),
    # Guesses at tracking codes: 100 bits stand behind them, this keeps the door calm.
    "code": Limit(free=10, most=30, per_hour=30, all_free=600),
    # A key of the platform's own buttons, or of a trusted flagger: it never works or waits.
    "api": Limit(free=3_000, most=3_000, per_hour=36_000, all_free=1_000_000),
}
"""By name of the form. A step of work does not raise `most`."""


def allow(house: House, request: HttpRequest, bucket: str) -> None:
    """Count one request; return where it may go on.

    Raises RateLimitedError: with a challenge where a moment of work or of
    waiting is enough, without one where the network has used all it has.
    """
    prefix = prefix_of(request, house.settings.trusted_proxies)
    allow_sender(house, prefix, bucket, request.POST.get(work.FIELD, ""))


def allow_sender(house: House, sender: str, bucket: str, answer: str = "") -> None:
    """Count one request of a sender that is no browser, such as an API key."""
    limit, now = LIMITS[bucket], house.now()
    mine = _key(house, bucket, sender, now)
    left = _take(mine, limit.most, limit.per_hour, now)
    if left < 0:
        _count(bucket, "refused", now)
        wait = math.ceil(-left * 3600 / limit.per_hour)
        raise RateLimitedError(
            _("Too much came from your network in a short time. Nothing was recorded."),
            _("What you wrote is kept below. It can be sent again in %(minutes)s min.")
            % {"minutes": max(1, math.ceil(wait / 60))},
            retry_after=max(1, wait),
        )
    all_key = _key(house, bucket, EVERYBODY, now)
    rest = _take(all_key, limit.all_free, limit.all_free * 12, now)
    calm = left >= limit.most - limit.free and rest >= 0
    if calm or work.is_done(house, mine, answer):
        return
    # What must be worked for is not counted against the sender before it is done.
    _give_back(mine)
    _count(bucket, "work", now)
    raise RateLimitedError(
        _("Much is being sent from your network at the moment. Nothing was recorded yet."),
        _("Your browser is working for a moment; without script, wait %(seconds)s seconds.")
        % {"seconds": work.WAIT_S},
        retry_after=work.WAIT_S,
        challenge=work.challenge(house, mine),
    )


def prefix_of(request: HttpRequest, proxies: tuple[str, ...]) -> str:
    """Return the network of the caller: /24 of IPv4, /56 of IPv6.

    Forwarded addresses count only where the peer is one of our own proxies
    (VIGIE_TRUSTED_PROXIES); of these the last that is none of them is the caller.
    """
    caller = _address(str(request.META.get("REMOTE_ADDR", "")))
    if caller is not None and _is_ours(caller, proxies):
        for text in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
            said = _address(text)
            if said is None:
                break
            caller = said
            if not _is_ours(said, proxies):
                break
    if caller is None:
        return "unknown"
    return str(ip_network((caller, 24 if caller.version == 4 else 56), strict=False))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _is_ours(address: IPv4Address | IPv6Address, proxies: tuple[str, ...]) -> bool:
    return any(address in ip_network(one, strict=False) for one in proxies)


def _key(house: House, bucket: str, sender: str, now: int) -> str:
    """Return a bucket's name: of this day, without the address in it."""
    secret = hmac.digest(house.pseudonym_key, _KEY, "sha256")
    message = f"{now // DAY_MS}\n{bucket}\n{sender}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def _take(key: str, most: float, per_hour: float, now: int) -> float:
    """Take a token; return what is left, below zero where there was none.

    What is missing is not taken: the time to wait does not grow by asking.
    """
    with transaction.atomic():
        row = _row(key, most, now)
        full = min(most, row.tokens + max(0, now - row.at) * per_hour / 3_600_000)
        left = full - 1
        row.tokens, row.at = (left if left >= 0 else full), now
        row.save(update_fields=["tokens", "at"])
    return left


def _row(key: str, most: float, now: int) -> RateBucket:
    """Return the bucket, locked; two processes that meet see each other's."""
    RateBucket.objects.bulk_create(
        [RateBucket(key=key, tokens=most, at=now)], ignore_conflicts=True
    )
    return RateBucket.objects.select_for_update().get(key=key)


def _give_back(key: str) -> None:
    with transaction.atomic():
        row = RateBucket.objects.select_for_update().get(key=key)
        row.tokens += 1
        row.save(update_fields=["tokens"])


def _count(bucket: str, why: str, now: int) -> None:
    key = f"{REFUSED}:{bucket}:{why}"
    with transaction.atomic():
        row = _row(key, 0, now)
        row.tokens, row.at = row.tokens + 1, now
        row.save(update_fields=["tokens", "at"])


def counted() -> dict[str, float]:
    """Return how often each form was refused or made to work, for `/metrics`."""
    rows = RateBucket.objects.filter(key__startswith=f"{REFUSED}:")
    return {f"limits_{row.key.replace(':', '_')}": row.tokens for row in rows}
