# SPDX-License-Identifier: Apache-2.0
"""Evidence packages: making one of 10,000 sealed records, and checking it elsewhere.

Checked by the single file in an interpreter without Vigie, with its own plain
Ed25519, as a recipient does.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import pyrage

from benchmarks.common import Figure, cpu_seconds
from tests.support.packages import Maker, copied, finish, head, piece
from vigie.evidence import outgoing
from vigie.evidence.contents import Contents
from vigie.evidence.spool import Spool
from vigie.ledger.policy import format_policy
from vigie.ledger.proof import log_proof
from vigie.ledger.verify import bundle

RECORDS = 10_000
BYTES = 2_000
MAKE_S, CHECK_S = 60.0, 30.0
ALONE = [getattr(sys, "_base_executable", sys.executable), "-I", "-S"]


def _data(number: int) -> bytes:
    return sha256(b"%d" % number).digest() * (BYTES // 32)


def _make(home: Path, count: int) -> tuple[Path, Path, float]:
    """Make a package of so many sealed records with their custody; return ZIP, policy, seconds."""
    maker, spool = Maker(home), Spool(home)
    found = [piece(maker, spool, n, _data(n)) for n in range(1, count + 1)]
    for one in found:
        copied(maker, one)
    began = cpu_seconds()
    note = maker.publish()
    folder = maker.log.folder
    proofs = {r.index: log_proof(folder, r.index, note.encode()).text() for r in maker.records}
    contents = Contents(
        head=head(),
        checkpoint=note,
        policy=format_policy([maker.vkey], {}),
        verifier=bundle.build().encode(),
        pieces=found,
        records=maker.records,
        proofs=proofs,
    )
    finish(maker, spool, contents)
    key = pyrage.x25519.Identity.generate()
    to = outgoing.read_recipient(str(key.to_public()))
    outgoing.write_encrypted(spool, head().package_id, to, home / "p.zip.age")
    seconds = cpu_seconds() - began
    (home / "p.zip").write_bytes(pyrage.decrypt((home / "p.zip.age").read_bytes(), [key]))
    (home / "policy.txt").write_text(contents.policy)
    return home / "p.zip", home / "policy.txt", seconds


def _check(home: Path, package: Path, policy: Path) -> float:
    verifier = home / "vigie_verify.py"
    verifier.write_text(bundle.build())
    began = cpu_seconds()
    command = [*ALONE, str(verifier), str(package), "--policy", str(policy)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return cpu_seconds() - began


def measure() -> list[Figure]:
    """Return how long making and checking take, and how large the package is."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        package, policy, made = _make(home, RECORDS)
        checked = _check(home, package, policy)
        size = package.stat().st_size / 2**20
    return [
        Figure(f"package of {RECORDS:,} records: made", made, "s", MAKE_S, at_least=False),
        Figure(f"package of {RECORDS:,} records: checked", checked, "s", CHECK_S, at_least=False),
        Figure(f"package of {RECORDS:,} records: size", size, "MiB"),
    ]
