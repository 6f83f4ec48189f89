# SPDX-License-Identifier: Apache-2.0
"""Policies at work: facts of one item in, what fired and why out.

All conditions of a surface are one expression, so an item crosses to the engine
once. Where any of them has no answer, each is asked alone: one broken policy
changes no other verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec

from vigie.core.decision import Reason
from vigie.core.item import Surface
from vigie.law import LawTable
from vigie.screening.policy.comparisons import Comparison
from vigie.screening.policy.compile import CompiledClause, CompiledPolicy, compile_policy
from vigie.screening.policy.document import FailMode, Policy, PolicyState
from vigie.screening.policy.engine import ConditionError, Environment
from vigie.screening.policy.facts import Facts
from vigie.screening.policy.grounds import check_grounds
from vigie.screening.policy.reading import watched
from vigie.screening.policy.variables import NAME, NEUTRAL, Kind, catalogue

NOT_SEEN: Final = "not seen: the detector failed"
UNREADABLE: Final = "not seen: the value cannot be read"


class ActivePolicy(msgspec.Struct, frozen=True):
    """A policy with the state that the store gives it."""

    policy: Policy
    state: PolicyState


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that fired, or that failed and whose fail mode asks for a person.

    Both can be true: it fired on what could be seen, and something could not.
    """

    policy: Policy
    state: PolicyState
    fired: bool
    failed: bool
    reasons: tuple[Reason, ...]


class _Ready:
    """One policy, ready for evaluation."""

    __slots__ = ("alone", "compiled", "state", "watched")

    def __init__(self, compiled: CompiledPolicy, state: PolicyState, env: Environment) -> None:
        self.compiled = compiled
        self.state = state
        self.watched = watched(compiled)
        self.alone = env.condition(compiled.text)


class _Surface:
    """The policies of one surface and their common expression."""

    __slots__ = ("items", "names", "ready", "scores", "together")

    def __init__(self, ready: list[_Ready], env: Environment) -> None:
        self.ready = ready
        self.together = env.together([one.compiled.text for one in ready])
        reads = sorted(frozenset().union(*(one.compiled.reads for one in ready)))
        self.scores = [(name, name[6:]) for name in reads if name.startswith("score_")]
        self.names = [name for name in reads if not name.startswith("score_")]
        self.items = _getter([name.removeprefix("item_") for name in self.names])

    def values(self, facts: Facts) -> dict[str, Any]:
        """Return the variables that any condition of the surface reads."""
        values: dict[str, Any] = dict(zip(self.names, self.items(facts), strict=True))
        get = facts.scores.get
        for name, label in self.scores:
            values[name] = get(label, 0.0)
        return values


def _getter(names: list[str]) -> Any:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda facts: tuple(getattr(facts, name) for name in names)


class PolicySet:
    """The policies in force, compiled for each surface; drafts are left out.

    Raises `PolicyError` where a policy reads a label that no detector reports
    or, with a law table, names a ground that is none.
    """

    def __init__(
        self,
        policies: Sequence[ActivePolicy],
        labels: Sequence[str],
        law: LawTable | None = None,
    ) -> None:
        self.active = tuple(policies)
        # A label that is no name (with a hyphen, say) cannot be written in a condition.
        self.labels = tuple(label for label in labels if NAME.fullmatch(label))
        self._kinds = catalogue(self.labels)
        if law is not None:
            for active in self.active:
                check_grounds(active.policy, law)
        env = Environment(self._kinds)
        ready = [
            _Ready(compile_policy(active.policy, env, self.labels), active.state, env)
            for active in self.active
            if active.state is not PolicyState.DRAFT
        ]
        self._surfaces = {
            str(surface): _for_surface(str(surface), ready, env) for surface in Surface
        }

    def evaluate(self, facts: Facts) -> list[Hit]:
        """Return what fired, and what failed where its fail mode is review."""
        surface = self._surfaces.get(facts.surface)
        if surface is None:
            return []
        values = surface.values(facts)
        blind = facts.unreadable()
        if blind:
            _neutralise(values, blind, self._kinds)
        answers = surface.together.evaluate(values)
        if answers is None:
            return _one_by_one(surface.ready, values, facts, blind)
        if not facts.failed and not blind:
            if True not in answers:
                return []
            return [
                _fired(one, facts, failed=False)
                for one, holds in zip(surface.ready, answers, strict=True)
                if holds
            ]
        hits = (
            _weigh(one, holds, facts, blind)
            for one, holds in zip(surface.ready, answers, strict=True)
        )
        return [hit for hit in hits if hit is not None]


