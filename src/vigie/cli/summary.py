# SPDX-License-Identifier: Apache-2.0
"""What `vigie screen` counted."""

from __future__ import annotations

import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from vigie.core.decision import Decision
from vigie.core.errors import ErrorBody


def cpu_seconds() -> float:
    """Return the CPU seconds of this process, its threads and ended children."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(kind) for kind in kinds]
    return sum(one.ru_utime + one.ru_stime for one in used)


@dataclass(slots=True)
class Summary:
    """Counts by outcome and policy, failures with their place, and the cost."""

    outcomes: Counter[str] = field(default_factory=Counter)
    policies: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    """Where, code, message; never content."""
    media_failed: int = 0
    recorded: bool = False
    folded: bool = False
    snapshot: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    fold_seconds: float = 0.0
    _start: tuple[float, float] = field(
        default_factory=lambda: (time.monotonic(), cpu_seconds()), repr=False
    )

    @property
    def decided(self) -> int:
        """Items with a decision."""
        return sum(self.outcomes.values())

    def add(self, decision: Decision) -> None:
        """Count one decision."""
        self.outcomes[str(decision.outcome)] += 1
        self.snapshot = decision.snapshot
        for name, state in {(v.policy, v.state) for v in decision.verdicts}:
            self.policies[name, state] += 1
        self.media_failed += any(s.status == "failed" for s in decision.signals)

    def refuse(self, where: str, problem: ErrorBody) -> None:
        """Count one line that has no decision."""
        self.failures.append((where, problem.code, problem.message))

    def stop(self) -> None:
        """Take the time that screening took."""
        wall, cpu = self._start
        self.seconds, self.cpu = time.monotonic() - wall, cpu_seconds() - cpu

    def figures(self) -> dict[str, object]:
        """Return totals for people."""
        return {
            "items": f"{self.decided + len(self.failures):,}",
            "decided": f"{self.decided:,}",
            "failed": f"{len(self.failures):,}",
            "detector failed on": f"{self.media_failed:,}",
            "recorded": self._recorded(),
            "snapshot": self.snapshot,
            "time": f"{self.seconds:,.1f} s, {self.rate:,.0f} items a second",
            "CPU": f"{self.cpu:,.1f} s, {self.decided / max(self.cpu, 1e-9):,.0f} items a second",
        }

    def _recorded(self) -> str:
        if not self.recorded:
            return "nothing"
        if not self.folded:
            return "in the journal; the running server folds it"
        return f"folded in {self.fold_seconds:,.1f} s"

    @property
    def rate(self) -> float:
        """Items a second of wall time."""
        return self.decided / max(self.seconds, 1e-9)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for programs."""
        return {
            "items": self.decided + len(self.failures),
            "decided": self.decided,
            "outcomes": dict(self.outcomes),
            "policies": [
                {"policy": name, "state": state, "items": count}
                for (name, state), count in sorted(self.policies.items())
            ],
            "failed": [
                {"where": where, "code": code, "message": message}
                for where, code, message in self.failures
            ],
            "detector_failed": self.media_failed,
            "recorded": self.recorded,
            "folded": self.folded,
            "fold_seconds": round(self.fold_seconds, 3),
            "snapshot": self.snapshot,
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu, 3),
        }
