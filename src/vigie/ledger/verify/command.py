# SPDX-License-Identifier: Apache-2.0
"""The command `vigie-verify`: check what Vigie says without trusting or asking it."""

from __future__ import annotations

import argparse
import calendar
import hashlib
import os
import re
import time
from typing import BinaryIO, List, Optional, Sequence

from vigie.ledger.verify.errors import LedgerError, MalformedError, MissingError, ProofError
from vigie.ledger.verify.findings import (
    FAILED,
    NOT_CHECKED,
    VERIFIED,
    Finding,
    as_json,
    exit_code,
    failed,
    promised,
    proved,
    read_log,
    summary,
)
from vigie.ledger.verify.logdir import ReadLog, verify_log
from vigie.ledger.verify.notes import VerifierKey, parse_vkey
from vigie.ledger.verify.package_words import LANGUAGES, say
from vigie.ledger.verify.packages import Asked, PackageCheck
from vigie.ledger.verify.policy import TrustPolicy
from vigie.ledger.verify.promises import verify_receipt
from vigie.ledger.verify.proofs import ProvedDecision, verify_decision
from vigie.ledger.verify.receipts import parse_receipt_keys
from vigie.ledger.verify.shelves import Shelf, folder_shelf, zip_shelf

_EXAMPLES = """\
examples:
  vigie-verify decision.json --key agora.example/log/1+1df358fa+AQjW...
      is this decision in the log of that key?
  vigie-verify proofs/*.json --policy policy.txt --log copy-of-log/
      many decisions, witnesses as the policy asks, and the whole log
  vigie-verify vp-o17-1-5f2c9d01.zip --policy policy.txt --tsa authority.pem
      an evidence package, as a ZIP or as the unpacked folder; with --receipt and
      --keys also: was the promise of that receipt kept by what the package proves?
  vigie-verify --receipt receipt.json --proof decision.json \\
      --keys receipt-keys.txt --policy policy.txt
      was the promise of this receipt kept, is it pending or broken?

exit status: 0 all verified, 1 something failed or was broken,
2 something could not be checked yet, no key was given, or wrong usage.
Keys come from you (by hand, from a page or a paper you trust), never from the
files that are checked. Nothing is sent anywhere.
"""
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{3}))?Z\Z")
_VKEY_MARK = "+"
_AGE, _ZIP = b"age-encryption.org/v1", b"PK"


