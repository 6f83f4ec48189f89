# SPDX-License-Identifier: Apache-2.0
"""Segments: one entry of the log that commits to many decisions, the harmless too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from vigie.ledger.tree import Tree
from vigie.ledger.verify.entries import check_entry
from vigie.ledger.verify.merkle import hash_leaf
from vigie.ledger.verify.proofs import SEGMENT_KIND
from vigie.ledger.verify.text import encode_base64

__all__ = ["SEGMENT_KIND", "SegmentStep", "SegmentTree", "segment_step"]


class SegmentStep(NamedTuple):
    """The way from a decision's entry to the segment's record."""

    position: int
    size: int
    path: list[str]
    record: bytes
    salt: bytes


class SegmentTree:
    """The entries of a segment's decisions, in order, as a tree of their own."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        for entry in entries:
            check_entry(entry)
        self._tree = Tree([hash_leaf(entry) for entry in entries])

    def fields(self) -> dict[str, Any]:
        """Return what the `segment.sealed` record must hold: count and root (hex)."""
        return {"count": len(self._tree), "root": self._tree.root().hex()}

    def path(self, index: int) -> list[str]:
        """Return the place of one decision as a path in base64."""
        return [encode_base64(value) for value in self._tree.inclusion(index)]


def segment_step(tree: SegmentTree, index: int, record: bytes, salt: bytes) -> SegmentStep:
    """Return the step for one decision of a sealed segment."""
    return SegmentStep(index, tree.fields()["count"], tree.path(index), record, salt)
