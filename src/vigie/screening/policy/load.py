# SPDX-License-Identifier: Apache-2.0
"""Loading of policies: the operator's texts and the starter set of the package."""

from __future__ import annotations

from importlib.resources import files

from vigie.screening.policy.compile import check_policy
from vigie.screening.policy.document import Policy
from vigie.screening.policy.parse import parse_policy


def load_policy(text: str, source: str) -> Policy:
    """Return the policy of a YAML text, its clauses checked; raises `PolicyError`.

    Labels and law entries are checked where both are known, by `PolicySet`.
    """
    policy = parse_policy(text, source)
    check_policy(policy)
    return policy


def shipped_policies() -> dict[str, str]:
    """Return the starter set: file name to YAML text, in the order of names."""
    folder = files("vigie.screening.policy") / "packs"
    found = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }
    return dict(sorted(found.items()))
