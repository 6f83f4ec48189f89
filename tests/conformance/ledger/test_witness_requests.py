# SPDX-License-Identifier: Apache-2.0
"""The requests of litewitness get the answers that C2SP tlog-witness asks for."""

from __future__ import annotations

import pytest

from tests.support.ledger import seed, vector
from vigie.ledger.note import Cosigner, Verifier, open_note, parse_note
from vigie.ledger.witness import MemoryWitnessStore, Witness

SEQUENCES = vector("witness/add-checkpoint.json")["sequences"]


@pytest.mark.parametrize("sequence", [pytest.param(s, id=s["name"]) for s in SEQUENCES])
def test_every_request_gets_its_status(sequence):
    cosigner = Cosigner("example.com/witness", seed("witness"))
    store = MemoryWitnessStore()
    trusted = {sequence["origin"]: [Verifier(sequence["log_vkey"])]}
    witness = Witness([cosigner], trusted, store)
    for request in sequence["requests"]:
        answer = witness.add_checkpoint(request["body"], 1_795_000_000)
        assert answer.status == request["status"], request["name"]
        if answer.status == 200:
            checkpoint = request["body"].split("\n\n", 1)[1]
            opened = open_note(parse_note(checkpoint + answer.body), [Verifier(cosigner.vkey)])
            assert opened[0].key.name == request["response_has_signature_line_of"]
        if "response_body" in request:
            assert answer.body == request["response_body"]
            assert answer.content_type == request["response_content_type"]
    seen = store.load(sequence["origin"])
    assert seen is not None
    assert seen.size == sequence["final_size"]
