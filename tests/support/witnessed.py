# SPDX-License-Identifier: Apache-2.0
"""A log that a witness is asked to cosign, and a second history of it under the same key."""

from __future__ import annotations

from functools import cache

from tests.support.ledger import ORIGIN, entry, seed
from vigie.ledger import tree
from vigie.ledger.checkpoint import Checkpoint, sign_checkpoint
from vigie.ledger.note import Signer
from vigie.ledger.witness import format_request

LOG = Signer(ORIGIN, seed("log key"))
MOST = 16_384
"""Entries of the log; a campaign asks for fewer."""


@cache
def _leaves() -> list[bytes]:
    return [tree.hash_leaf(entry(n)) for n in range(MOST)]


@cache
def _tree() -> tree.Tree:
    return tree.Tree(_leaves())


def ask(old: int, size: int) -> str:
    """Return a request to grow from one size to another."""
    note = sign_checkpoint(Checkpoint(ORIGIN, size, _tree().root(size)), [LOG])
    return format_request(old, _tree().consistency(old, size) if old else [], note)


def fork(size: int) -> str:
    """Return a request to cosign another history as if nothing had been cosigned before."""
    note = sign_checkpoint(Checkpoint(ORIGIN, size, seed(f"another root {size}")), [LOG])
    return format_request(0, [], note)
