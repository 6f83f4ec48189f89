# SPDX-License-Identifier: Apache-2.0
"""Checking an evidence package, step by step, and saying what each step shows.

The root of trust is the log: it holds a record of the export that names digest
and key of this very package, and the reader's own policy says which log and
which witnesses count. Whatever was not looked at is named as such.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from vigie.ledger.verify.checkpoints import Checkpoint, parse_checkpoint
from vigie.ledger.verify.errors import LedgerError, MalformedError, ProofError
from vigie.ledger.verify.findings import NOT_CHECKED, VERIFIED, Finding, failed
from vigie.ledger.verify.handled import check_handled
from vigie.ledger.verify.merkle import hash_leaf, verify_consistency, verify_inclusion
from vigie.ledger.verify.notes import parse_note, parse_vkey
from vigie.ledger.verify.package_form import (
    CHECKPOINT,
    CUSTODY,
    DECISIONS,
    EXPORT,
    EXPORT_KIND,
    GROWTH,
    GROWTH_FILE,
    HANDLED,
    NOTE,
    PROOF_FILE,
    RECORDS,
    SIGNATURES,
    SUMS,
    PackageFiles,
    open_with,
    package_note_text,
    parse_growth,
    read_package,
    signature_digests,
    sums_note_text,
)
from vigie.ledger.verify.package_items import check_contents
from vigie.ledger.verify.package_times import StampTrust, check_outside_times
from vigie.ledger.verify.package_words import say
from vigie.ledger.verify.policy import Accepted, TrustPolicy
from vigie.ledger.verify.proofs import ProvedDecision, parse_log_proof, verify_decision
from vigie.ledger.verify.shelves import Shelf
from vigie.ledger.verify.views import (
    ShownRecord,
    check_custody_order,
    custody_text,
    decisions_text,
    parse_records,
)

TOLERANCE_MS = 60_000
DAY_MS = 86_400_000
Said = Tuple[str, Dict[str, Any]]


class Asked(NamedTuple):
    """What the reader brought: a policy, roots of time-stamp authorities, a language."""

    policy: Optional[TrustPolicy] = None
    roots: bytes = b""
    language: str = "en"
    now_ms: int = 0


class PackageCheck:
    """One package and the findings so far."""

    def __init__(self, shelf: Shelf, name: str, top: str, asked: Asked) -> None:
        self._shelf, self._name, self._top, self._asked = shelf, name, top, asked
        self.findings: List[Finding] = []
        self._files: Optional[PackageFiles] = None
        self._export: Dict[str, Any] = {}
        self._checkpoints: List[Checkpoint] = []
        self._accepted: Optional[Accepted] = None
        self._note = ""
        self._records: List[ShownRecord] = []
        self._failed = False

    def run(self) -> List[Finding]:
        """Do every step; what rests on a failed one is said to be unchecked."""
        steps: List[Tuple[str, Callable[[], Said], bool]] = [
            ("files", self._check_files, False),
            ("export", self._check_export, True),
            ("signature", self._check_signature, True),
            ("records", self._check_records, True),
            ("history", self._check_history, True),
            ("contents", self._check_contents, False),
            ("custody", self._check_custody, False),
            ("handled", self._check_handled, False),
            ("times", self._check_times, False),
            ("verifier", self._check_verifier, False),
        ]
        for what, step, rests_on_key in steps:
            if what == "handled" and HANDLED not in self._shelf.sizes:
                continue
            self._step(what, step, rests_on_key)
        if self._files is not None and not self._failed:
            self._say_outside()
        return self.findings

    def proved(self) -> List[ProvedDecision]:
        """Return the records that the package proves: receipts are held against them."""
        if self._failed:
            return []
        checkpoint = self._checkpoints[0]
        return [
            ProvedDecision(shown.opening, None, shown.position, checkpoint, self._accepted)
            for shown in self._records
        ]

    def _step(self, what: str, step: Callable[[], Said], rests_on_key: bool) -> None:
        """Run one step and note what it found; nothing is looked at after a failure."""
        if self._failed:
            self._add(what, NOT_CHECKED, say(self._asked.language, "after_failure"), {})
            return
        try:
            key, values = step()
        except LedgerError as error:
            self._failed = True
            self.findings.append(failed("package", self._label(what), error))
            return
        words = say(self._asked.language, key, **values)
        state = VERIFIED
        if rests_on_key and self._asked.policy is None:
            state, words = NOT_CHECKED, words + "; " + say(self._asked.language, "no_key")
        self._add(what, state, words, {"step": what, **values})

    def _label(self, what: str) -> str:
        return self._name + " " + say(self._asked.language, what)

    def _add(self, what: str, state: str, words: str, details: Dict[str, Any]) -> None:
        self.findings.append(Finding("package", self._label(what), state, words, details))

    def _check_files(self) -> Said:
        self._files = read_package(self._shelf, self._top)
        return "files_ok", {"files": len(self._shelf.names), "package": self._files.package_id}

    def _package(self) -> PackageFiles:
        if self._files is None:
            raise MalformedError("The files were not read.", field="package")
        return self._files

    def _check_export(self) -> Said:
        """The log holds a record of this export: its digest, its key, its name."""
        package = self._package()
        data = self._shelf.read(SIGNATURES + EXPORT)
        decision = verify_decision(data, self._asked.policy)
        record = decision.opening.record
        stated = (record["k"], record.get("package"), record.get("digest"))
        if decision.segment or stated != (
            EXPORT_KIND,
            package.package_id,
            "sha512:" + package.tag_digest,
        ):
            raise ProofError("The log's record is about another package.", field=EXPORT)
        self._export = dict(record, index=decision.position)
        self._checkpoints.append(decision.checkpoint)
        return "export_ok", {
            "origin": decision.checkpoint.origin,
            "index": decision.position,
            "size": decision.checkpoint.size,
        }

    def _check_signature(self) -> Said:
        package, shelf = self._package(), self._shelf
        key = parse_vkey(str(self._export.get("key")))
        origin, index = self._checkpoints[0].origin, self._export["index"]
        expected = package_note_text(package.package_id, package.tag_digest, origin, index)
        if open_with(shelf.read(SIGNATURES + NOTE), key) != expected:
            raise ProofError("The signed note is about another package.", field=NOTE)
        sums = sums_note_text(package.package_id, signature_digests(shelf))
        if open_with(shelf.read(SIGNATURES + SUMS), key) != sums:
            raise ProofError("A file in signatures/ is not the one that was signed.", field=SUMS)
        return "signature_ok", {"signer": key.name}

    def _check_records(self) -> Said:
        """Each record opens its entry, and each entry stands in the checkpoint."""
        note = self._shelf.read(CHECKPOINT)
        policy = self._asked.policy
        self._accepted = policy.accept(note) if policy else None
        self._note = note.decode("utf-8")
        checkpoint = self._accepted.checkpoint if self._accepted else _unvouched(self._note)
        self._checkpoints.insert(0, checkpoint)
        self._records = parse_records(self._shelf.read(RECORDS))
        for shown in self._records:
            self._check_place(shown, checkpoint)
        wanted = {shown.position for shown in self._records}
        found = {int(match.group(1)) for match in map(PROOF_FILE.match, self._shelf.names) if match}
        if found != wanted:
            raise ProofError("Proofs and records are not one for one.", field=RECORDS)
        return "records_ok", {
            "records": len(self._records),
            "origin": checkpoint.origin,
            "opened": sum(len(shown.opened) for shown in self._records),
            "withheld": sum(_withheld(shown) for shown in self._records),
        }

    def _check_place(self, shown: ShownRecord, checkpoint: Checkpoint) -> None:
        name = "log/{}.tlog-proof".format(shown.position)
        data = self._shelf.read(name)
        proof = parse_log_proof(data)
        if proof.extra is not None or proof.checkpoint != self._note:
            raise ProofError("The proof is about another checkpoint.", field=name)
        if proof.position != shown.position or proof.text().encode("utf-8") != data:
            raise ProofError("The proof is about another entry.", field=name)
        leaf = hash_leaf(shown.opening.entry)
        verify_inclusion(shown.position, checkpoint.size, leaf, proof.path, checkpoint.root)

    def _check_history(self) -> Said:
        """Every checkpoint of the package lies in one history."""
        last, newest = self._checkpoints
        count = 0
        if (last.size, last.root) != (newest.size, newest.root):
            self._check_growth(SIGNATURES + GROWTH, last, newest)
            count += 1
        sizes = [last.size, newest.size]
        for name in self._shelf.names:
            found = GROWTH_FILE.match(name)
            if found:
                older = self._older("log/timestamps/{}.checkpoint".format(found.group(1)))
                self._check_growth(name, older, last)
                sizes.append(older.size)
                count += 1
        return "history_ok", {"proofs": count, "first": min(sizes), "last": max(sizes)}

    def _older(self, name: str) -> Checkpoint:
        note = self._shelf.read(name)
        policy = self._asked.policy
        return policy.of_log(note) if policy else _unvouched(note.decode("utf-8"))

    def _check_growth(self, name: str, older: Checkpoint, newer: Checkpoint) -> None:
        data = self._shelf.read(name)
        growth = parse_growth(data, name)
        if growth.text().encode("utf-8") != data or older.origin != newer.origin:
            raise MalformedError("This is not the proof that is asked for.", field=name)
        stated = _unvouched(growth.checkpoint)
        if (growth.first, stated.size, stated.root) != (older.size, newer.size, newer.root):
            raise ProofError("The proof is about other checkpoints.", field=name)
        verify_consistency(older.size, newer.size, older.root, newer.root, growth.path)

    def _check_contents(self) -> Said:
        items, accounts = check_contents(self._package(), self._records)
        return "contents_ok", {"items": items, "accounts": accounts}

    def _check_custody(self) -> Said:
        """The lists say what the records say, and custody is in order."""
        for name, expected in (
            (CUSTODY, custody_text(self._records)),
            (DECISIONS, decisions_text(self._records)),
        ):
            if self._shelf.read(name) != expected:
                raise ProofError("The list says other than the records.", field=name)
        events = check_custody_order(self._records)
        return "custody_ok", {"events": sum(map(len, events.values()))}

    def _check_handled(self) -> Said:
        by_index = {shown.position: shown for shown in self._records}
        lines = check_handled(self._shelf.read(HANDLED), by_index)
        still = sum(line["closed"] is None for line in lines)
        return "handled_ok", {"lines": len(lines), "open": still}

    def _check_times(self) -> Said:
        """Nothing is later than the witnesses, the export or this computer's day."""
        limit = int(self._export["t"])
        if self._accepted is not None and self._accepted.latest is not None:
            limit = min(limit, self._accepted.latest * 1000 + TOLERANCE_MS)
        late = [shown for shown in self._records if shown.time > limit]
        if late:
            raise ProofError("A record is later than its checkpoint.", field=str(late[0].index))
        now = self._asked.now_ms or int(time.time() * 1000)
        if int(self._export["t"]) > now + DAY_MS:
            raise ProofError("The export is later than this computer's clock.", field=EXPORT)
        return "times_ok", {}

    def _say_outside(self) -> None:
        """Say who outside vouches for the times."""
        trust = StampTrust(self._asked.roots, self._asked.language, self._asked.policy is not None)
        for state, words in check_outside_times(
            self._package(), self._records, self._accepted, trust
        ):
            self._add("times", state, words, {"step": "outside"})

    def _check_verifier(self) -> Said:
        digest = hashlib.sha256(self._shelf.read("verify.py")).hexdigest()
        if self._shelf.read("verify.sha256") != "{}  verify.py\n".format(digest).encode("ascii"):
            raise ProofError("verify.sha256 names another file.", field="verify.sha256")
        TrustPolicy.parse(self._shelf.read("policy.txt"))
        return "verifier_ok", {"sha256": digest}


def _withheld(shown: ShownRecord) -> int:
    values = shown.values().values()
    return sum(isinstance(value, dict) and list(value) == ["_c"] for value in values)


def _unvouched(note: str) -> Checkpoint:
    return parse_checkpoint(parse_note(note).text)


def verify_package(shelf: Shelf, name: str, top: str, asked: Asked) -> List[Finding]:
    """Check a package whole; the findings say what was verified, what not, and why."""
    return PackageCheck(shelf, name, top, asked).run()
