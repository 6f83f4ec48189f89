# SPDX-License-Identifier: Apache-2.0
"""What the verifier says of packages: in order, in three languages, alone and offline."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import packages as support
from tests.support.ledger import NOW, ORIGIN, seed
from tests.support.packages import MadePackage, Maker, make_package, states
from tests.support.tsa import LocalAuthority
from vigie.evidence.package import package_signer
from vigie.ledger.entry import make_entry
from vigie.ledger.note import Signer, sign
from vigie.ledger.policy import format_policy, of_key
from vigie.ledger.receipt import ReceiptSigner, opening
from vigie.ledger.verify import bundle
from vigie.ledger.verify.canonical import canonical_json
from vigie.ledger.verify.command import main
from vigie.ledger.verify.errors import LedgerError, MalformedError, ProofError
from vigie.ledger.verify.handled import check_handled, handled_line, handled_text
from vigie.ledger.verify.notes import parse_note
from vigie.ledger.verify.package_words import _SENTENCES, LANGUAGES, say, state_word
from vigie.ledger.verify.packages import Asked, verify_package
from vigie.ledger.verify.timestamps import check_imprint, check_signer, parse_time_stamp
from vigie.ledger.verify.views import (
    ShownRecord,
    check_custody_order,
    custody_text,
    parse_records,
)

ALONE = [getattr(sys, "_base_executable", sys.executable), "-I", "-S"]
TSR = Path(__file__).parents[3] / "vectors" / "rfc3161"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadePackage:
    return make_package(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def there(made: MadePackage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package, unpacked and as a ZIP, the policy and the single file."""
    folder = tmp_path_factory.mktemp("there")
    made.unpack(folder)
    (folder / "p.zip").write_bytes(made.zip())
    (folder / "policy.txt").write_text(made.contents.policy)
    (folder / "vigie_verify.py").write_text(bundle.build())
    return folder


def cut_off() -> list[str]:
    """Return what runs a command without a network."""
    tool = shutil.which("unshare")
    command = [tool or "", "--map-root-user", "--net"]
    if not tool or subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("the network cannot be cut off here")
    return command


