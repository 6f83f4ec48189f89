# SPDX-License-Identifier: Apache-2.0
"""What the verifier found, in plain words and as JSON."""

from __future__ import annotations

import json
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.logdir import ReadLog, explain
from vigie.ledger.verify.package_words import state_word
from vigie.ledger.verify.promises import BROKEN, KEPT, PENDING, CheckedReceipt
from vigie.ledger.verify.proofs import ProvedDecision

VERIFIED = "verified"
FAILED = "failed"
NOT_CHECKED = "not_checked"
NOTED = "noted"
"""Nothing that was to be checked: something that the reader should know."""
_BAD = (FAILED, BROKEN)
_OPEN = (NOT_CHECKED, PENDING)

NO_KEY = "no key was given, so nobody vouches for the checkpoint (use --key or --policy)"
_WORDS = {
    KEPT: "kept: the decision stands in the log",
    PENDING: "pending: not shown in the log yet, and the term of the promise still runs",
    BROKEN: "broken: the term has ended and no proof of the decision was shown; "
    "this receipt is the evidence that it should be in the log",
}


class Finding(NamedTuple):
    """One thing that was looked at, with the state it is in."""

    what: str
    name: str
    state: str
    words: str
    details: Dict[str, Any]

    def line(self, language: str = "en") -> str:
        """Return one line for people; nothing of a file is printed unescaped."""
        state = state_word(language, self.state)
        return "{:<11} {} {}: {}".format(state, self.what, _safe(self.name), _safe(self.words))


def _safe(text: str) -> str:
    """Escape what a terminal could take for a command."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def failed(what: str, name: str, error: LedgerError) -> Finding:
    """Report what was refused."""
    return Finding(what, name, FAILED, explain(error), {"code": error.code, "field": error.field})


def proved(name: str, decision: ProvedDecision) -> Finding:
    """Report a decision that its proof shows to be in the log."""
    record = decision.opening.record
    details = {
        "decision_id": record.get("decision_id"),
        "kind": record["k"],
        "time_ms": record["t"],
        "outcome": record.get("outcome"),
        "in_segment": decision.segment is not None,
        "origin": decision.checkpoint.origin,
        "index": decision.position,
        "size": decision.checkpoint.size,
        "witnesses": list(decision.accepted.witnesses) if decision.accepted else [],
    }
    words = "{} {} ({}) stands in {} at {} of {}".format(
        record["k"],
        _named(record.get("decision_id")),
        _named(record.get("outcome")),
        decision.checkpoint.origin,
        decision.position,
        decision.checkpoint.size,
    )
    if decision.segment is not None:
        words += ", inside a sealed segment"
    return _pinned("proof", name, words, details, decision.accepted is not None)


def _named(value: Any) -> str:
    return json.dumps(value)[:200]


def _pinned(what: str, name: str, words: str, details: Dict[str, Any], pinned: bool) -> Finding:
    if pinned:
        return Finding(what, name, VERIFIED, words, details)
    return Finding(what, name, NOT_CHECKED, words + "; " + NO_KEY, details)


def read_log(name: str, log: ReadLog) -> Finding:
    """Report a log whose every file fits the checkpoint."""
    words = "all {} entries and {} files of {} fit the checkpoint".format(
        log.checkpoint.size, log.files.checked, log.checkpoint.origin
    )
    details: Dict[str, Any] = {
        "origin": log.checkpoint.origin,
        "size": log.checkpoint.size,
        "files": log.files.checked,
        "files_ahead_of_checkpoint": log.files.ahead,
        "other_files": log.files.other,
        "witnesses": list(log.accepted.witnesses) if log.accepted else [],
    }
    return _pinned("log", name, words, details, log.accepted is not None)


def promised(name: str, checked: CheckedReceipt) -> List[Finding]:
    """Report each decision of a receipt: kept, pending or broken."""
    findings = []
    for promise in checked.promises:
        details = {
            "decision_id": promise.decision_id,
            "entry": promise.entry.hex(),
            "promised_at_ms": checked.receipt.time,
            "not_after_ms": checked.receipt.not_after,
            "log": checked.receipt.log_origin,
        }
        words = "{} {}".format(promise.decision_id, _WORDS[promise.state])
        if not promise.opened:
            words += "; the receipt shows no record, so the name is the operator's word"
        state = promise.state
        if not checked.pinned:
            state = NOT_CHECKED
            words += "; no receipt key was given, so nobody vouches for the receipt (use --keys)"
        findings.append(Finding("receipt", name, state, words, details))
    return findings


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 0 where all is verified, 1 where something failed, 2 where something is open."""
    if any(finding.state in _BAD for finding in findings):
        return 1
    return 2 if any(finding.state in _OPEN for finding in findings) else 0


def summary(findings: Sequence[Finding], language: str = "en") -> str:
    """Count the states in one line."""
    counts: Dict[str, int] = {}
    for finding in findings:
        counts[finding.state] = counts.get(finding.state, 0) + 1
    parts = ["{} {}".format(n, state_word(language, state)) for state, n in sorted(counts.items())]
    return ", ".join(parts)


def as_json(findings: Sequence[Finding], code: Optional[int] = None) -> str:
    """Write all findings as one JSON document."""
    document = {
        "exit": exit_code(findings) if code is None else code,
        "findings": [finding._asdict() for finding in findings],
    }
    return json.dumps(document, indent=2, sort_keys=True)
