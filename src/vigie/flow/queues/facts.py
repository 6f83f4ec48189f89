# SPDX-License-Identifier: Apache-2.0
"""What routing rules and filters read of a case, under the names of the search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from vigie.core.decision import Decision, Signal
from vigie.flow.queues.severity import severity
from vigie.screening.policy.facts import names, scores
from vigie.store.models import Case, DecisionRecord

Facts = Mapping[str, object]


def facts_of(
    case: Case, *, now: int, category: str, trusted: bool, due: int | None = None
) -> dict[str, object]:
    """Return the facts of a case; what is not kept of its item is left out."""
    row = case.decision
    made = msgspec.convert(row.body, Decision, strict=False)
    return {
        "now": now,
        "kind": case.kind,
        "queue": case.queue,
        "state": case.state,
        "category": category or None,
        "trusted": trusted,
        "severity": severity(category),
        "priority": case.priority,
        "due": case.due_at if due is None else due,
        **_of_decision(row),
        **_of_signals(made.signals),
    }


def _of_decision(row: DecisionRecord) -> dict[str, Any]:
    return {
        "at": row.at,
        "author": row.author or None,
        "decision": row.number,
        "decision.by": row.kind,
        "decision.class": row.cls or None,
        "decision.outcome": row.outcome,
        "decision.sample": row.sample,
        "decision.stands": row.superseded_by is None,
        "item": row.item_id,
        "item.language": row.language or None,
        "item.media": len(row.media),
        "item.service": row.service,
        "item.surface": row.surface or None,
        "item.version": row.version,
        "offence": row.offences,
        "policy": row.policies,
        "territory": row.territories,
    }


def _of_signals(signals: tuple[Signal, ...]) -> dict[str, Any]:
    marks, matched = names(signals)
    found, _ = scores(signals)
    return {
        "marks": marks,
        "matched": matched,
        **{f"score.{label}": value for label, value in found.items()},
    }
