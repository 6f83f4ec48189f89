# SPDX-License-Identifier: Apache-2.0
"""The command `vigie-verify`: its words and its exit status."""

from __future__ import annotations

import json

import pytest

from tests.support.ledger import NOW, ORIGIN, make_log, seed
from vigie.ledger import receipt
from vigie.ledger.entry import make_entry
from vigie.ledger.verify.command import iso_milliseconds, main

RECEIPTS = receipt.ReceiptSigner(ORIGIN, seed("receipt key"))
TERM = 86_400_000
BEFORE, AFTER = "2026-11-18T08:00:00Z", "2026-12-18T08:00:00.500Z"


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    made = make_log(tmp_path_factory.mktemp("log"), own=3, segments=1, inside=4)
    for n, one in enumerate(made.made):
        (made.folder.parent / f"{n}.json").write_bytes(one.proof)
    return made


def _proof(log, n):
    return str(log.folder.parent / f"{n}.json")


def _receipt(path, decisions, signer=RECEIPTS):
    entries = [make_entry(body, salt) for _, body, salt in decisions]
    note, paths = signer.sign(entries, NOW, NOW + TERM)
    openings = [
        receipt.opening(name, json.loads(body), salt, at, paths[at])
        for at, (name, body, salt) in enumerate(decisions)
    ]
    path.write_text(json.dumps({"note": note, "openings": openings}, indent=1))
    return str(path)


def _of(log, *numbers):
    return [(m.decision_id, m.record, m.salt) for m in (log.made[n] for n in numbers)]


def _run(capsys, *arguments):
    code = main([str(a) for a in arguments])
    return code, capsys.readouterr().out


def test_all_decisions_and_the_log_are_verified(log, capsys):
    proofs = [_proof(log, n) for n in range(7)]
    code, out = _run(capsys, *proofs, "--log", log.folder, "--key", log.signer.vkey)
    assert code == 0
    assert "8 verified" in out
    assert 'decision.made "w2-0-00" ("allow") stands in demo.invalid/log/1' in out
    assert "inside a sealed segment" in out


def test_without_a_key_nothing_is_called_verified(log, capsys):
    code, out = _run(capsys, _proof(log, 0), "--log", log.folder)
    assert code == 2
    assert "no key was given" in out
    assert "2 not checked" in out


def test_a_policy_file_serves_as_well(log, capsys, tmp_path):
    policy = tmp_path / "policy.txt"
    policy.write_text(f"log {log.signer.vkey}\nquorum none\n")
    assert _run(capsys, _proof(log, 0), "--policy", policy)[0] == 0


