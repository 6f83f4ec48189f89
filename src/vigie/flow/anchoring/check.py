# SPDX-License-Identifier: Apache-2.0
"""Checking the whole log under somebody's policy: quorum, consistency, time.

Trust comes from the policy that is given, for time stamps from the certificates
that the operator pinned; none of it from the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vigie.core.clock import iso
from vigie.core.errors import OutsideError
from vigie.exchange import tsa
from vigie.flow import anchors
from vigie.flow.anchoring import parties
from vigie.ledger.frontier import Frontier
from vigie.ledger.note import verifier_of
from vigie.ledger.policy import TrustPolicy
from vigie.ledger.tiles import COSIGNED_FILE
from vigie.ledger.verify.canonical import parse_json
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.logdir import CHECKPOINT_FILE, ReadLog, verify_log
from vigie.ledger.verify.policy import NO_QUORUM, Accepted
from vigie.store.models import PublishedCheckpoint, TimeAnchor

if TYPE_CHECKING:
    from vigie.exchange.tsa import Authority
    from vigie.flow.house import House


class Found(NamedTuple):
    """One thing that was checked; `ok` None: could not be."""

    what: str
    ok: bool | None
    result: str


def check(house: House, policy: TrustPolicy) -> list[Found]:
    """Check files, witnesses, published checkpoints and time stamps.

    Raises a LedgerError where the files themselves do not fit the checkpoint.
    """
    folder = house.settings.log_dir
    log = verify_log(str(folder), _logs_only(policy))
    size, files = log.checkpoint.size, log.files.checked
    whole = Found(house.settings.log_origin, True, f"{size:,} entries, {files:,} files fit")
    return [whole, _witnesses(folder, log, policy), _history(log), *_stamps(house, log)]


def _logs_only(policy: TrustPolicy) -> TrustPolicy:
    """Return the policy's logs without its quorum: who signed is one question, who saw another."""
    found = TrustPolicy(verifier_of)
    for key in policy.logs:
        found.add_log(key)
    found.quorum = NO_QUORUM
    return found


def _witnesses(folder: Path, log: ReadLog, policy: TrustPolicy) -> Found:
    """Look for the quorum under the newest checkpoint, else under the newest cosigned one."""
    if policy.quorum == NO_QUORUM:
        return Found("witnesses", None, "the policy asks for none: nobody outside has looked")
    problem = "no cosigned checkpoint is published"
    for name in (CHECKPOINT_FILE, COSIGNED_FILE):
        try:
            note = (folder / name).read_bytes()
            accepted = policy.accept(note)
            log.check_older(accepted.checkpoint)
        except FileNotFoundError:
            continue
        except LedgerError as error:
            problem = error.message
            continue
        return Found("witnesses", True, _by(accepted, log.checkpoint.size))
    return Found("witnesses", False, problem)


def _by(accepted: Accepted, size: int) -> str:
    when = f", at {iso(accepted.latest * 1000)}" if accepted.latest else ""
    names = ", ".join(accepted.witnesses)
    return f"{accepted.checkpoint.size:,} of {size:,} entries cosigned by {names}{when}"


def _history(log: ReadLog) -> Found:
    """Hold every checkpoint that was ever published against the log, in one pass."""
    rows = PublishedCheckpoint.objects.filter(size__lte=log.checkpoint.size).order_by("size")
    frontier, count = Frontier(), 0
    for size, root in rows.values_list("size", "root").iterator():
        for _ in frontier.append(log.entries[frontier.size : size]):
            pass
        if frontier.root().hex() != root:
            return Found("history", False, f"the checkpoint of size {size:,} shows another history")
        count += 1
    return Found("history", True, f"{count:,} published checkpoints are consistent with it")


def _stamps(house: House, log: ReadLog) -> Iterator[Found]:
    known = {one.name: one for one in parties.authorities(house.settings)}
    rows = TimeAnchor.objects.select_related("record").order_by("pk")
    good, last = 0, None
    for stamp in rows.iterator():
        one = known.get(stamp.authority)
        if one is None:
            yield Found("time", None, f"{stamp.authority} is not among the configured authorities")
            continue
        problem = _wrong(stamp, one, log)
        if problem:
            yield Found("time", False, f"the stamp of {iso(stamp.gen_time)}: {problem}")
            continue
        good, last = good + 1, stamp
    if last is None:
        yield Found("time", None, "no time stamp could be checked: times are the operator's word")
        return
    words = f"the newest covers {last.size:,} entries, {iso(last.gen_time)} by {last.authority}"
    yield Found("time", True, f"{good:,} time stamps verify; {words}")


def _wrong(stamp: TimeAnchor, one: Authority, log: ReadLog) -> str:
    """Say what is wrong with a stamp, its checkpoint or its record; empty: nothing."""
    row = PublishedCheckpoint.objects.filter(size=stamp.size).first()
    if row is None or (stamp.size <= log.checkpoint.size and not _fits(row, log)):
        return "its checkpoint is not of this log"
    token = bytes(stamp.token)
    try:
        when = tsa.verify(one, anchors.stamped(row.note), token)
    except OutsideError as error:
        return error.message
    record = parse_json(stamp.record.canonical)
    digest = sha256(token).hexdigest()
    if not isinstance(record, dict) or record.get("sha256") != digest or when != stamp.gen_time:
        return "the log's record is about another token"
    return ""


def _fits(row: PublishedCheckpoint, log: ReadLog) -> bool:
    return row.root == log.root_at(row.size).hex()
