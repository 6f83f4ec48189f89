# SPDX-License-Identifier: Apache-2.0
"""What the gateway is made of, put together by `bootstrap`."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import NamedTuple, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from vigie.core.decision import Decision
from vigie.core.gateway import ExchangeFacts
from vigie.core.item import Subject


class Judged(NamedTuple):
    """What was judged and what was decided about it."""

    subject: Subject
    """As it was judged; its item's id is the decision's name."""
    decision: Decision
    text: str = ""
    """In which the decision's spans count, where it is more than the item's own text:
    a cut answer as far as it was received."""
    offset: int = 0
    """Where the item's text begins in it."""


class Books(Protocol):
    """Where exchanges are recorded. What is awaited is durable."""

    def fingerprint(self, application: str, text: str) -> int:
        """Return the keyed similarity fingerprint of a prompt, 64 bits; 0 where it has none."""
        ...

    def prompt(self, judged: Judged) -> Awaitable[None]:
        """Commit the decision on a prompt whose answer is still to come."""
        ...

    def ended(self, facts: ExchangeFacts, judged: Sequence[Judged]) -> Awaitable[None]:
        """Commit the end of an exchange.

        `judged`: what was not committed before, in order; the last one carries the
        facts, and where something was stopped it is what stopped it. None: nothing was
        judged. Counts what the key used.
        """
        ...

    def slow(self, facts: ExchangeFacts) -> float:
        """Return the seconds by which an application user's exchange is to be slowed: probing."""
        ...


class Metrics:
    """What the gateway counts. No label holds a name, an id or content."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        own = self.registry = registry or CollectorRegistry()
        self.exchanges = Counter(
            "vigie_ai_exchanges", "Exchanges, by ending.", ["route", "ending"], registry=own
        )
        self.refused = Counter("vigie_ai_refused", "Refused, by code.", ["code"], registry=own)
        self.seconds = Histogram("vigie_ai_seconds", "Time of an exchange.", registry=own)
        self.first = Histogram("vigie_ai_first_seconds", "Until the first byte.", registry=own)
        self.windows = Counter("vigie_ai_windows", "Windows of answers judged.", registry=own)
        self.late = Counter(
            "vigie_ai_unjudged", "Judgements that failed or came late.", ["stage"], registry=own
        )
        self.breaches = Counter(
            "vigie_ai_breaches", "Streams ended: more released than judged.", registry=own
        )
        self.streams = Gauge("vigie_ai_streams", "Streams under way.", registry=own)
        self.block = Gauge("vigie_ai_longest_slice_seconds", "Longest slice judged.", registry=own)