def test_one_failure_among_many_is_exit_1(log, capsys, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_bytes(log.made[0].proof.replace(b'"withhold"', b'"allowing"'))
    code, out = _run(capsys, _proof(log, 1), bad, "--key", log.signer.vkey, "--json")
    document = json.loads(out)
    assert code == document["exit"] == 1
    assert [f["state"] for f in document["findings"]] == ["verified", "failed"]
    assert document["findings"][1]["details"]["code"] == "proof_refused"


def test_a_proof_of_another_history_fails_against_the_log(log, capsys, tmp_path):
    other = make_log(tmp_path, own=4, segments=0, inside=0)
    proof = tmp_path / "other.json"
    proof.write_bytes(other.made[0].proof)
    code, out = _run(capsys, proof, "--log", log.folder, "--key", log.signer.vkey)
    assert code == 1
    assert "another history" in out


@pytest.mark.parametrize(
    ("numbers", "shown", "now", "code", "word"),
    [
        ((0, 4), "proofs", AFTER, 0, "kept"),
        ((0, 1), "log", AFTER, 0, "kept"),
        ((0, 4), "", BEFORE, 2, "pending"),
        ((0, 4), "", AFTER, 1, "broken"),
        ((0, 4), "log", AFTER, 1, "broken"),
    ],
)
def test_a_promise_is_kept_pending_or_broken(
    log, capsys, tmp_path, numbers, shown, now, code, word
):
    saved = _receipt(tmp_path / "receipt.json", _of(log, *numbers))
    arguments = ["--receipt", saved, "--keys", RECEIPTS.vkey, "--key", log.signer.vkey]
    if shown == "proofs":
        arguments += [f"--proof={_proof(log, n)}" for n in numbers]
    if shown == "log":
        arguments += ["--log", str(log.folder)]
    found, out = _run(capsys, *arguments, "--now", now)
    assert found == code
    assert f"{word}: " in out


def _without_records(log, path, *numbers):
    """Save a receipt as a key gets it that sees outcomes only."""
    _receipt(path, _of(log, *numbers))
    value = json.loads(path.read_text())
    for opening, number in zip(value["openings"], numbers, strict=True):
        del opening["record"], opening["salt"]
        made = log.made[number]
        opening["entry"] = make_entry(made.record, made.salt).hex()
    path.write_text(json.dumps(value))
    return value


@pytest.mark.parametrize(
    ("shown", "now", "code", "word"),
    [
        ("proofs", AFTER, 0, "kept"),
        ("log", AFTER, 0, "kept"),
        ("", BEFORE, 2, "pending"),
        ("", AFTER, 1, "broken"),
    ],
)
def test_a_receipt_without_records_is_a_promise_as_well(
    log, capsys, tmp_path, shown, now, code, word
):
    _without_records(log, tmp_path / "receipt.json", 0, 1)
    arguments = ["--receipt", tmp_path / "receipt.json", "--keys", RECEIPTS.vkey]
    arguments += ["--key", log.signer.vkey, "--now", now]
    if shown == "proofs":
        arguments += [f"--proof={_proof(log, n)}" for n in (0, 1)]
    if shown == "log":
        arguments += ["--log", log.folder]
    found, out = _run(capsys, *arguments)
    assert found == code
    assert f"{word}: " in out
    assert "the name is the operator's word" in out


@pytest.mark.parametrize(
    "change",
    [
        lambda o: o.update(entry="00" * 33),
        lambda o: o.update(entry="01" + "00" * 32),
        lambda o: o.update(entry="01"),
        lambda o: o.update(entry=None),
        lambda o: o.update(decision_id=7),
        lambda o: o.update(salt="00" * 32),
        lambda o: o.pop("path"),
    ],
)
def test_a_changed_receipt_without_records_fails(log, capsys, tmp_path, change):
    saved = tmp_path / "receipt.json"
    value = _without_records(log, saved, 0)
    change(value["openings"][0])
    saved.write_text(json.dumps(value))
    assert _run(capsys, "--receipt", saved, "--keys", RECEIPTS.vkey)[0] == 1


def test_a_proof_that_nobody_vouches_for_keeps_no_promise(log, capsys, tmp_path):
    saved = _receipt(tmp_path / "receipt.json", _of(log, 0))
    arguments = ["--receipt", saved, "--keys", RECEIPTS.vkey, "--now", AFTER]
    code, out = _run(capsys, *arguments, "--proof", _proof(log, 0), "--log", log.folder)
    assert code == 1
    assert "broken" in out


def test_a_receipt_without_its_key_is_not_checked(log, capsys, tmp_path):
    saved = _receipt(tmp_path / "receipt.json", _of(log, 0))
    code, out = _run(capsys, "--receipt", saved, "--now", BEFORE)
    assert code == 2
    assert "no receipt key was given" in out


def test_receipt_keys_are_read_from_their_file(log, capsys, tmp_path):
    keys = tmp_path / "receipt-keys.txt"
    keys.write_text(receipt.format_receipt_keys([RECEIPTS.vkey]))
    saved = _receipt(tmp_path / "receipt.json", _of(log, 0))
    assert _run(capsys, "--receipt", saved, "--keys", keys, "--now", BEFORE)[0] == 2


def test_a_receipt_by_another_key_fails(log, capsys, tmp_path):
    forger = receipt.ReceiptSigner(ORIGIN, seed("forger"))
    saved = _receipt(tmp_path / "receipt.json", _of(log, 0), forger)
    code, out = _run(capsys, "--receipt", saved, "--keys", RECEIPTS.vkey)
    assert code == 1
    assert "No known key" in out


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["openings"][0].update(decision_id="w1-9-00"),
        lambda r: r["openings"][0]["record"].update(outcome="allow"),
        lambda r: r["openings"][0].update(index=1),
        lambda r: r["openings"][0].update(more=1),
        lambda r: r.update(openings=[]),
        lambda r: r.update(openings={}),
        lambda r: r.update(note=r["note"].replace("count 1", "count 2")),
    ],
)
def test_a_changed_receipt_fails(log, capsys, tmp_path, change):
    saved = tmp_path / "receipt.json"
    _receipt(saved, _of(log, 0))
    value = json.loads(saved.read_text())
    change(value)
    saved.write_text(json.dumps(value))
    assert _run(capsys, "--receipt", saved, "--keys", RECEIPTS.vkey)[0] == 1


def test_an_archive_file_is_the_one_its_segment_names(log, capsys, tmp_path):
    archive = tmp_path / "segment.parquet"
    archive.write_bytes(b"file 0")
    arguments = [_proof(log, 4), "--key", log.signer.vkey, "--archive", archive]
    assert _run(capsys, *arguments)[0] == 0
    archive.write_bytes(b"file 1")
    assert _run(capsys, *arguments)[0] == 1
    assert _run(capsys, _proof(log, 0), "--key", log.signer.vkey, "--archive", archive)[0] == 2


def test_missing_files_and_bad_keys_fail_in_plain_words(log, capsys, tmp_path):
    missing = tmp_path / "nothing"
    for arguments in (
        [missing, "--key", log.signer.vkey],
        ["--receipt", missing],
        ["--log", missing],
        [_proof(log, 0), "--key", "nonsense"],
        [_proof(log, 0), "--policy", missing],
        [_proof(log, 4), "--key", log.signer.vkey, "--archive", missing],
    ):
        code, out = _run(capsys, *arguments)
        assert code == 1
        assert "failed" in out


def test_nothing_of_a_file_reaches_the_terminal_unescaped(log, capsys, tmp_path):
    bad = tmp_path / "bad\x1b[2J.json"
    bad.write_bytes(b'{"format\\u001b[2J":1}')
    code, out = _run(capsys, bad, "--key", log.signer.vkey)
    assert code == 1
    assert "\x1b" not in out


@pytest.mark.parametrize(
    "arguments", [[], ["--now", "yesterday", "x"], ["--key", "a", "--policy", "b"]]
)
def test_wrong_usage_is_exit_2(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_help_shows_examples_and_exit_status(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert "examples:" in out
    assert "exit status: 0 all verified, 1" in out


def test_times_are_read_to_the_millisecond():
    assert iso_milliseconds("1970-01-01T00:00:01Z") == 1000
    assert iso_milliseconds("2026-11-22T20:00:00.250Z") == 1_795_377_600_250
