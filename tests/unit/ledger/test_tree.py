# SPDX-License-Identifier: Apache-2.0
"""Laws of RFC 6962 trees: every proof verifies, every changed bit is refused."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger import entry, seed
from vigie.ledger import tree
from vigie.ledger.verify.errors import ProofError

LIMIT = 300
LEAVES = [tree.hash_leaf(entry(n)) for n in range(LIMIT)]
TREE = tree.Tree(LEAVES)
ROOTS = [tree.root_of(LEAVES[:size]) for size in range(LIMIT + 1)]


def _recursive_root(hashes):
    """MTH as RFC 6962 section 2.1 writes it, for comparison."""
    if len(hashes) < 2:
        return hashes[0] if hashes else tree.EMPTY_ROOT
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return tree.hash_node(_recursive_root(hashes[:split]), _recursive_root(hashes[split:]))


def test_roots_agree_with_the_recursive_definition():
    for size in chain(range(70), (127, 128, 129, 255, 256, 257, 300)):
        assert ROOTS[size] == TREE.root(size) == _recursive_root(LEAVES[:size])


def test_every_inclusion_proof_up_to_300_verifies():
    for size in range(1, LIMIT + 1):
        for index in range(size):
            path = TREE.inclusion(index, size)
            tree.verify_inclusion(index, size, LEAVES[index], path, ROOTS[size])


def test_every_consistency_proof_up_to_300_verifies():
    for second in range(1, LIMIT + 1):
        for first in range(1, second + 1):
            path = TREE.consistency(first, second)
            tree.verify_consistency(first, second, ROOTS[first], ROOTS[second], path)


def _flips(value):
    for bit in range(8 * len(value)):
        changed = bytearray(value)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (3, 5), (6, 7), (100, 300)])
def test_every_flipped_bit_of_an_inclusion_proof_is_refused(index, size):
    leaf, path, root = LEAVES[index], TREE.inclusion(index, size), ROOTS[size]
    wrong = [(leaf, path, other) for other in _flips(root)]
    wrong += [(other, path, root) for other in _flips(leaf)]
    for at, value in enumerate(path):
        wrong += [(leaf, [*path[:at], other, *path[at + 1 :]], root) for other in _flips(value)]
    for changed_leaf, changed_path, changed_root in wrong:
        with pytest.raises(ProofError):
            tree.verify_inclusion(index, size, changed_leaf, changed_path, changed_root)


@pytest.mark.parametrize(("first", "second"), [(1, 2), (3, 7), (4, 7), (6, 8), (255, 300)])
def test_every_flipped_bit_of_a_consistency_proof_is_refused(first, second):
    path, old, new = TREE.consistency(first, second), ROOTS[first], ROOTS[second]
    wrong = [(path, other, new) for other in _flips(old)]
    wrong += [(path, old, other) for other in _flips(new)]
    for at, value in enumerate(path):
        wrong += [([*path[:at], other, *path[at + 1 :]], old, new) for other in _flips(value)]
    for changed, root1, root2 in wrong:
        with pytest.raises(ProofError):
            tree.verify_consistency(first, second, root1, root2, changed)


@given(st.data())
def test_a_proof_for_one_place_is_refused_for_every_other(data):
    size = data.draw(st.integers(2, LIMIT))
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    path = TREE.inclusion(index, size)
    with pytest.raises(ProofError):
        tree.verify_inclusion(other, size, LEAVES[index], path, ROOTS[size])


@given(st.integers(1, LIMIT), st.integers(0, 3), st.binary(min_size=32, max_size=32))
def test_longer_and_shorter_proofs_are_refused(size, cut, extra):
    path = TREE.inclusion(0, size)
    for wrong in [[*path, extra], [extra, *path], path[: max(len(path) - 1 - cut, 0)]]:
        if wrong != path:
            with pytest.raises(ProofError):
                tree.verify_inclusion(0, size, LEAVES[0], wrong, ROOTS[size])


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0), (9, 4)])
def test_places_outside_the_tree_have_no_proof(index, size):
    with pytest.raises(ProofError):
        tree.inclusion_path(TREE, index, size)
    with pytest.raises(ProofError):
        tree.verify_inclusion(index, size, LEAVES[0], [], ROOTS[1])


@pytest.mark.parametrize(("first", "second"), [(5, 4), (-1, 4)])
def test_a_tree_does_not_shrink(first, second):
    with pytest.raises(ProofError):
        tree.consistency_path(TREE, first, second)
    with pytest.raises(ProofError):
        tree.verify_consistency(first, second, ROOTS[1], ROOTS[1], [])


def test_hashes_of_a_wrong_length_are_refused():
    with pytest.raises(ProofError, match="32 bytes"):
        tree.verify_inclusion(0, 2, LEAVES[0], [b"short"], ROOTS[2])


class _Endless:
    """Complete subtrees of a log in which every entry is the same: any size for free."""

    def __init__(self):
        self.rows = [tree.hash_leaf(b"same")]
        for _ in range(40):
            self.rows.append(tree.hash_node(self.rows[-1], self.rows[-1]))

    def node(self, level, index):
        return self.rows[level]


@settings(max_examples=200)
@given(st.integers(1, 2**40), st.data())
def test_proofs_hold_in_very_large_trees(size, data):
    nodes = _Endless()
    index = data.draw(st.integers(0, size - 1))
    root = tree.range_root(nodes, 0, size)
    path = tree.inclusion_path(nodes, index, size)
    tree.verify_inclusion(index, size, nodes.rows[0], path, root)
    with pytest.raises(ProofError):
        tree.verify_inclusion(index, size, seed("another"), path, root)
    old = tree.range_root(nodes, 0, index + 1)
    steps = tree.consistency_path(nodes, index + 1, size)
    tree.verify_consistency(index + 1, size, old, root, steps)