def _for_surface(surface: str, ready: list[_Ready], env: Environment) -> _Surface | None:
    here = [one for one in ready if one.compiled.policy.looks_at(surface)]
    return _Surface(here, env) if here else None


def _neutralise(values: dict[str, Any], blind: frozenset[str], kinds: Mapping[str, Kind]) -> None:
    for name in blind:
        if name in values:
            values[name] = NEUTRAL[kinds[name]]


def _one_by_one(
    ready: list[_Ready], values: dict[str, Any], facts: Facts, blind: frozenset[str]
) -> list[Hit]:
    hits = []
    for one in ready:
        try:
            hit = _weigh(one, one.alone.evaluate(values), facts, blind)
        except ConditionError:
            hit = _failed(one, _errors(one.compiled.clauses, values))
        if hit is not None:
            hits.append(hit)
    return hits


def _weigh(one: _Ready, holds: bool, facts: Facts, blind: frozenset[str]) -> Hit | None:
    """Weigh an answer against what could not be seen."""
    unseen = one.watched & facts.failed
    unread = one.compiled.reads & blind
    if unread:
        return _failed(one, _unseen(one, unread, UNREADABLE))
    if holds:
        return _fired(one, facts, failed=bool(unseen))
    return _failed(one, _unseen(one, unseen, NOT_SEEN)) if unseen else None


def _fired(one: _Ready, facts: Facts, *, failed: bool) -> Hit:
    reasons: list[Reason] = []
    for clause in one.compiled.clauses:
        reasons += reasons_of(clause, facts)
    return Hit(
        policy=one.compiled.policy,
        state=one.state,
        fired=True,
        failed=failed,
        reasons=tuple(reasons),
    )


def _failed(one: _Ready, reasons: tuple[Reason, ...]) -> Hit | None:
    """Apply the fail mode: a person looks, or the policy stays quiet."""
    if one.compiled.policy.fail is FailMode.IGNORE:
        return None
    return Hit(
        policy=one.compiled.policy, state=one.state, fired=False, failed=True, reasons=reasons
    )


def reasons_of(clause: CompiledClause, facts: Facts) -> list[Reason]:
    """Tell each score that met its limit; the expression where a clause has none."""
    if clause.fixed_reason is not None:
        return [clause.fixed_reason]
    met: dict[tuple[str, str], Comparison] = {}
    for comparison in clause.comparisons:
        if comparison.holds(facts.scores.get(comparison.label, 0.0)):
            key = (comparison.label, comparison.sign)
            met[key] = comparison.harder(met.get(key, comparison))
    reasons = [_score_reason(clause, comparison, facts) for comparison in met.values()]
    return reasons or [Reason(clause=clause.name, expression=clause.expression)]


def _score_reason(clause: CompiledClause, comparison: Comparison, facts: Facts) -> Reason:
    label = comparison.label
    detector = facts.detectors.get(label)
    return Reason(
        clause=clause.name,
        signal=f"{detector}/{label}" if detector else label,
        value=facts.scores.get(label, 0.0),
        limit=comparison.limit,
    )


def _unseen(one: _Ready, names: frozenset[str], words: str) -> tuple[Reason, ...]:
    first = one.compiled.clauses[0].name
    return tuple(Reason(clause=first, signal=name, expression=words) for name in sorted(names))


def _errors(clauses: tuple[CompiledClause, ...], values: dict[str, Any]) -> tuple[Reason, ...]:
    """Name the clauses that have no answer."""
    reasons = []
    for clause in clauses:
        try:
            clause.condition.evaluate(values)
        except ConditionError as error:
            reasons.append(Reason(clause=clause.name, expression=f"error: {error.message}"))
    return tuple(reasons)
