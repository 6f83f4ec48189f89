# SPDX-License-Identifier: Apache-2.0
"""The cases of transparency-dev/formats for checkpoints and proof files."""

from __future__ import annotations

import base64

import pytest

from tests.support.ledger import vector
from vigie.ledger.checkpoint import Checkpoint, parse_checkpoint
from vigie.ledger.proof import parse_log_proof
from vigie.ledger.verify.errors import LedgerError


@pytest.mark.parametrize("case", vector("checkpoint/checkpoint.json"))
def test_checkpoint_is_judged_as_expected(case):
    if not case["ok"]:
        with pytest.raises(LedgerError):
            parse_checkpoint(case["text"], sha256_root=False)
        return
    found = parse_checkpoint(case["text"], sha256_root=False)
    root = base64.b64decode(case["hash"])
    assert found == Checkpoint(case["origin"], case["size"], root, tuple(case["ext"]))
    assert found.text() == case["text"]


@pytest.mark.parametrize("case", vector("checkpoint/tlog_proof.json"))
def test_proof_file_is_judged_as_expected(case):
    if case["ok"]:
        assert parse_log_proof(case["proof"]).text() == case["proof"]
    else:
        with pytest.raises(LedgerError):
            parse_log_proof(case["proof"])
