# SPDX-License-Identifier: Apache-2.0
"""The ledger: entries a second in groups, receipts, and the outsider's verifier."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from hashlib import sha256
from itertools import count
from pathlib import Path

from benchmarks.common import Figure, cpu_seconds, rate
from vigie.ledger.entry import make_entry, record_salt
from vigie.ledger.log import ListSource, Log
from vigie.ledger.note import Signer
from vigie.ledger.policy import of_key
from vigie.ledger.proof import decision_proof, log_proof
from vigie.ledger.receipt import ReceiptSigner
from vigie.ledger.verify.ed25519 import _verify_ed25519
from vigie.ledger.verify.logdir import verify_log
from vigie.ledger.verify.policy import TrustPolicy
from vigie.ledger.verify.proofs import verify_decision

ORIGIN = "bench.invalid/log/1"
NOW = 1_795_000_000_000
ENTRIES = 20_000
SIGNER = Signer(ORIGIN, sha256(b"bench").digest())


def _record(number: int) -> bytes:
    """Return a record of about 700 bytes."""
    fields = {f"field_{n:02d}": sha256(b"%d %d" % (number, n)).hexdigest()[:24] for n in range(14)}
    value = {"v": 1, "id": f"{number:032x}", "k": "decision.made", "t": NOW + number, **fields}
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


RECORDS = [_record(number) for number in range(2000)]
KEYS = [sha256(b"key %d" % number).digest() for number in range(2000)]


class SqliteSource:
    """Entries in a table, committed in groups with synchronous=FULL."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute("CREATE TABLE entry (n INTEGER PRIMARY KEY, body BLOB NOT NULL)")

    def append(self, first: int, entries: list[bytes]) -> None:
        """Commit a group of entries."""
        self._database.execute("BEGIN IMMEDIATE")
        rows = enumerate(entries, first)
        self._database.executemany("INSERT INTO entry VALUES (?, ?)", rows)
        self._database.execute("COMMIT")

    def size(self) -> int:
        """Return how many entries are committed."""
        row = self._database.execute("SELECT count(*), max(n) FROM entry").fetchone()
        return int(row[0])

    def read(self, start: int, stop: int) -> list[bytes]:
        """Return entries start to stop."""
        query = "SELECT body FROM entry WHERE n >= ? AND n < ? ORDER BY n"
        return [row[0] for row in self._database.execute(query, (start, stop))]


def _entry(number: int) -> bytes:
    at = number % len(RECORDS)
    return make_entry(RECORDS[at], record_salt(KEYS[at]))


def _grow(home: Path, group: int) -> tuple[float, float]:
    """Make, commit and publish entries in groups; return rates per CPU and wall second."""
    source = SqliteSource(home / "entries.sqlite3")
    log = Log(home / "public", home / "state", [SIGNER], source)
    log.start(NOW)
    cpu, wall = cpu_seconds(), time.perf_counter()
    for first in range(0, ENTRIES, group):
        source.append(first, [_entry(number) for number in range(first, first + group)])
        log.publish(NOW)
    return ENTRIES / (cpu_seconds() - cpu), ENTRIES / (time.perf_counter() - wall)


def _rebuild(home: Path) -> int:
    """Publish a large backlog at once."""
    source = ListSource([_entry(number) for number in range(2000)] * 50)
    log = Log(home / "public", home / "state", [SIGNER], source)
    log.start(NOW)
    log.publish(NOW)
    return source.size()


def _verified(home: Path) -> int:
    """Read and verify a whole log as an outsider does."""
    return verify_log(str(home / "public" / "1"), of_key(SIGNER.vkey)).checkpoint.size


def _receipts(size: int, answers: int) -> float:
    """Return CPU microseconds for one answer of this many entries."""
    signer = ReceiptSigner(ORIGIN, sha256(b"receipt").digest())
    entries = [_entry(number) for number in range(size)]

    def work() -> int:
        for _ in range(answers):
            signer.sign(entries, NOW, NOW + 86_400_000)
        return answers

    return 1e6 / rate(work, 5)


def _proofs(home: Path) -> tuple[float, float]:
    """Return proofs made, and checked by the plain verifier, per CPU second."""
    source = ListSource([_entry(number) for number in range(2000)])
    log = Log(home / "public", home / "state", [SIGNER], source)
    log.start(NOW)
    log.publish(NOW)
    salts = [record_salt(key) for key in KEYS]
    made: list[bytes] = []

    def make() -> int:
        made[:] = [
            decision_proof(RECORDS[n], salts[n], log_proof(log.folder, n)) for n in range(500)
        ]
        return len(made)

    policy = TrustPolicy.of_key(SIGNER.vkey)
    return rate(make), rate(lambda: sum(bool(verify_decision(one, policy)) for one in made))


def _plain_signatures() -> float:
    """Return plain Ed25519 verifications per CPU second, without remembering answers."""
    text = count()

    def work() -> int:
        for _ in range(100):
            _verify_ed25519(SIGNER.key.public, b"%d" % next(text), bytes(64))
        return 100

    return rate(work)


def measure() -> list[Figure]:
    """Measure the ledger."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in ("200", "1000", "backlog", "proofs"):
            (home / name).mkdir()
        cpu, wall = _grow(home / "200", 200)
        cpu_1000, wall_1000 = _grow(home / "1000", 1000)
        backlog = rate(lambda: _rebuild(home / "backlog"), 1)
        verified = rate(lambda: _verified(home / "backlog"), 1)
        made, checked = _proofs(home / "proofs")
    per_cpu, per_second = "1/CPU s", "1/s"
    return [
        Figure("entries made, committed, published, groups of 200", cpu, per_cpu, 5000),
        Figure("the same, wall time of this disk", wall, per_second),
        Figure("entries made, committed, published, groups of 1,000", cpu_1000, per_cpu, 5000),
        Figure("the same, wall time of this disk", wall_1000, per_second),
        Figure("entries of a backlog, published at once", backlog, per_cpu),
        Figure("entries of a whole log, verified", verified, per_cpu),
        Figure("receipt for one decision", _receipts(1, 2000), "CPU us", 60, at_least=False),
        Figure("receipt for 100 decisions", _receipts(100, 100), "CPU us"),
        Figure("proofs made from tiles", made, per_cpu),
        Figure("proofs checked by the plain verifier", checked, per_cpu),
        Figure("plain Ed25519 signatures checked", _plain_signatures(), per_cpu),
    ]
