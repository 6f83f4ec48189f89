# SPDX-License-Identifier: Apache-2.0
"""What the machine door is made of, put together by `bootstrap`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from vigie.intake.engine import Engine
from vigie.intake.past import Past

FindArchived = Callable[[str], Awaitable[bytes | None]]
"""A decision's JSON from the archive by its id, or None."""


class Metrics:
    """What the door counts. No label holds a name, an id or content."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        self.items = Counter("vigie_items", "Items answered.", registry=own)
        self.refused = Counter("vigie_refused", "Refused, by code.", ["code"], registry=own)
        self.seconds = Histogram("vigie_request_seconds", "Time to answer.", registry=own)
        self.block = Gauge("vigie_longest_slice_seconds", "Longest slice judged.", registry=own)
        self.snapshot = Gauge("vigie_snapshot", "Number of the Snapshot in force.", registry=own)
        self.snapshot_refused = Gauge(
            "vigie_snapshot_refused", "1 while a newer Snapshot does not load.", registry=own
        )
        self.jobs = Gauge("vigie_jobs", "What jobs last said of itself.", ["figure"], registry=own)


@dataclass(slots=True, frozen=True)
class Services:
    """Everything that the routes need."""

    engine: Engine
    past: Past
    metrics: Metrics
    status: Callable[[], Mapping[str, Any]]
    """What `jobs` last wrote of itself; empty where it never ran."""
    find_archived: FindArchived
    fold_lag_limit: int
    metrics_public: bool
