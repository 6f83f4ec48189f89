# SPDX-License-Identifier: Apache-2.0
"""Probing: one user sends near variants of one text or picture until something passes.

Kept in this process alone, for ten minutes, as fingerprints. Several doors count each
for itself; the fingerprints in the store, kept thirty days, tell the rest afterwards.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from vigie.gateway.prints import NEAR_BITS, distance

WINDOW_MS: Final = 600_000
REMEMBERED: Final = 128
"""Fingerprints of one user."""
USERS: Final = 10_000
NAMELESS: Final = 10
"""Without a user id all users of an application are one: so many times more are asked for
before there is an alarm, and nobody is slowed."""
LEAST_DELAY_S: Final = 1.0
MOST_DELAY_S: Final = 10.0
PDQ_BITS: Final = 31
"""Of 256, as hash lists use it."""


class Probe(NamedTuple):
    """What was seen."""

    variants: int = 0
    """Different texts or pictures of the last ten minutes that are near to this one."""
    delay: float = 0.0
    """Seconds by which the answer is to be slowed."""
    alarm: bool = False
    """True where somebody is to be told; once in ten minutes for one user."""


class _Seen(NamedTuple):
    at: int
    value: int
    near: int
    """Bits within which another counts as near."""


class _User:
    """What one user sent lately."""

    __slots__ = ("seen", "told")

    def __init__(self) -> None:
        self.seen: deque[_Seen] = deque(maxlen=REMEMBERED)
        self.told = -WINDOW_MS


class Probing:
    """Remembers fingerprints by application and user."""

    def __init__(self) -> None:
        self._users: OrderedDict[tuple[str, str], _User] = OrderedDict()

    def see(
        self,
        application: str,
        user: str,
        text: int,
        pictures: Sequence[int],
        limit: int,
        now_ms: int,
    ) -> Probe:
        """Take in what was sent and say whether it looks like probing.

        Args:
            application: number of the API key.
            user: pseudonym; empty where the application named none.
            text: fingerprint of the newest words; 0: none.
            pictures: PDQ hashes as whole numbers.
            limit: the profile's `near_variants`.
            now_ms: milliseconds since 1970 UTC.
        """
        mine = self._of(application, user)
        new = [_Seen(now_ms, text, NEAR_BITS)] if text else []
        new += [_Seen(now_ms, picture, PDQ_BITS) for picture in pictures]
        variants = max((_variants(mine, one, now_ms) for one in new), default=0)
        mine.seen.extend(new)
        limit = limit if user else min(limit * NAMELESS, REMEMBERED - 1)
        if variants < limit:
            return Probe(variants)
        alarm = now_ms - mine.told >= WINDOW_MS
        if alarm:
            mine.told = now_ms
        return Probe(variants, _delay(variants - limit) if user else 0.0, alarm)

    def _of(self, application: str, user: str) -> _User:
        name = (application, user)
        found = self._users.get(name)
        if found is None:
            found = self._users[name] = _User()
            if len(self._users) > USERS:
                self._users.popitem(last=False)
        else:
            self._users.move_to_end(name)
        return found


def _variants(user: _User, new: _Seen, now_ms: int) -> int:
    """Count the different values near to a new one; the same again is no variant."""
    near = {
        one.value
        for one in user.seen
        if one.near == new.near
        and now_ms - one.at < WINDOW_MS
        and distance(one.value, new.value) <= new.near
    }
    # The new one is a variant itself.
    return len(near | {new.value})


def _delay(beyond: int) -> float:
    return min(LEAST_DELAY_S * 2.0 ** min(beyond, 10), MOST_DELAY_S)