@pytest.mark.parametrize("what", ["p.zip", support.PACKAGE_ID])
def test_the_single_file_verifies_with_the_network_cut_off(there: Path, what: str) -> None:
    command = [*cut_off(), *ALONE, "vigie_verify.py", what, "--policy", "policy.txt"]
    ran = subprocess.run(command, cwd=there, capture_output=True, check=False, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "is not established" in ran.stdout  # no witness: said, not hidden
    assert "What it does not show" in ran.stdout


def test_the_file_inside_the_package_is_the_same_file(made: MadePackage) -> None:
    assert made.files()["verify.py"].decode() == bundle.build()


CODES = [
    (["p.zip", "--policy", "policy.txt"], 0),
    (["p.zip"], 2),
    (["p.zip", "--policy", "other.txt"], 1),
    (["missing.zip", "--policy", "policy.txt"], 1),
    ([".", "--policy", "policy.txt"], 1),
    (["cut.zip", "--policy", "policy.txt"], 1),
]


@pytest.mark.parametrize(("arguments", "code"), CODES, ids=str)
def test_it_ends_with_the_code_that_was_promised(
    there: Path,
    made: MadePackage,
    arguments: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(there)
    other = Signer(ORIGIN, seed("another log's key")).vkey
    (there / "other.txt").write_text(format_policy([other], {}))
    (there / "cut.zip").write_bytes(made.zip()[:-1])
    assert main(arguments) == code
    said = capsys.readouterr().out
    assert ("What this shows" in said) == (code != 1)


def test_a_receipt_is_held_against_what_a_package_proves(
    there: Path,
    made: MadePackage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(there)
    record = made.contents.records[0]
    value = json.loads(record.content)
    signer = ReceiptSigner(ORIGIN, seed("receipt key"))
    note, [path] = signer.sign([make_entry(record.content, record.salt)], NOW, NOW + 1000)
    shown = opening(value["id"], value, record.salt, 0, path)
    (there / "receipt.json").write_text(json.dumps({"note": note, "openings": [shown]}))
    given = ["--receipt", "receipt.json", "--keys", signer.vkey, "--policy", "policy.txt"]
    assert main(["p.zip", *given]) == 0
    assert "kept: the decision stands in the log" in capsys.readouterr().out
    assert main(given) == 1  # the term is over and nothing is shown
    (there / "bad.zip").write_bytes(made.zip()[:-1])
    assert main(["bad.zip", *given]) == 1


def test_it_prints_json(
    there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(there)
    assert main(["p.zip", "--policy", "policy.txt", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["exit"] == 0
    assert {one["state"] for one in document["findings"]} == {"verified", "noted"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_there_in_each_language(language: str) -> None:
    holes = dict.fromkeys(_holes(), "1")
    said = [say(language, key, **holes) for key in _SENTENCES]
    assert all(said)
    assert state_word(language, "kept") == "kept"


def _holes() -> set[str]:
    import string

    texts = [text for row in _SENTENCES.values() for text in row]
    found = {field for text in texts for _, field, _, _ in string.Formatter().parse(text) if field}
    for row in _SENTENCES.values():
        wanted = {f for _, f, _, _ in string.Formatter().parse(row[0]) if f}
        for text in row[1:]:
            assert {f for _, f, _, _ in string.Formatter().parse(text) if f} == wanted
    return found


def test_what_rests_on_a_failure_is_said_to_be_unchecked(made: MadePackage) -> None:
    files = {**made.files(), "data/README.txt": b"other"}
    found = states(files, made.maker.vkey)
    assert found["files"] == "failed"
    assert set(found.values()) == {"failed", "not_checked"}


def test_a_package_of_another_key_is_refused(made: MadePackage) -> None:
    other = Signer(ORIGIN, seed("another log's key")).vkey
    assert states(made.files(), other)["export"] == "failed"


def test_a_note_by_another_package_key_is_refused(made: MadePackage) -> None:
    signer = package_signer(ORIGIN, seed("stolen"))
    files = made.files()
    for name in ("signatures/package.note", "signatures/sums.note"):
        files[name] = sign(parse_note(files[name]).text, [signer]).encode()
    assert states(files, made.maker.vkey)["signature"] == "failed"


def test_a_package_of_the_future_is_refused(made: MadePackage) -> None:
    assert states(made.files(), made.maker.vkey, now_ms=NOW - 2 * 86_400_000)["times"] == "failed"


def shown(maker: Maker) -> list[ShownRecord]:
    """Return what was recorded, as a package shows it."""
    return parse_records(support._lines(maker.records))


def custody(maker: Maker, *kinds: str) -> list[ShownRecord]:
    """Record events of one piece of evidence."""
    for kind in kinds:
        maker.record(f"evidence.{kind}", {"evidence": "e1"})
    return shown(maker)


@pytest.mark.parametrize(
    "kinds",
    [("copied", "sealed"), ("sealed", "sealed"), ("copied",), ("sealed", "shredded", "copied")],
    ids="-".join,
)
def test_custody_out_of_order_is_refused(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    with pytest.raises(ProofError):
        check_custody_order(custody(Maker(tmp_path), *kinds))


def test_custody_that_runs_backwards_is_refused(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.record("evidence.sealed", {"evidence": "e1"})
    maker.now -= 10_000
    with pytest.raises(ProofError, match="backwards"):
        check_custody_order(custody(maker, "copied"))


def test_the_lists_hide_what_is_not_opened(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.record("evidence.opened", {"evidence": "e1"}, by="legal 1", secret="withheld")
    [line] = [json.loads(one) for one in custody_text(shown(maker)).splitlines()]
    assert line["values"]["by"] == "legal 1"
    assert set(line["values"]["secret"]) == {"_c"}


def test_records_out_of_the_order_of_the_log_are_refused(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.record("evidence.sealed", {"evidence": "e1"})
    maker.record("evidence.copied", {"evidence": "e1"})
    lines = support._lines(maker.records).splitlines(keepends=True)
    for wrong in (lines[::-1], [lines[0], lines[0]]):
        with pytest.raises(ProofError):
            parse_records(b"".join(wrong))
    with pytest.raises(MalformedError):
        parse_records(b"".join(lines)[:-1])


def test_a_line_of_what_was_handled_says_what_its_records_say(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.record("notice.received", {"notice": 1})
    maker.record("decision.made", {"outcome": "withhold"})
    first, second = shown(maker)
    by_index = {one.position: one for one in (first, second)}
    line = handled_line("notice", "N-1", first, second)
    assert check_handled(handled_text([line]), by_index) == [line]
    for wrong in (
        {**line, "outcome": "allow"},
        {**line, "took_ms": 1},
        {**line, "received": {**line["received"], "at": 1}},
        {**line, "closed": {**line["closed"], "index": 9}},
        {**line, "closed": None},
    ):
        with pytest.raises(LedgerError):
            check_handled(canonical_json(wrong) + b"\n", by_index)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> LocalAuthority:
    return LocalAuthority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def stamped(authority: LocalAuthority, tmp_path_factory: pytest.TempPathFactory) -> MadePackage:
    def stamp(note: str) -> dict[str, object]:
        return {"response": authority.stamp(parse_note(note).text.encode()), "chain": ""}

    return make_package(tmp_path_factory.mktemp("stamped"), stamp=stamp)


def of_stamps(made: MadePackage, **asked: object) -> list[str]:
    """Return the states of what outsiders say of the times."""
    policy = of_key(made.maker.vkey)
    now = int(time.time() * 1000) + 10**10
    given = Asked(policy=policy, now_ms=now, **asked)  # type: ignore[arg-type]
    shelf = support.memory_shelf(made.files())
    return [one.state for one in verify_package(shelf, "p", "", given)[10:]]


def test_a_stamp_is_verified_with_the_roots_of_the_reader(
    stamped: MadePackage, authority: LocalAuthority
) -> None:
    assert of_stamps(stamped, roots=authority.root.read_bytes()) == ["noted", "verified"]


def test_without_roots_a_stamp_is_not_checked(stamped: MadePackage) -> None:
    assert of_stamps(stamped) == ["noted", "not_checked"]


def test_without_openssl_a_stamp_is_not_checked(
    stamped: MadePackage, authority: LocalAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vigie.ledger.verify.package_times.find_openssl", lambda: None)
    assert of_stamps(stamped, roots=authority.root.read_bytes()) == ["noted", "not_checked"]


def test_a_stamp_of_somebody_else_fails(
    stamped: MadePackage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = LocalAuthority(tmp_path_factory.mktemp("other"))
    assert of_stamps(stamped, roots=other.root.read_bytes()) == ["noted", "failed"]


def test_a_stamp_on_something_else_is_refused(authority: LocalAuthority) -> None:
    response = authority.stamp(b"this")
    stamp = parse_time_stamp(response)
    check_imprint(stamp, b"this")
    with pytest.raises(ProofError):
        check_imprint(stamp, b"that")
    check_signer("openssl", response, b"this", b"", authority.root.read_bytes(), stamp)
    with pytest.raises(ProofError):
        check_signer("openssl", response, b"that", b"", authority.root.read_bytes(), stamp)
    with pytest.raises(ProofError):
        check_signer("/nowhere/openssl", response, b"this", b"", authority.root.read_bytes(), stamp)


def test_no_bytes_make_the_reader_of_stamps_fall_over(authority: LocalAuthority) -> None:
    response = authority.stamp(b"this")
    for at in range(len(response)):
        for changed in (response[:at], response[:at] + b"\xff" + response[at + 1 :]):
            try:
                parse_time_stamp(changed)
            except LedgerError:
                continue
