# SPDX-License-Identifier: Apache-2.0
"""The golden example: every byte from record to policy is made and verified again."""

from __future__ import annotations

import base64
from hashlib import sha256

from tests.support.ledger import seed, vector
from vigie.ledger import entry, note, tree
from vigie.ledger.checkpoint import Checkpoint, sign_checkpoint
from vigie.ledger.frontier import Frontier
from vigie.ledger.policy import parse_policy
from vigie.ledger.proof import LogProof, parse_log_proof
from vigie.ledger.verify.canonical import canonical_json
from vigie.ledger.verify.proofs import verify_field

GOLDEN = vector("vigie/example.json")
ENTRIES = [bytes.fromhex(one["entry"]) for one in GOLDEN["records"]]
LEAVES = [tree.hash_leaf(data) for data in ENTRIES]
ORIGIN = "vigie.example/log/1"


def test_records_give_their_bytes_salts_entries_and_leaves():
    for one, leaf in zip(GOLDEN["records"], LEAVES, strict=True):
        body = canonical_json(one["record"])
        salt = entry.record_salt(bytes.fromhex(one["record_key"]))
        assert sha256(body).hexdigest() == one["record_bytes_sha256"]
        assert salt.hex() == one["salt"]
        assert entry.make_entry(body, salt).hex() == one["entry"]
        assert leaf.hex() == one["leaf_hash"]


def test_openings_fit_the_commitments_in_the_records():
    for one in GOLDEN["records"]:
        for path, (salt, value) in one["openings"].items():
            derived = entry.record_salt(bytes.fromhex(one["record_key"]), path)
            assert derived.hex() == salt
            committed = entry.field_commitment(path, derived, canonical_json(value))
            assert one["record"][path] == {"_c": committed}
            verify_field(one["record"], {"path": path, "salt": salt, "value": value})


def test_roots_tile_and_bundle_are_the_golden_ones():
    frontier = Frontier()
    assert frontier.root().hex() == GOLDEN["roots"][0]
    for size, data in enumerate(ENTRIES, 1):
        list(frontier.append([data]))
        assert frontier.root().hex() == GOLDEN["roots"][size]
    files = dict(frontier.partial_files())
    assert files["tile/0/000.p/5"].hex() == GOLDEN["tile_0_000_p_5"]
    assert files["tile/entries/000.p/5"].hex() == GOLDEN["entries_000_p_5"]


def test_checkpoints_and_cosignature_are_made_byte_for_byte():
    signer = note.Signer(ORIGIN, seed("vigie test log key"))
    witness = note.Cosigner("witness.example/w1", seed("vigie test witness key"))
    assert signer.vkey == GOLDEN["log_vkey"]
    assert witness.vkey == GOLDEN["witness_vkey"]
    roots = [bytes.fromhex(root) for root in GOLDEN["roots"]]
    two = sign_checkpoint(Checkpoint(ORIGIN, 2, roots[2]), [signer])
    five = Checkpoint(ORIGIN, 5, roots[5])
    assert two == GOLDEN["checkpoint_2"]
    signed = sign_checkpoint(five, [signer]) + witness.line(five.text(), 1_795_000_100)
    assert signed == GOLDEN["checkpoint_5_cosigned"]


def test_proof_consistency_and_policy_hold_together():
    grown = tree.Tree(LEAVES)
    proof = LogProof(3, tuple(grown.inclusion(3)), GOLDEN["checkpoint_5_cosigned"])
    assert proof.text() == GOLDEN["proof_index_3"]
    accepted = parse_policy(GOLDEN["policy"]).accept(parse_log_proof(proof.text()).checkpoint)
    tree.verify_inclusion(3, 5, LEAVES[3], proof.path, accepted.checkpoint.root)
    assert (accepted.witnesses, accepted.latest) == (("w1",), 1_795_000_100)
    path = [base64.b64encode(value).decode() for value in grown.consistency(2)]
    assert path == GOLDEN["consistency_2_5"]
