# SPDX-License-Identifier: Apache-2.0
"""The brake that a door pulls by itself: too many stops, too many failures, a drift.

It holds in this process at once and goes to the journal; `jobs` makes it a brake of
all doors. From the moment a Snapshot names it, the Snapshot alone counts, so that
two people can release it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from vigie.core.gateway import EVERYWHERE, Brake, Feature, Trips

MINUTE_MS: Final = 60_000
SLOT_MS: Final = 5_000
STOPS: Final = "stops"
FAILURES: Final = "failures"
DRIFT: Final = "drift"
REASONS: Final = {
    STOPS: "Too many requests were refused within a minute.",
    FAILURES: "The safety check failed too often within a minute.",
    DRIFT: "Far more requests were refused than the day before.",
}


class Tripped(NamedTuple):
    """A brake that a door pulled, and why."""

    brake: Brake
    why: str
    """`stops`, `failures` or `drift`."""


class _Slot:
    """Counts of five seconds."""

    __slots__ = ("at", "exchanges", "failures", "stops")

    def __init__(self, at: int) -> None:
        self.at = at
        self.exchanges = self.stops = self.failures = 0


class Watch:
    """Counts a minute of every feature, and holds the brakes that it pulled."""

    def __init__(self, yesterday: Callable[[str], tuple[int, int]] = lambda _: (0, 0)) -> None:
        self._yesterday = yesterday
        self._slots: dict[Feature, deque[_Slot]] = {}
        self._pulled: dict[Feature, Brake] = {}

    def count(
        self,
        feature: Feature,
        terms: Trips,
        now_ms: int,
        *,
        stopped: bool = False,
        failures: int = 0,
    ) -> Tripped | None:
        """Count one exchange that ended; return the brake where this one pulled it."""
        slots = self._slots.setdefault(feature, deque())
        slot = _slot(slots, now_ms)
        slot.exchanges += 1
        slot.stops += stopped
        slot.failures += failures
        if feature in self._pulled or not (stopped or failures):
            return None
        why = self._why(feature, slots, terms)
        if why is None:
            return None
        slots.clear()
        brake = Brake(number=0, feature=feature, reason=REASONS[why], automatic=True)
        self._pulled[feature] = brake
        return Tripped(brake, why)

    def stops(self, feature: Feature, known: Iterable[Brake]) -> Brake | None:
        """Return the brake that this door pulled, until a Snapshot holds one of its own."""
        mine = self._pulled.get(feature)
        if mine is None:
            return None
        if any(
            one.feature in (feature, Feature.ALL) and EVERYWHERE in one.countries for one in known
        ):
            del self._pulled[feature]
            return None
        return mine

    def _why(self, feature: Feature, slots: Iterable[_Slot], terms: Trips) -> str | None:
        exchanges = sum(slot.exchanges for slot in slots)
        stops = sum(slot.stops for slot in slots)
        if terms.failures and sum(slot.failures for slot in slots) >= terms.failures:
            return FAILURES
        if exchanges < terms.least:
            return None
        if terms.stops_per_hundred and stops * 100 >= terms.stops_per_hundred * exchanges:
            return STOPS
        return DRIFT if self._drifts(feature, exchanges, stops, terms) else None

    def _drifts(self, feature: Feature, exchanges: int, stops: int, terms: Trips) -> bool:
        before, stopped = self._yesterday(feature.value)
        if not terms.drift_per_hundred or before < terms.least:
            return False
        points = stops * 100 / exchanges - stopped * 100 / before
        return points >= terms.drift_per_hundred


def _slot(slots: deque[_Slot], now_ms: int) -> _Slot:
    at = now_ms - now_ms % SLOT_MS
    while slots and slots[0].at <= now_ms - MINUTE_MS:
        slots.popleft()
    if not slots or slots[-1].at != at:
        slots.append(_Slot(at))
    return slots[-1]
