# SPDX-License-Identifier: Apache-2.0
"""The witness over HTTP: the requests of litewitness, races, restarts, damage."""

from __future__ import annotations

import concurrent.futures
import hashlib

import httpx2
import pytest

from tests.support.ledger import ORIGIN, entry, seed, vector
from tests.support.witnessing import make, serving
from vigie.core.errors import ConflictError, InvalidInputError, UnavailableError
from vigie.ledger import tree, witness
from vigie.ledger.checkpoint import Checkpoint, sign_checkpoint
from vigie.ledger.note import Signer, Verifier, open_note, parse_note
from vigie.ledger.verify.checkpoints import parse_checkpoint
from vigie.witness.home import WitnessHome, add_log, create, parse_logs

LOG = Signer(ORIGIN, seed("log key"))
TREE = tree.Tree([tree.hash_leaf(entry(n)) for n in range(60)])
SEQUENCES = vector("witness/add-checkpoint.json")["sequences"]


def _signed(size, root=None):
    return sign_checkpoint(Checkpoint(ORIGIN, size, root or TREE.root(size)), [LOG])


def _body(old, size):
    return witness.format_request(old, TREE.consistency(old, size), _signed(size)).encode()


def _latest(address, origin=ORIGIN):
    return httpx2.get(f"{address}/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint")


@pytest.mark.parametrize("sequence", [pytest.param(s, id=s["name"]) for s in SEQUENCES])
def test_every_request_of_litewitness_gets_its_answer_over_http(sequence, tmp_path):
    name = "example.com/witness"
    vkey = create(tmp_path, name)
    own_name = sequence["log_vkey"].split("+")[0] == sequence["origin"]
    add_log(tmp_path, sequence["log_vkey"], "" if own_name else sequence["origin"])
    with serving(tmp_path) as address:
        assert _latest(address, sequence["origin"]).status_code == 404
        for request in sequence["requests"]:
            body = request["body"].encode()
            answer = httpx2.post(f"{address}/add-checkpoint", content=body)
            assert answer.status_code == request["status"], request["name"]
            if answer.status_code == 200:
                checkpoint = request["body"].split("\n\n", 1)[1]
                opened = open_note(parse_note(checkpoint + answer.text), [Verifier(vkey)])
                assert opened[0].key.name == request["response_has_signature_line_of"]
            if "response_body" in request:
                assert answer.text == request["response_body"]
                assert answer.headers["content-type"] == request["response_content_type"]
        shown = _latest(address, sequence["origin"])
    assert shown.status_code == 200
    signers = open_note(parse_note(shown.text), [Verifier(vkey), Verifier(sequence["log_vkey"])])
    assert len(signers) == 2
    text = parse_note(shown.text).text
    assert parse_checkpoint(text, sha256_root=False).size == sequence["final_size"]


def test_of_requests_at_once_none_rolls_the_witness_back(tmp_path):
    make(tmp_path, LOG.vkey)
    sizes = list(range(5, 60))
    with serving(tmp_path) as address:
        assert httpx2.post(f"{address}/add-checkpoint", content=_body(0, 4)).status_code == 200

        def ask(size):
            return size, httpx2.post(f"{address}/add-checkpoint", content=_body(4, size))

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, sizes))
        won = [size for size, answer in answers if answer.status_code == 200]
        lost = [answer for _, answer in answers if answer.status_code != 200]
        shown = parse_checkpoint(parse_note(_latest(address).text).text)
    assert won == [shown.size]
    assert {(one.status_code, one.text) for one in lost} == {(409, f"{shown.size}\n")}


def test_what_was_cosigned_lasts_over_a_restart(tmp_path):
    make(tmp_path, LOG.vkey)
    with serving(tmp_path) as address:
        httpx2.post(f"{address}/add-checkpoint", content=_body(0, 9))
        before = _latest(address).text
    with serving(tmp_path) as address:
        assert _latest(address).text == before
        assert httpx2.post(f"{address}/add-checkpoint", content=_body(0, 12)).text == "9\n"
        assert httpx2.post(f"{address}/add-checkpoint", content=_body(9, 12)).status_code == 200


def test_a_clock_that_jumps_back_makes_no_cosignature_older(tmp_path):
    vkey = make(tmp_path, LOG.vkey)
    times = iter([1_795_000_000, 1_795_000_000 - 3_600, 1_795_000_000 + 3_600])
    found = []
    with serving(tmp_path, lambda: next(times)) as address:
        for old, size in [(0, 3), (3, 3), (3, 8)]:
            answer = httpx2.post(f"{address}/add-checkpoint", content=_body(old, size))
            signed = open_note(parse_note(_signed(size) + answer.text), [Verifier(vkey)])
            found.append(signed[0].time)
    assert found == [1_795_000_000, 1_795_000_000, 1_795_003_600]


def test_damaged_memory_is_never_taken_for_an_empty_one(tmp_path):
    make(tmp_path, LOG.vkey)
    with serving(tmp_path) as address:
        httpx2.post(f"{address}/add-checkpoint", content=_body(0, 9))
        [path] = (tmp_path / "seen").glob("*.json")
        path.write_bytes(path.read_bytes()[:-20])
        assert httpx2.post(f"{address}/add-checkpoint", content=_body(0, 9)).status_code == 500
        assert _latest(address).status_code == 500


def test_a_log_that_is_added_later_is_cosigned_without_a_restart(tmp_path):
    make(tmp_path)
    with serving(tmp_path) as address:
        assert httpx2.post(f"{address}/add-checkpoint", content=_body(0, 3)).status_code == 404
        add_log(tmp_path, LOG.vkey)
        assert httpx2.post(f"{address}/add-checkpoint", content=_body(0, 3)).status_code == 200
        assert httpx2.get(address).text.startswith("witness.invalid/w+")


def test_a_body_longer_than_any_request_is_refused(tmp_path):
    make(tmp_path, LOG.vkey)
    with serving(tmp_path) as address:
        sent = httpx2.post(f"{address}/add-checkpoint", content=b"old 0\n" + b"x" * 1_100_000)
        assert sent.status_code == 413
        assert httpx2.get(f"{address}/add-checkpoint").status_code == 405


def test_a_key_is_made_once_and_only_for_its_owner(tmp_path):
    create(tmp_path, "witness.invalid/w")
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    with pytest.raises(ConflictError):
        create(tmp_path, "witness.invalid/w")
    with pytest.raises(InvalidInputError):
        create(tmp_path / "other", "a name")
    with pytest.raises(UnavailableError):
        WitnessHome(tmp_path / "absent").cosigner()


def test_the_file_of_logs_names_the_line_that_cannot_be_read():
    assert parse_logs(f"# logs\n\nlog {LOG.vkey} https://log.example\n").keys() == {ORIGIN}
    for line in ("log", "witness x", f"log {LOG.vkey}x", "log x"):
        with pytest.raises(InvalidInputError, match="line 2"):
            parse_logs(f"log {LOG.vkey}\n{line}\n")


def test_a_log_is_known_once_and_may_have_several_keys(tmp_path):
    make(tmp_path, LOG.vkey)
    with pytest.raises(ConflictError):
        add_log(tmp_path, LOG.vkey)
    add_log(tmp_path, Signer(ORIGIN, seed("the next key")).vkey)
    assert len(WitnessHome(tmp_path).trusted()[ORIGIN]) == 2
