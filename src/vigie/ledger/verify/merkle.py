# SPDX-License-Identifier: Apache-2.0
"""RFC 6962 hashing, and the verification of proofs as in RFC 9162 section 2.1.

A tree over n > 1 leaves splits at the largest power of two below n. Leaves and
nodes are hashed with different prefixes, so that none can pass for the other.
"""

from __future__ import annotations

from hashlib import sha256
from typing import List, Sequence, Tuple

from vigie.ledger.verify.errors import ProofError
from vigie.ledger.verify.text import HASH_BYTES

EMPTY_ROOT = sha256(b"").digest()


def hash_leaf(entry: bytes) -> bytes:
    """Hash one entry: SHA-256 of a zero byte and the entry."""
    return sha256(b"\x00" + entry).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node above them."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf (or equal-sized subtree) hashes in order.

    Pairing row by row and carrying an odd last one up gives the same tree as
    the recursive definition.
    """
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        carried = [row[-1]] if len(row) % 2 else []
        row = [hash_node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + carried
    return row[0]


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError("Every hash of a proof has 32 bytes.")


def verify_inclusion(
    index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash stands at `index` of the tree with this root.

    Raises ProofError. Source: RFC 9162 section 2.1.3.2.
    """
    _check_hashes([leaf, root, *path])
    if not 0 <= index < size:
        raise ProofError("The index lies outside the tree.")
    if _climb(index, size, leaf, path) != root:
        raise ProofError("The inclusion proof does not lead to the root.")


def _climb(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    at, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofError("The inclusion proof is too long.")
        if at % 2 == 1 or at == last:
            value = hash_node(sibling, value)
            at, last = _to_left_turn(at, last)
        else:
            value = hash_node(value, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ProofError("The inclusion proof is too short.")
    return value


def _to_left_turn(at: int, last: int) -> Tuple[int, int]:
    """Skip the rows in which a node without right neighbour is only carried up."""
    while at % 2 == 0 and at != 0:
        at, last = at >> 1, last >> 1
    return at, last


def verify_consistency(
    first: int, second: int, root1: bytes, root2: bytes, path: Sequence[bytes]
) -> None:
    """Check that the tree of `second` leaves begins with the tree of `first`.

    Raises ProofError. A first size of 0 proves nothing and is refused.
    Source: RFC 9162 section 2.1.4.2.
    """
    if not 0 < first <= second:
        raise ProofError("The first tree is empty, or larger than the second.")
    if first == second:
        _check_same(root1, root2, path)
        return
    _check_hashes([root1, root2, *path])
    if not path:
        raise ProofError("There is no proof between these sizes.")
    start = [root1] if first & (first - 1) == 0 else []
    old, new = _replay(first, second, start + list(path))
    if old != root1 or new != root2:
        raise ProofError("The consistency proof does not lead to both roots.")


def _check_same(root1: bytes, root2: bytes, path: Sequence[bytes]) -> None:
    if path or root1 != root2:
        raise ProofError("Trees of one size have one root and need no proof.")


def _replay(first: int, second: int, path: List[bytes]) -> Tuple[bytes, bytes]:
    at, last = first - 1, second - 1
    while at % 2 == 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for value in path[1:]:
        if last == 0:
            raise ProofError("The consistency proof is too long.")
        if at % 2 == 1 or at == last:
            old, new = hash_node(value, old), hash_node(value, new)
            at, last = _to_left_turn(at, last)
        else:
            new = hash_node(new, value)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ProofError("The consistency proof is too short.")
    return old, new
