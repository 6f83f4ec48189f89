# SPDX-License-Identifier: Apache-2.0
"""Proofs of decisions of both kinds, made from tiles and checked whole."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger import entry, make_log, open_log, record, seed
from vigie.ledger.entry import field_commitment, make_entry, record_salt
from vigie.ledger.log import ListSource
from vigie.ledger.policy import of_key
from vigie.ledger.proof import (
    FieldOpening,
    LogProof,
    decision_proof,
    log_proof,
    parse_log_proof,
    verify_decision,
)
from vigie.ledger.segment import SegmentTree
from vigie.ledger.tiles import LogFolder
from vigie.ledger.verify.canonical import canonical_json
from vigie.ledger.verify.errors import LedgerError, MalformedError, MissingError, ProofError

HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=63)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return make_log(tmp_path_factory.mktemp("log"), own=5, segments=2, inside=7)


@pytest.fixture(scope="module")
def policy(log):
    return of_key(log.signer.vkey)


def test_every_decision_is_proved(log, policy):
    kinds = []
    for made in log.made:
        proved = verify_decision(made.proof, policy)
        assert proved.opening.record["decision_id"] == made.decision_id
        assert proved.accepted is not None
        kinds.append((proved.opening.record["outcome"], proved.segment is not None))
    assert kinds == [("withhold", False)] * 5 + [("allow", True)] * 14


def test_without_a_key_nothing_is_believed(log):
    assert verify_decision(log.made[0].proof, None).accepted is None


def _changed(proof, change):
    value = json.loads(proof)
    change(value)
    return canonical_json(value)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda p: p.pop("opening"), MalformedError),
        (lambda p: p.update(more=1), MalformedError),
        (lambda p: p.update(format="vigie-proof/v2"), MalformedError),
        (lambda p: p.update(tlog_proof=1), MalformedError),
        (lambda p: p.update(fields={}), MalformedError),
        (lambda p: p["opening"]["record"].update(outcome="allow"), ProofError),
        (lambda p: p["opening"].update(salt="00" * 32), ProofError),
        (lambda p: p["opening"].update(salt="AB" * 32), MalformedError),
        (lambda p: p["opening"].update(entry="01" * 33), ProofError),
        (lambda p: p["opening"]["record"].update(v=2), MalformedError),
        (lambda p: p["opening"]["record"].update(t="now"), MalformedError),
        (lambda p: p["opening"]["record"].update(é=1), MalformedError),
        (lambda p: p["opening"].update(record=[]), MalformedError),
        (lambda p: p.update(tlog_proof=p["tlog_proof"].replace("index 2", "index 3")), ProofError),
        (
            lambda p: p.update(tlog_proof=p["tlog_proof"].replace("v1\n", "v1\nextra AAAA\n", 1)),
            MalformedError,
        ),
    ],
)
def test_a_changed_proof_is_refused(log, policy, change, error):
    with pytest.raises(error):
        verify_decision(_changed(log.made[2].proof, change), policy)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda s: s.update(index=4), ProofError),
        (lambda s: s.update(index=True), MalformedError),
        (lambda s: s.update(index=-1), MalformedError),
        (lambda s: s.update(size=8), ProofError),
        (lambda s: s.update(path=[]), ProofError),
        (lambda s: s.update(path="x"), MalformedError),
        (lambda s: s.update(path=[1]), MalformedError),
        (lambda s: s.update(path=["AAAA"]), MalformedError),
        (lambda s: s["record"].update(count=8), ProofError),
        (lambda s: s["record"].update(root="00" * 32), ProofError),
        (lambda s: s["record"].update(k="decision.made"), ProofError),
        (lambda s: s.update(salt="00" * 32), ProofError),
    ],
)
def test_a_changed_segment_step_is_refused(log, policy, change, error):
    with pytest.raises(error):
        verify_decision(_changed(log.made[8].proof, lambda p: change(p["segment"])), policy)


def test_a_segment_cannot_pass_for_a_decision(log, policy):
    value = json.loads(log.made[8].proof)
    step = value.pop("segment")
    body, salt = canonical_json(step["record"]), bytes.fromhex(step["salt"])
    forged = decision_proof(body, salt, parse_log_proof(value["tlog_proof"]))
    with pytest.raises(ProofError, match="segment"):
        verify_decision(forged, policy)


def test_a_decision_cannot_pass_as_its_own_segment(log, policy):
    value = json.loads(log.made[8].proof)
    del value["segment"]
    with pytest.raises(ProofError):
        verify_decision(canonical_json(value), policy)


def test_only_the_bytes_as_made_are_accepted(log, policy):
    proof = log.made[0].proof
    for other in (json.dumps(json.loads(proof)).encode(), proof + b"\n", b" " + proof, proof[1:]):
        with pytest.raises(MalformedError):
            verify_decision(other, policy)
    assert verify_decision(proof.rstrip(b"\n"), policy)


def test_one_field_is_opened_and_the_others_stay_closed(tmp_path):
    key = seed("record key")
    salts = {name: record_salt(key, name) for name in ("account", "url")}
    commitments = {
        name: {"_c": field_commitment(name, salt, canonical_json(name.upper()))}
        for name, salt in salts.items()
    }
    body = canonical_json(json.loads(record(1, decision_id="w1-1-00")) | commitments)
    log = open_log(tmp_path, ListSource([entry(0), make_entry(body, record_salt(key))]))
    log.start(0)
    log.publish(0)
    policy = of_key(log._signers[0].vkey)
    opened = FieldOpening("account", salts["account"], "ACCOUNT")
    place = log_proof(log.folder, 1)
    proof = decision_proof(body, record_salt(key), place, fields=[opened])
    assert verify_decision(proof, policy).opening.record["url"] == commitments["url"]
    for wrong in (opened._replace(value="OTHER"), opened._replace(path="url")):
        with pytest.raises(ProofError, match="field"):
            verify_decision(decision_proof(body, record_salt(key), place, fields=[wrong]), policy)


def test_fields_inside_objects_have_dotted_paths(log):
    from vigie.ledger.verify.proofs import verify_field

    salt = seed("salt")
    committed = {"_c": field_commitment("author.id", salt, b'"a-9"')}
    opened = {"path": "author.id", "salt": salt.hex(), "value": "a-9"}
    verify_field({"author": {"id": committed}}, opened)
    for other in ({}, {"author": committed}, {"author": {"id": {**committed, "x": 1}}}):
        with pytest.raises(ProofError):
            verify_field(other, opened)
    with pytest.raises(MalformedError):
        verify_field({}, {**opened, "path": 7})


def test_a_log_without_checkpoint_proves_nothing(tmp_path):
    with pytest.raises(MissingError):
        log_proof(LogFolder(tmp_path), 0)


def test_an_entry_beyond_the_checkpoint_has_no_proof(log):
    with pytest.raises(ProofError):
        log_proof(LogFolder(log.folder), 7)


@given(st.integers(0, 2**63 - 1), HASHES, st.none() | st.binary(max_size=40))
def test_proof_files_are_read_back(index, path, extra):
    proof = LogProof(index, tuple(path), "origin\n1\n", extra)
    assert parse_log_proof(proof.text()) == proof
    assert parse_log_proof(proof.text().encode()) == proof


def test_a_path_of_64_hashes_is_refused():
    with pytest.raises(MalformedError, match="longer"):
        parse_log_proof(LogProof(1, (seed("x"),) * 64, "origin\n").text())


@given(st.binary(max_size=300))
def test_any_bytes_are_a_proof_or_a_ledger_error(data):
    with suppress(LedgerError):
        verify_decision(data, None)
    with suppress(LedgerError):
        parse_log_proof(data)


def test_a_segment_says_how_many_decisions_and_their_root():
    entries = [entry(n) for n in range(100)]
    fields = SegmentTree(entries).fields()
    assert fields["count"] == 100
    assert len(fields["root"]) == 64
    with pytest.raises(MalformedError):
        SegmentTree([b"short"])
