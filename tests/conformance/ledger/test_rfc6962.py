# SPDX-License-Identifier: Apache-2.0
"""The probes of transparency-dev/merkle and the classic trees of Certificate Transparency."""

from __future__ import annotations

import base64
import json

import pytest

from tests.support.ledger import VECTORS, vector
from vigie.ledger import tree
from vigie.ledger.verify.errors import ProofError

TESTDATA = VECTORS / "rfc6962" / "testdata"


def _probes(kind):
    found = sorted((TESTDATA / kind).rglob("*.json"))
    return [pytest.param(path, id=str(path.relative_to(TESTDATA))) for path in found]


def _hash(text):
    return base64.b64decode(text) if text else b""


def _refuses(check, *arguments):
    try:
        check(*arguments)
    except ProofError:
        return True
    return False


def test_all_196_probes_are_there():
    assert len(_probes("inclusion")) == 98
    assert len(_probes("consistency")) == 98


@pytest.mark.parametrize("path", _probes("inclusion"))
def test_inclusion_probe_is_judged_as_expected(path):
    probe = json.loads(path.read_text())
    refused = _refuses(
        tree.verify_inclusion,
        probe["leafIdx"],
        probe["treeSize"],
        _hash(probe["leafHash"]),
        [_hash(text) for text in probe["proof"] or []],
        _hash(probe["root"]),
    )
    assert refused == probe["wantErr"]


@pytest.mark.parametrize("path", _probes("consistency"))
def test_consistency_probe_is_judged_as_expected(path):
    probe = json.loads(path.read_text())
    refused = _refuses(
        tree.verify_consistency,
        probe["size1"],
        probe["size2"],
        _hash(probe["root1"]),
        _hash(probe["root2"]),
        [_hash(text) for text in probe["proof"] or []],
    )
    assert refused == probe["wantErr"]


def test_leaf_node_and_empty_hashes_are_those_of_the_rfc():
    for case in vector("rfc6962/hasher.json")["hashes"]:
        if case["what"] == "empty root":
            found = tree.EMPTY_ROOT
        elif case["what"] == "leaf":
            found = tree.hash_leaf(case["entry_utf8"].encode())
        else:
            found = tree.hash_node(case["left_utf8"].encode(), case["right_utf8"].encode())
        assert found.hex() == case["expect"]


def test_classic_trees_have_the_published_nodes_and_roots():
    classic = vector("rfc6962/roots.json")
    leaves = [tree.hash_leaf(bytes.fromhex(text)) for text in classic["leaf_inputs"]]
    grown = tree.Tree(leaves)
    assert [grown.root(size).hex() for size in range(9)] == classic["root_hashes"]
    assert [tree.root_of(leaves[:size]).hex() for size in range(9)] == classic["root_hashes"]
    for level, row in enumerate(classic["node_hashes"]):
        assert [node.hex() for node in grown.rows[level]] == row
