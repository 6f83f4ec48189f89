# SPDX-License-Identifier: Apache-2.0
"""The drawn way to the root follows the tree."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vigie.console.verify import LINE, path
from vigie.ledger.tree import Tree
from vigie.ledger.verify.merkle import hash_leaf, hash_node


@given(st.integers(1, 70), st.data())
def test_sides_drawn_are_the_sides_hashed(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = [hash_leaf(bytes([n])) for n in range(size)]
    tree = Tree(hashes)
    proof = tree.inclusion(index)
    drawn = path(index, size, len(proof))
    assert len(drawn.nodes) == len(proof)
    value = hashes[index]
    for node, sibling in zip(drawn.nodes, proof, strict=True):
        is_left = node.end < LINE
        value = hash_node(sibling, value) if is_left else hash_node(value, sibling)
    assert value == tree.root()
