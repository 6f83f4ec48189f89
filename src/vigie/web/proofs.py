# SPDX-License-Identifier: Apache-2.0
"""The proof of a recorded decision, made from the published files and checked anew.

What is checked is the very file that is handed out, with the code of which the
outsider's verifier is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from vigie.core.clock import iso
from vigie.core.errors import ConflictError, NotFoundError, UnavailableError
from vigie.flow import house
from vigie.ledger.entry import record_salt
from vigie.ledger.policy import parse_policy
from vigie.ledger.proof import decision_proof, log_proof, verify_decision
from vigie.ledger.tiles import LogFolder
from vigie.ledger.verify.errors import LedgerError
from vigie.store.models import LogEntry, PublishedCheckpoint, RecordKey

if TYPE_CHECKING:
    from vigie.ledger.policy import TrustPolicy
    from vigie.ledger.proof import LogProof, ProvedDecision
    from vigie.store.models import DecisionRecord

POLICY_FILE: Final = "policy.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A proof file with what checking it showed."""

    data: bytes
    proof: LogProof
    checked: ProvedDecision
    published_at: int | None


def folder() -> LogFolder:
    """Return the published log."""
    return LogFolder(house.current().settings.log_dir)


def trust() -> TrustPolicy | None:
    """Return the operator's own trust policy, or None before the first key."""
    path = house.current().settings.log_dir / POLICY_FILE
    return parse_policy(path.read_bytes()) if path.exists() else None


def make(record: DecisionRecord) -> Made:
    """Make and check the proof file of a decision with an entry of its own.

    Raises UnavailableError while no checkpoint covers it, NotFoundError once
    its key is erased, ConflictError where the proof does not hold.
    """
    row = LogEntry.objects.filter(record=record.record_id).first()
    key = RecordKey.objects.filter(record=record.record_id).first()
    if key is None or row is None:
        raise NotFoundError(
            _("The record's key is erased: nobody can open this entry any more."),
            code="proof_erased",
        )
    published = PublishedCheckpoint.objects.filter(size__gt=row.index).order_by("size").last()
    note = folder().checkpoint()
    if note is None:
        raise _not_yet()
    try:
        proof = log_proof(folder(), row.index, note)
        data = decision_proof(record.record.canonical, record_salt(bytes(key.key)), proof)
        checked = verify_decision(data, trust())
    except LedgerError as problem:
        if published is None:
            raise _not_yet() from problem
        raise ConflictError(
            _("The proof does not hold. Tell the operator at once."), code=problem.code
        ) from problem
    at = published.at if published is not None else None
    return Made(data=data, proof=proof, checked=checked, published_at=at)


def _not_yet() -> UnavailableError:
    return UnavailableError(
        _("No checkpoint covers this decision yet."),
        code="no_checkpoint",
        fix=_("Try again in a minute."),
    )


def latest() -> dict[str, Any] | None:
    """Return the published checkpoint with size and time, or None before the first."""
    note = folder().checkpoint()
    if note is None:
        return None
    text = note.decode()
    size = int(text.split("\n")[1])
    row = PublishedCheckpoint.objects.filter(size=size).first()
    return {"note": text, "size": size, "at": iso(row.at) if row is not None else None}
