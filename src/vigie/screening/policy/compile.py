# SPDX-License-Identifier: Apache-2.0
"""Compiles a policy's clauses; errors point into the policy's own file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from vigie.core.decision import Reason
from vigie.screening.policy.comparisons import Comparison
from vigie.screening.policy.document import Clause, Policy
from vigie.screening.policy.engine import Condition, ConditionError, Environment
from vigie.screening.policy.errors import PolicyError, did_you_mean
from vigie.screening.policy.places import locate
from vigie.screening.policy.rewrite import NameProblemError, Rewritten, rewrite
from vigie.screening.policy.variables import LISTS, catalogue, written

_KNOWN: Final = ("score.<label>", "limit.<name>", "item.<field>", *LISTS)
_UNKNOWN: Final = re.compile(r"unknown name `([^`]*)`")


@dataclass(frozen=True, slots=True)
class CompiledClause:
    """A clause ready to run, and the reason it gives when it holds."""

    name: str
    expression: str
    rewritten: Rewritten
    condition: Condition
    fixed_reason: Reason | None
    """The reason, where it does not depend on a score."""
    comparisons: tuple[Comparison, ...]

    @property
    def text(self) -> str:
        """The flat condition."""
        return self.rewritten.text

    @property
    def reads(self) -> frozenset[str]:
        """Flat names of the variables it reads."""
        return self.rewritten.reads


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy with its clauses compiled."""

    policy: Policy
    clauses: tuple[CompiledClause, ...]

    @property
    def text(self) -> str:
        """The one condition under which the policy fires: all clauses."""
        return " && ".join(f"({clause.text})" for clause in self.clauses)

    @property
    def reads(self) -> frozenset[str]:
        """Every variable that any clause reads."""
        return frozenset().union(*(clause.reads for clause in self.clauses))

    @property
    def texts(self) -> frozenset[str]:
        """Every quoted text in any clause."""
        return frozenset().union(*(clause.rewritten.texts for clause in self.clauses))

    @property
    def labels(self) -> frozenset[str]:
        """Every label whose score it reads."""
        return frozenset(
            name.removeprefix("score_") for name in self.reads if name.startswith("score_")
        )


def labels_read(policy: Policy) -> tuple[str, ...]:
    """Return the labels whose scores a policy reads."""
    names = [name for clause in policy.when for name in _rewritten(policy, clause, None).reads]
    return tuple(sorted({n.removeprefix("score_") for n in names if n.startswith("score_")}))


def check_policy(policy: Policy) -> None:
    """Check names, limits and types of all clauses, taking its labels as known."""
    labels = labels_read(policy)
    compile_policy(policy, Environment(catalogue(labels)), labels)


def compile_policy(
    policy: Policy, environment: Environment, labels: tuple[str, ...]
) -> CompiledPolicy:
    """Compile every clause; raises `PolicyError` with the place in the file."""
    clauses = tuple(_compile(policy, clause, environment, labels) for clause in policy.when)
    return CompiledPolicy(policy, clauses)


def _compile(
    policy: Policy, clause: Clause, environment: Environment, labels: tuple[str, ...]
) -> CompiledClause:
    rewritten = _rewritten(policy, clause, labels)
    for pattern in rewritten.patterns:
        if not environment.accepts_pattern(pattern.text):
            raise _error(policy, clause, "not a regular expression (RE2)", pattern.start, None)
    try:
        condition = environment.condition(rewritten.text)
    except ConditionError as error:
        offset = rewritten.rewriter.source_offset(error.offset)
        raise _error(policy, clause, _as_written(error.message), offset, _fix(error)) from error
    comparisons = rewritten.comparisons
    fixed = None if comparisons else Reason(clause=clause.name, expression=clause.expression)
    return CompiledClause(clause.name, clause.expression, rewritten, condition, fixed, comparisons)


def _rewritten(policy: Policy, clause: Clause, labels: tuple[str, ...] | None) -> Rewritten:
    try:
        return rewrite(clause.expression, policy.limits, labels)
    except NameProblemError as error:
        raise _error(policy, clause, error.message, error.offset, error.fix) from error


def _error(
    policy: Policy, clause: Clause, message: str, offset: int, fix: str | None
) -> PolicyError:
    line, column = locate(clause.places, offset) if clause.places else (1, 1)
    return PolicyError(
        message,
        source=policy.file or policy.id,
        line=line,
        column=column,
        field=f"when.{clause.name}",
        fix=fix,
    )


def _as_written(message: str) -> str:
    """Give names in an engine's message the form in which authors write them."""
    words = message.split("`")
    return "`".join(written(word) if number % 2 else word for number, word in enumerate(words))


def _fix(error: ConditionError) -> str | None:
    found = _UNKNOWN.search(error.message)
    if found is not None:
        return did_you_mean(found[1], _KNOWN)
    if "cannot take" in error.message:
        return "compare values of one type: numbers with numbers, texts with quoted texts"
    if "true or false" in error.message:
        return "compare something, as in `score.hate >= limit.hate`"
    return None
