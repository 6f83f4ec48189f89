# SPDX-License-Identifier: Apache-2.0
"""Who outside vouches for the times of a package: witnesses and time stamps."""

from __future__ import annotations

import time
from typing import List, NamedTuple, Optional, Tuple

from vigie.ledger.verify.checkpoints import parse_checkpoint
from vigie.ledger.verify.errors import LedgerError, ProofError
from vigie.ledger.verify.findings import FAILED, NOT_CHECKED, NOTED, VERIFIED
from vigie.ledger.verify.logdir import explain
from vigie.ledger.verify.notes import parse_note
from vigie.ledger.verify.package_form import (
    NOTE,
    SIGNATURES,
    STAMP,
    STAMP_CHAIN,
    STAMP_FILE,
    PackageFiles,
)
from vigie.ledger.verify.package_words import say
from vigie.ledger.verify.policy import Accepted
from vigie.ledger.verify.timestamps import (
    TimeStamp,
    check_imprint,
    check_signer,
    find_openssl,
    parse_time_stamp,
)
from vigie.ledger.verify.views import ShownRecord

STAMP_TOLERANCE_MS = 60_000
_Line = Tuple[str, str]


class StampTrust(NamedTuple):
    """The roots that the reader brought, the language, and whether a policy was given."""

    roots: bytes
    language: str
    pinned: bool


def check_outside_times(
    package: PackageFiles,
    records: List[ShownRecord],
    accepted: Optional[Accepted],
    trust: StampTrust,
) -> List[_Line]:
    """Return state and words for witnesses and for each time stamp."""
    lines = [_witnesses(accepted, trust)] if trust.pinned else []
    found = _stamps_in(package)
    for tsr, chain, stamped, limit in found:
        lines.append(_said_of(package, records, trust, (tsr, chain, stamped, limit)))
    if not found:
        cosigned = accepted is not None and accepted.latest is not None
        rest = say(trust.language, "and_witnesses") if cosigned else ""
        lines.append((NOTED, say(trust.language, "no_stamp", rest=rest)))
    return lines


def _witnesses(accepted: Optional[Accepted], trust: StampTrust) -> _Line:
    if accepted is None or accepted.latest is None:
        return NOTED, say(trust.language, "no_witness")
    who = ", ".join(accepted.witnesses)
    return VERIFIED, say(trust.language, "witnessed", who=who, when=_utc(accepted.latest * 1000))


def _stamps_in(package: PackageFiles) -> List[Tuple[str, str, bytes, Optional[int]]]:
    """Return of each time stamp: its file, its chain, what it is on, the log's size if any."""
    found: List[Tuple[str, str, bytes, Optional[int]]] = []
    for name in package.shelf.names:
        match = STAMP_FILE.match(name)
        if match and match.group(2) == "tsr":
            note = package.shelf.read("log/timestamps/{}.checkpoint".format(match.group(1)))
            chain = name[: -len("tsr")] + "chain.pem"
            text = parse_note(note).text
            found.append((name, chain, text.encode("utf-8"), int(match.group(1))))
    if SIGNATURES + STAMP in package.shelf.sizes:
        own = package.shelf.read(SIGNATURES + NOTE)
        found.append((SIGNATURES + STAMP, SIGNATURES + STAMP_CHAIN, own, None))
    return found


def _said_of(
    package: PackageFiles,
    records: List[ShownRecord],
    trust: StampTrust,
    found: Tuple[str, str, bytes, Optional[int]],
) -> _Line:
    name, chain_name, stamped, size = found
    try:
        data = package.shelf.read(name)
        stamp = parse_time_stamp(data)
        check_imprint(stamp, stamped)
        _check_stamped_size(size, stamped)
        _check_not_later(records, size, stamp)
        why = _why_not(trust)
        if why:
            when = _utc(stamp.time_ms)
            words = say(trust.language, "stamp_open", when=when, why=say(trust.language, why))
            return NOT_CHECKED, words
        chain = package.shelf.read(chain_name) if chain_name in package.shelf.sizes else b""
        check_signer(find_openssl() or "", data, stamped, chain, trust.roots, stamp)
    except LedgerError as error:
        return FAILED, "{}: {}".format(name, explain(error))
    return VERIFIED, say(trust.language, "stamp_ok", when=_utc(stamp.time_ms))


def _why_not(trust: StampTrust) -> str:
    if not trust.roots:
        return "no_roots"
    return "" if find_openssl() else "no_openssl"


def _check_stamped_size(size: Optional[int], stamped: bytes) -> None:
    if size is not None and parse_checkpoint(stamped.decode("utf-8")).size != size:
        raise ProofError("The time stamp is on a checkpoint of another size.", field=str(size))


def _check_not_later(records: List[ShownRecord], size: Optional[int], stamp: TimeStamp) -> None:
    """What stands in a stamped checkpoint is not later than the stamp."""
    limit = stamp.time_ms + STAMP_TOLERANCE_MS
    for shown in records:
        if (size is None or shown.position < size) and shown.time > limit:
            raise ProofError("A record is later than its time stamp.", field=str(shown.position))


def _utc(milliseconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(milliseconds // 1000))
