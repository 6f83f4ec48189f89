# SPDX-License-Identifier: Apache-2.0
"""Recompute a log from its entries: the files against themselves and the source."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from vigie.ledger.source import EntrySource, read_all
from vigie.ledger.tree import hash_leaf
from vigie.ledger.verify.errors import ProofError
from vigie.ledger.verify.logdir import LogFiles, verify_log
from vigie.ledger.verify.policy import TrustPolicy


class FsckReport(NamedTuple):
    """What was recomputed: size of the log, its files, entries not yet published."""

    size: int
    files: LogFiles
    waiting: int


def fsck(folder: Path, policy: TrustPolicy | None, source: EntrySource | None) -> FsckReport:
    """Check every file of the log, and every published entry against the store.

    Raises a LedgerError that names the first file or entry that does not fit.
    """
    log = verify_log(str(folder), policy)
    waiting = 0
    if source is not None:
        waiting = source.size() - log.checkpoint.size
        if waiting < 0:
            raise ProofError("The store holds fewer entries than the log.", field="source")
        _compare(source, log.rows[0])
    return FsckReport(log.checkpoint.size, log.files, waiting)


def _compare(source: EntrySource, leaf_hashes: list[bytes]) -> None:
    for index, entry in enumerate(read_all(source, 0, len(leaf_hashes))):
        if hash_leaf(entry) != leaf_hashes[index]:
            raise ProofError("The store holds another entry here.", field=f"entry {index}")
