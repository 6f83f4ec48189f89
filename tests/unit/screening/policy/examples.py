# SPDX-License-Identifier: Apache-2.0
"""Policies that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.screening.policy import ActivePolicy, Policy, PolicySet, PolicyState, load_policy

LABELS = ("hate", "denial", "terror")

TEXT = """\
id: {name}
version: 1
title: {{en: An example, fr: Un exemple, de: Ein Beispiel}}
description: An example.
{ground}
limits: {{hate: 0.85}}
when:
{clauses}
action: withhold
fail: {fail}
state: live
"""


def text_of(
    *clauses: str,
    name: str = "example",
    ground: str = "offences: [fr_hate]",
    fail: str = "review",
    more: str = "",
) -> str:
    """Return the YAML of a policy; a clause is `name: condition`."""
    lines = "\n".join(f"  {clause}" for clause in clauses)
    return TEXT.format(name=name, ground=ground, clauses=lines, fail=fail) + more


def policy_of(*clauses: str, **known: str) -> Policy:
    """Return the loaded policy."""
    return load_policy(text_of(*clauses, **known), "example.yaml")


def set_of(
    policies: Sequence[Policy],
    labels: Sequence[str] = LABELS,
    state: PolicyState = PolicyState.LIVE,
) -> PolicySet:
    """Return the policies in force, all in one state."""
    return PolicySet([ActivePolicy(policy, state) for policy in policies], labels)
