# SPDX-License-Identifier: Apache-2.0
"""Runs the tests that a policy carries, on the engine that decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from vigie.screening.policy.compile import labels_read
from vigie.screening.policy.document import Expect, Policy, PolicyState, PolicyTest
from vigie.screening.policy.evaluate import ActivePolicy, Hit, PolicySet
from vigie.screening.policy.facts import Facts


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    """One test of a policy, with what was expected and what happened."""

    __test__ = False  # no test of this project, whatever pytest takes it for

    name: str
    expected: Expect
    got: Expect
    hit: Hit | None

    @property
    def passed(self) -> bool:
        """True where the result is the expected one."""
        return self.expected is self.got


def run_tests(policy: Policy, labels: Sequence[str] = ()) -> list[TestResult]:
    """Run the policy's own tests; without labels, those that it reads are known."""
    known = tuple(labels) or labels_read(policy)
    compiled = PolicySet([ActivePolicy(policy, PolicyState.LIVE)], known)
    return [_run(policy, compiled, test) for test in policy.tests]


def _run(policy: Policy, compiled: PolicySet, test: PolicyTest) -> TestResult:
    hits = compiled.evaluate(facts_given(policy, test.given))
    hit = hits[0] if hits else None
    return TestResult(name=test.name, expected=test.expect, got=_got(hit), hit=hit)


def _got(hit: Hit | None) -> Expect:
    if hit is None:
        return Expect.QUIET
    return Expect.FIRES if hit.fired else Expect.FAILS


def facts_given(policy: Policy, given: dict[str, Any]) -> Facts:
    """Return facts from variables as written; the surface is one the policy looks at."""
    values: dict[str, Any] = {"surface": str(policy.surfaces[0]) if policy.surfaces else "post"}
    scores: dict[str, float] = {}
    for name, value in given.items():
        head, _, tail = name.partition(".")
        if head == "score":
            scores[tail] = float(value)
        elif name == "failed":
            values["failed"] = frozenset(value)
        else:
            values[tail or head] = list(value) if isinstance(value, list | tuple) else value
    return Facts(scores=scores, **values)
