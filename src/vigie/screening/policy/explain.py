# SPDX-License-Identifier: Apache-2.0
"""Explains one policy on one item: each clause, its answer, and what it read."""

from __future__ import annotations

from typing import Any

import msgspec

from vigie.core.decision import Reason
from vigie.screening.policy.compile import CompiledClause, compile_policy, labels_read
from vigie.screening.policy.document import Policy, PolicyState
from vigie.screening.policy.engine import ConditionError, Environment
from vigie.screening.policy.evaluate import ActivePolicy, PolicySet, reasons_of
from vigie.screening.policy.facts import Facts
from vigie.screening.policy.variables import NEUTRAL, catalogue, written


class ClauseExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """One clause on one item. `holds` None: it has no answer, `problem` says why."""

    name: str
    expression: str
    holds: bool | None
    problem: str | None
    read: dict[str, float | int | str | list[str]]
    """The variables it reads, as written, with their values."""
    met: tuple[Reason, ...]
    """Scores that met their limits, as a decision would tell them."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One policy on one item, for whoever may see scores."""

    policy: str
    version: int
    looks_here: bool
    """False where the policy does not look at the item's surface."""
    fired: bool
    failed: bool
    clauses: tuple[ClauseExplanation, ...]
    limits: dict[str, float]
    reasons: tuple[Reason, ...]


def explain(policy: Policy, facts: Facts) -> Explanation:
    """Return every clause with its answer, whether or not the policy fired."""
    labels = labels_read(policy)
    kinds = catalogue(labels)
    compiled = compile_policy(policy, Environment(kinds), labels)
    values = {name: _value(name, facts) for name in kinds}
    for name in facts.unreadable() & set(values):
        values[name] = NEUTRAL[kinds[name]]
    hits = PolicySet([ActivePolicy(policy, PolicyState.LIVE)], labels).evaluate(facts)
    return Explanation(
        policy=policy.id,
        version=policy.version,
        looks_here=policy.looks_at(facts.surface),
        fired=any(hit.fired for hit in hits),
        failed=any(hit.failed for hit in hits),
        clauses=tuple(_clause(clause, values, facts) for clause in compiled.clauses),
        limits=dict(policy.limits),
        reasons=hits[0].reasons if hits else (),
    )


def _value(name: str, facts: Facts) -> Any:
    if name.startswith("score_"):
        return facts.scores.get(name[6:], 0.0)
    return getattr(facts, name.removeprefix("item_"))


def _clause(clause: CompiledClause, values: dict[str, Any], facts: Facts) -> ClauseExplanation:
    holds: bool | None = None
    problem = None
    try:
        holds = clause.condition.evaluate(values)
    except ConditionError as error:
        problem = error.message
    return ClauseExplanation(
        name=clause.name,
        expression=clause.expression,
        holds=holds,
        problem=problem,
        read={written(name): values[name] for name in sorted(clause.reads)},
        met=tuple(reasons_of(clause, facts)) if holds else (),
    )
