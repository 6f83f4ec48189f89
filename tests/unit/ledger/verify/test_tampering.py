# SPDX-License-Identifier: Apache-2.0
"""1,000 decisions are accepted; after any of 2,000 byte changes one is refused.

The verifier is the single file, in an interpreter without Vigie, the key given
by hand. Changes hit the log's files, the proofs anywhere, and their openings.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from tests.support.ledger import make_log
from vigie.ledger.verify import bundle

OWN, SEGMENTS, INSIDE = 300, 7, 100
IN_PROOFS, IN_OPENINGS, IN_LOG = 800, 600, 600
ALONE = [getattr(sys, "_base_executable", sys.executable), "-I", "-S"]

# Runs in the interpreter without Vigie: changes one byte of the log at a time.
LOG_DRIVER = """
import contextlib, io, json, runpy, sys
verifier = runpy.run_path(sys.argv[1])
folder, key, changes = sys.argv[2], sys.argv[3], json.load(open(sys.argv[4]))
codes = []
for path, at, value in changes:
    data = open(path, "rb").read()
    open(path, "wb").write(data[:at] + bytes([value]) + data[at + 1:])
    with contextlib.redirect_stdout(io.StringIO()):
        codes.append(verifier["main"](["--log", folder] + (["--key", key] if key else [])))
    open(path, "wb").write(data)
print(json.dumps(codes))
"""


class _Field:
    """The log, its proofs as files, and the single file."""

    def __init__(self, home):
        self.home = home
        self.log = make_log(home, OWN, SEGMENTS, INSIDE)
        self.key = self.log.signer.vkey
        self.single = home / "vigie_verify.py"
        self.single.write_text(bundle.build(), encoding="utf-8")
        self.random = random.Random(20_261_122)

    def verify(self, *arguments):
        command = [*ALONE, str(self.single), *map(str, arguments), "--json"]
        ran = subprocess.run(command, check=False, capture_output=True, text=True, cwd=self.home)
        document = json.loads(ran.stdout)
        assert document["exit"] == ran.returncode
        return [finding["state"] for finding in document["findings"]]

    def write(self, name, proofs):
        folder = self.home / name
        folder.mkdir(exist_ok=True)
        for n, data in enumerate(proofs):
            (folder / f"{n:04d}").write_bytes(data)
        return [f"{name}/{n:04d}" for n in range(len(proofs))]

    def another_byte(self, old):
        return self.random.choice([value for value in range(256) if value != old])

    def changed(self, proof, start=0, stop=None):
        at = self.random.randrange(start, len(proof) if stop is None else stop)
        return proof[:at] + bytes([self.another_byte(proof[at])]) + proof[at + 1 :]

    def changes_of_log(self, count):
        files = sorted(path for path in self.log.folder.rglob("*") if path.is_file())
        for n in range(count):
            # Each file in turn, so that small ones are hit as often as large ones.
            data = files[n % len(files)].read_bytes()
            at = self.random.randrange(len(data))
            yield str(files[n % len(files)]), at, self.another_byte(data[at])

    def codes_after(self, changes, key):
        plan = self.home / "plan.json"
        plan.write_text(json.dumps(list(changes)))
        driver = [*ALONE, "-c", LOG_DRIVER, str(self.single), str(self.log.folder), key, str(plan)]
        ran = subprocess.run(driver, capture_output=True, text=True, check=True)
        return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    return _Field(tmp_path_factory.mktemp("field"))


@pytest.fixture(scope="module")
def proofs(field):
    return [made.proof for made in field.log.made]


def test_1000_decisions_and_the_log_are_accepted(field, proofs):
    names = field.write("good", proofs)
    states = field.verify(*names, "--log", field.log.folder, "--key", field.key)
    assert len(names) == OWN + SEGMENTS * INSIDE == 1000
    assert states == ["verified"] * 1001


def test_any_changed_byte_of_a_proof_is_refused(field, proofs):
    changed = [field.changed(field.random.choice(proofs)) for _ in range(IN_PROOFS)]
    states = field.verify(*field.write("changed", changed), "--key", field.key)
    assert states == ["failed"] * IN_PROOFS
    # Control: without a key the signature is not looked at, and some changes pass.
    assert "not_checked" in field.verify(*field.write("changed", changed))


def test_any_changed_byte_of_an_opening_is_refused(field, proofs):
    changed = []
    for _ in range(IN_OPENINGS):
        proof = field.random.choice(proofs)
        start = proof.index(b'"opening":')
        end = (
            proof.index(b'"segment":') if b'"segment":' in proof else proof.index(b'"tlog_proof":')
        )
        changed.append(field.changed(proof, start, end))
    states = field.verify(*field.write("openings", changed), "--key", field.key)
    assert states == ["failed"] * IN_OPENINGS


def test_any_changed_byte_of_the_log_is_refused(field):
    codes = field.codes_after(field.changes_of_log(IN_LOG), field.key)
    assert codes == [1] * IN_LOG
    # Control: the log as it is passes; and without a key a change of the signature does.
    assert field.verify("--log", field.log.folder, "--key", field.key) == ["verified"]
    checkpoint = field.log.folder / "checkpoint"
    last = len(checkpoint.read_bytes()) - 20
    changes = [(str(checkpoint), last, 65), (str(checkpoint), last, 66)]
    assert 2 in field.codes_after(changes, "")
