# SPDX-License-Identifier: Apache-2.0
"""Trust policies (C2SP tlog-policy), with the fast Ed25519 of `cryptography`."""

from __future__ import annotations

from vigie.ledger.note import parse_vkey, verifier_of
from vigie.ledger.verify.policy import Accepted, Group, TrustPolicy

__all__ = ["Accepted", "Group", "TrustPolicy", "format_policy", "of_key", "parse_policy"]


def parse_policy(data: bytes | str) -> TrustPolicy:
    """Read a policy file."""
    return TrustPolicy.parse(data, verifier_of)


def of_key(vkey: str) -> TrustPolicy:
    """Believe one log key, without witnesses."""
    return TrustPolicy.of_key(vkey, verifier_of)


def format_policy(log_vkeys: list[str], witnesses: dict[str, str], needed: int = 0) -> str:
    """Write a policy file: these logs, and so many of these witnesses (none: no quorum)."""
    lines = [f"log {parse_vkey(vkey).vkey()}" for vkey in log_vkeys]
    lines += [f"witness {name} {parse_vkey(vkey).vkey()}" for name, vkey in witnesses.items()]
    if needed:
        lines += [f"group witnesses {needed} {' '.join(witnesses)}", "quorum witnesses"]
    else:
        lines.append("quorum none")
    text = "\n".join(lines) + "\n"
    parse_policy(text)
    return text
