# SPDX-License-Identifier: Apache-2.0
"""Witness and log: each status, the race for the size, and the log's own reading."""

from __future__ import annotations

import hashlib

import pytest

from tests.support.ledger import ORIGIN, entry, seed
from vigie.ledger import tree, witness
from vigie.ledger.checkpoint import Checkpoint, sign_checkpoint
from vigie.ledger.note import Cosigner, Signer, Verifier, open_note, parse_note
from vigie.ledger.verify.errors import MalformedError

LOG = Signer(ORIGIN, seed("log key"))
COSIGNER = Cosigner("witness.invalid/w", seed("w"))
TREE = tree.Tree([tree.hash_leaf(entry(n)) for n in range(20)])
NOW = 1_795_000_000


def _signed(size, root=None):
    return sign_checkpoint(Checkpoint(ORIGIN, size, root or TREE.root(size)), [LOG])


def _body(old, size, path=None):
    steps = TREE.consistency(old, size) if path is None else path
    return witness.format_request(old, steps, _signed(size))


@pytest.fixture
def store():
    return witness.MemoryWitnessStore()


@pytest.fixture
def peer(store):
    return witness.Witness([COSIGNER], {ORIGIN: [Verifier(LOG.vkey)]}, store)


def _ask(peer, body):
    return peer.add_checkpoint(body, NOW)


def test_a_growing_log_is_cosigned_step_by_step(peer):
    for old, size in [(0, 0), (0, 3), (3, 3), (3, 8), (8, 20)]:
        answer = _ask(peer, _body(old, size))
        assert answer.status == 200
        opened = open_note(parse_note(_signed(size) + answer.body), [Verifier(COSIGNER.vkey)])
        assert opened[0].time == NOW


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("nonsense", 400),
        (b"\xff", 400),
        ("old x\n\n" + _signed(3), 400),
        ("old 0\nshort\n\n" + _signed(3), 400),
        (witness.format_request(0, [seed("p")] * 64, _signed(3)), 400),
        (_body(5, 5).replace("old 5", "old 9"), 400),
        (_body(5, 8).replace(ORIGIN, "unknown.invalid/log/1"), 404),
        ("old 5\n\n" + _signed(8).split("\n\n")[0] + "\n", 403),
        (_body(5, 8).replace("\n8\n", "\n9\n"), 403),
        (_body(3, 8), 409),
        (_body(5, 8, []), 422),
        (_body(5, 8, [seed("p")]), 422),
        (witness.format_request(5, [], _signed(5, seed("other root"))), 422),
    ],
)
def test_each_refusal_has_its_status(peer, store, body, status):
    assert _ask(peer, _body(0, 5)).status == 200
    before = store.load(ORIGIN)
    assert _ask(peer, body).status == status
    assert store.load(ORIGIN) == before


def test_a_signed_text_that_is_no_checkpoint_is_400(peer):
    text = f"{ORIGIN}\nnot a size\n"
    assert _ask(peer, "old 0\n\n" + text + "\n" + LOG.line(text)).status == 400


@pytest.mark.parametrize(
    ("size", "root", "path"),
    [(0, "x", []), (3, None, ["p"]), (3, "short", [])],
)
def test_from_the_empty_tree_nothing_is_proved(peer, size, root, path):
    value = {"x": seed("x"), "short": b"short", None: None}[root]
    body = witness.format_request(0, [seed(p) for p in path], _signed(size, value))
    assert _ask(peer, body).status == 422


def test_the_slower_of_two_requests_does_not_roll_back(peer, store, monkeypatch):
    _ask(peer, _body(0, 5))
    real = store.load
    answers = []

    def late(origin):
        seen = real(origin)
        monkeypatch.setattr(store, "load", real)
        answers.append(_ask(peer, _body(5, 12)))
        return seen

    monkeypatch.setattr(store, "load", late)
    slower = _ask(peer, _body(5, 8))
    assert [answer.status for answer in answers] == [200]
    assert (slower.status, slower.body) == (409, "12\n")
    assert store.load(ORIGIN).size == 12


def test_the_latest_cosigned_checkpoint_is_shown(peer):
    name = hashlib.sha256(ORIGIN.encode()).hexdigest()
    assert peer.latest(name).status == 404
    _ask(peer, _body(0, 5))
    note = parse_note(peer.latest(name).body)
    assert open_note(note, [Verifier(COSIGNER.vkey)])
    assert peer.latest("0" * 64).status == 404


def test_the_log_reads_cosignatures_sizes_and_forks(peer):
    known = [Verifier(COSIGNER.vkey)]
    read = witness.read_answer
    good = _ask(peer, _body(0, 5))
    signed = read(good, 0, _signed(5), known)
    assert isinstance(signed, list)
    assert signed[0].key.name == COSIGNER.name
    assert read(_ask(peer, _body(0, 8)), 0, _signed(8), known) == witness.Behind(5)
    forked = witness.format_request(5, [], _signed(5, seed("other")))
    with pytest.raises(witness.ForkAlarm):
        read(_ask(peer, forked), 5, _signed(5), known)
    with pytest.raises(witness.ForkAlarm):
        read(witness.Answer(409, "5\n", witness.SIZE_TYPE), 5, _signed(5), known)
    with pytest.raises(witness.Refused):
        read(witness.Answer(404), 0, _signed(5), known)
    with pytest.raises(MalformedError):
        read(witness.Answer(409, "05\n", witness.SIZE_TYPE), 0, _signed(5), known)


def test_requests_are_read_back():
    body = _body(5, 12)
    request = witness.parse_request(body)
    assert witness.format_request(*request) == body
