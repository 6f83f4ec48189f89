# SPDX-License-Identifier: Apache-2.0
"""Which values of a record a package opens: those of this table, and no others.

Everything else stays the commitment that it is: provable, and mute. What
another authority asked is never shown to this one: reason, ticket and basis
of an event that belongs to another order stay closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.evidence.contents import LogRecord
from vigie.ledger.entry import record_salt
from vigie.ledger.proof import FieldOpening

SEALED: Final = "evidence.sealed"
_OPENED: Final[Mapping[str, frozenset[str]]] = {
    "decision.made": frozenset({"item", "signals", "by", "second"}),
    SEALED: frozenset({"item", "sha256", "size", "lane"}),
    "evidence.opened": frozenset({"by"}),
    "evidence.copied": frozenset({"by"}),
    "evidence.held": frozenset({"by"}),
    "evidence.rewrapped": frozenset({"by"}),
    "evidence.shredded": frozenset({"by"}),
    "search.entry": frozenset({"label", "serial", "sha256", "seal", "note", "kind", "by"}),
    "search.viewed": frozenset({"what", "by"}),
}
_OF_OWN_ORDER: Final[Mapping[str, frozenset[str]]] = {
    SEALED: frozenset({"basis", "order"}),
    "evidence.opened": frozenset({"reason", "ticket"}),
    "evidence.copied": frozenset({"reason", "ticket"}),
    "evidence.held": frozenset({"reason", "ticket"}),
}
"""Opened only where the event belongs to this package's own order or search, or to none."""


def paths(kind: str, *, own: bool) -> frozenset[str]:
    """Return the paths of a kind of record that may be opened."""
    shown = _OPENED.get(kind, frozenset())
    return shown | _OF_OWN_ORDER.get(kind, frozenset()) if own else shown


def opening(
    index: int, content: bytes, kind: str, key: bytes, values: Mapping[str, Any], *, own: bool
) -> LogRecord:
    """Return a record with the fields that a package may show."""
    shown = paths(kind, own=own) & set(values)
    fields = tuple(
        FieldOpening(path, record_salt(key, path), values[path]) for path in sorted(shown)
    )
    return LogRecord(index=index, content=content, salt=record_salt(key), fields=fields)
