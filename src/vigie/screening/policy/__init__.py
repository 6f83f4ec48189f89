# SPDX-License-Identifier: Apache-2.0
"""Policies: YAML documents of named clauses and limits, evaluated on an item's signals."""

from vigie.screening.policy.document import (
    Clause,
    Expect,
    FailMode,
    Policy,
    PolicyState,
    PolicyTest,
    Terms,
    Words,
    from_document,
    to_document,
)
from vigie.screening.policy.errors import PolicyError
from vigie.screening.policy.evaluate import ActivePolicy, Hit, PolicySet
from vigie.screening.policy.explain import ClauseExplanation, Explanation, explain
from vigie.screening.policy.facts import Facts, facts_of
from vigie.screening.policy.grounds import check_grounds
from vigie.screening.policy.load import load_policy, shipped_policies
from vigie.screening.policy.testing import TestResult, facts_given, run_tests

__all__ = [
    "ActivePolicy",
    "Clause",
    "ClauseExplanation",
    "Expect",
    "Explanation",
    "Facts",
    "FailMode",
    "Hit",
    "Policy",
    "PolicyError",
    "PolicySet",
    "PolicyState",
    "PolicyTest",
    "Terms",
    "TestResult",
    "Words",
    "check_grounds",
    "explain",
    "facts_given",
    "facts_of",
    "from_document",
    "load_policy",
    "run_tests",
    "shipped_policies",
    "to_document",
]
