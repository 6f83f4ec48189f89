# SPDX-License-Identifier: Apache-2.0
"""What the gateway is made of, put together by `bootstrap`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from vigie.core.decision import Decision
from vigie.core.item import Subject

if TYPE_CHECKING:
    from vigie.core.addresses import StatementAddresses
    from vigie.core.clock import Clock
    from vigie.gateway.books import Books
    from vigie.gateway.budgets import Budgets
    from vigie.gateway.exchange import Exchange
    from vigie.gateway.judging import Judge
    from vigie.gateway.pictures import Pictures
    from vigie.gateway.upstream import Upstreams
    from vigie.machine.holder import Holder


class Judged(NamedTuple):
    """A decision, and what it is about."""

    subject: Subject
    """As it was judged; its item's id is the decision's name."""
    decision: Decision
    text: str = ""
    """In which the decision's spans count, where it is more than the item's own text:
    a cut answer as far as it was received."""
    offset: int = 0
    """Where the item's text begins in it."""


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
        self.live = Gauge("vigie_ai_live", "Exchanges under way.", registry=own)
        self.block = Gauge("vigie_ai_longest_slice_seconds", "Longest slice judged.", registry=own)


@dataclass(slots=True)
class Gateway:
    """Everything that an exchange needs."""

    holder: Holder
    judge: Judge
    books: Books
    budgets: Budgets
    upstreams: Upstreams
    pictures: Pictures
    addresses: StatementAddresses
    clock: Clock
    metrics: Metrics
    live: set[Exchange] = field(default_factory=set)
    """Exchanges under way: a clock looks at their brakes, pauses and budgets of time."""