def iso_milliseconds(text: str) -> int:
    """Read a time in UTC like 2026-11-22T20:00:00Z."""
    found = _TIME.match(text)
    try:
        parsed = time.strptime(found.group(1) if found else text, "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        message = "write the time like 2026-11-22T20:00:00Z"
        raise argparse.ArgumentTypeError(message) from None
    milliseconds = int(found.group(2) or 0) if found else 0
    return calendar.timegm(parsed) * 1000 + milliseconds


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="vigie-verify",
        description="Check evidence packages, proofs, receipts and logs of Vigie, offline, with "
        "your own keys.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("proofs", nargs="*", metavar="FILE", help="proof of a decision (JSON), or a package")
    add("--proof", action="append", default=[], metavar="FILE", help="proof of a decision")
    add("--receipt", action="append", default=[], metavar="FILE", help="receipt as saved")
    add("--log", metavar="DIR", help="a whole log: a folder as it is served, or a copy")
    add("--archive", action="append", default=[], metavar="FILE", help="archive segment of a proof")
    trust = parser.add_mutually_exclusive_group()
    trust.add_argument("--key", metavar="VKEY", help="the log's key, given by hand")
    trust.add_argument("--policy", metavar="FILE", help="trust policy: logs, witnesses, quorum")
    add("--keys", metavar="FILE|VKEY", help="receipt keys: receipt-keys.txt or one key")
    add("--tsa", metavar="FILE", help="time-stamp authorities that you believe: certificates, PEM")
    add("--lang", choices=LANGUAGES, default="en", help="language of what is said of packages")
    add("--now", type=iso_milliseconds, metavar="TIME", help="judge terms at this time (UTC)")
    add("--json", action="store_true", help="print the findings as JSON")
    return parser


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        message = "This file cannot be read: {}".format(error.strerror)
        raise MissingError(message, field=path) from None


def _open_file(path: str) -> BinaryIO:
    try:
        return open(path, "rb")
    except OSError as error:
        message = "This file cannot be read: {}".format(error.strerror)
        raise MissingError(message, field=path) from None


def is_package(path: str) -> bool:
    """Say whether a path is a folder or a ZIP. Raises where it is still encrypted."""
    if os.path.isdir(path):
        return True
    with _open_file(path) as file:
        head = file.read(len(_AGE))
    if head.startswith(_AGE):
        raise MalformedError(
            "This file is encrypted: decrypt it first (age --decrypt -i KEY -o OUT.zip FILE).",
            field=path,
        )
    return head.startswith(_ZIP)


def _policy(options: argparse.Namespace) -> Optional[TrustPolicy]:
    if options.key:
        return TrustPolicy.of_key(options.key)
    return TrustPolicy.parse(_read(options.policy)) if options.policy else None


def _receipt_keys(given: Optional[str]) -> List[VerifierKey]:
    if not given:
        return []
    if _VKEY_MARK in given and not os.path.exists(given):
        return [parse_vkey(given)]
    return parse_receipt_keys(_read(given))


class Verification:
    """One run: what was asked for, and the findings so far."""

    def __init__(self, policy: Optional[TrustPolicy]) -> None:
        self.policy = policy
        self.findings: List[Finding] = []
        self.log: Optional[ReadLog] = None
        self.decisions: List[ProvedDecision] = []

    def check_log(self, folder: str) -> None:
        """Verify the whole log."""
        try:
            self.log = verify_log(folder, self.policy)
            self.findings.append(read_log(folder, self.log))
        except LedgerError as error:
            self.findings.append(failed("log", folder, error))

    def check_path(self, path: str, asked: Asked) -> None:
        """Verify a package or a proof, whichever it is."""
        try:
            package = is_package(path)
        except LedgerError as error:
            self.findings.append(failed("proof", path, error))
            return
        if package:
            self.check_package(path, asked)
        else:
            self.check_proof(path)

    def check_package(self, path: str, asked: Asked) -> None:
        """Verify an evidence package: a folder or a ZIP."""
        name = os.path.basename(path.rstrip("/")) or path
        try:
            if os.path.isdir(path):
                self._check_shelf(folder_shelf(path), name, "", asked)
                return
            with _open_file(path) as file:
                top, shelf = zip_shelf(file)
                self._check_shelf(shelf, name, top, asked)
        except LedgerError as error:
            self.findings.append(failed("package", name, error))

    def _check_shelf(self, shelf: Shelf, name: str, top: str, asked: Asked) -> None:
        check = PackageCheck(shelf, name, top, asked)
        self.findings.extend(check.run())
        self.decisions.extend(check.proved())

    def check_proof(self, path: str) -> None:
        """Verify one decision, and that the log still shows the same history."""
        try:
            decision = verify_decision(_read(path), self.policy)
            if self.log is not None:
                self.log.check_older(decision.checkpoint)
            self.decisions.append(decision)
            self.findings.append(proved(path, decision))
        except LedgerError as error:
            self.findings.append(failed("proof", path, error))

    def check_receipt(self, path: str, keys: Sequence[VerifierKey], now_ms: int) -> None:
        """Say of each decision of a receipt whether the promise was kept."""
        try:
            checked = verify_receipt(_read(path), keys, self.decisions, self.log, now_ms)
            self.findings.extend(promised(path, checked))
        except LedgerError as error:
            self.findings.append(failed("receipt", path, error))

    def check_archive(self, path: str) -> None:
        """Compare an archive file with the digest in a proved segment's record."""
        try:
            self.findings.append(self._archive(path, hashlib.sha256(_read(path)).hexdigest()))
        except LedgerError as error:
            self.findings.append(failed("archive", path, error))

    def _archive(self, path: str, digest: str) -> Finding:
        segments = [one for one in self.decisions if one.segment is not None]
        for one in segments:
            if one.segment is not None and one.segment.record.get("sha256") == digest:
                state = VERIFIED if one.accepted else NOT_CHECKED
                words = "the file is the one that its segment's record names"
                return Finding("archive", path, state, words, {"sha256": digest})
        if not segments:
            words = "no verified proof names a segment, so nothing says what this file must be"
            return Finding("archive", path, NOT_CHECKED, words, {"sha256": digest})
        raise ProofError("No proved segment names a file with this content.", field="sha256")


def run(options: argparse.Namespace) -> List[Finding]:
    """Do what was asked for, the log first, so that proofs are held against it."""
    verification = Verification(_policy(options))
    keys = _receipt_keys(options.keys)
    now_ms = options.now if options.now is not None else int(time.time() * 1000)
    if options.log:
        verification.check_log(options.log)
    roots = _read(options.tsa) if options.tsa else b""
    asked = Asked(verification.policy, roots, options.lang, now_ms)
    for path in options.proofs:
        verification.check_path(path, asked)
    for path in options.proof:
        verification.check_proof(path)
    for path in options.archive:
        verification.check_archive(path)
    for path in options.receipt:
        verification.check_receipt(path, keys, now_ms)
    return verification.findings


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command and return its exit status."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if not (options.proofs or options.proof or options.receipt or options.log):
        parser.error("name a package, a proof, a receipt or a log")
    try:
        findings = run(options)
    except LedgerError as error:
        findings = [Finding("keys", "keys", FAILED, error.message, {"code": error.code})]
    if options.json:
        print(as_json(findings))
    else:
        for finding in findings:
            print(finding.line(options.lang))
        print(summary(findings, options.lang))
        packages = any(finding.what == "package" for finding in findings)
        if packages and exit_code(findings) != 1:
            print(say(options.lang, "closing"))
    return exit_code(findings)
