# SPDX-License-Identifier: Apache-2.0
"""Making receipts: one signature covers all entries of one answer.

The log proves that what was recorded stands unchanged; receipts prove what
must have been recorded. The key is a receipt key (type 0x01, name
`<log origin>/receipt`), listed in `receipt-keys.txt`, never the log's.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from vigie.ledger.note import Signer
from vigie.ledger.verify.entries import check_entry
from vigie.ledger.verify.errors import MalformedError
from vigie.ledger.verify.merkle import hash_leaf, hash_node
from vigie.ledger.verify.notes import parse_vkey
from vigie.ledger.verify.receipts import (
    RECEIPT_SUFFIX,
    Receipt,
    parse_receipt,
    parse_receipt_keys,
)

__all__ = [
    "Receipt",
    "ReceiptSigner",
    "format_receipt_keys",
    "opening",
    "parse_receipt",
    "parse_receipt_keys",
    "receipt_paths",
]


def _rows(leaf_hashes: list[bytes]) -> list[list[bytes]]:
    """Return the rows of a tree, a last odd node carried up as it is."""
    rows = [leaf_hashes]
    while len(rows[-1]) > 1:
        row = rows[-1]
        above = [hash_node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        rows.append(above + row[len(above) * 2 :])
    return rows


def _path(rows: list[list[str]], index: int) -> list[str]:
    """Collect siblings upwards; a carried node has none in that row."""
    path = []
    for row in rows[:-1]:
        if index ^ 1 < len(row):
            path.append(row[index ^ 1])
        index >>= 1
    return path


def _cover(leaf_hashes: list[bytes]) -> tuple[bytes, list[list[str]]]:
    """Return the root over the leaves and every leaf's path, each hash encoded once."""
    if len(leaf_hashes) == 1:
        return leaf_hashes[0], [[]]
    rows = _rows(leaf_hashes)
    texts = [[b64encode(value).decode() for value in row] for row in rows]
    return rows[-1][0], [_path(texts, index) for index in range(len(leaf_hashes))]


def receipt_paths(entries: Sequence[bytes]) -> list[list[str]]:
    """Return each entry's path (base64) to the root that a receipt signed."""
    return _cover([hash_leaf(entry) for entry in entries])[1]


class ReceiptSigner:
    """Signs the promise that the entries of an answer will be in the log."""

    def __init__(self, origin: str, seed: bytes) -> None:
        self._signer = Signer(origin + RECEIPT_SUFFIX, seed)
        self.origin = origin
        self.vkey = self._signer.vkey

    def sign(
        self, entries: Sequence[bytes], time_ms: int, not_after_ms: int
    ) -> tuple[str, list[list[str]]]:
        """Return the signed note and each entry's path (base64) to its root."""
        if not entries or not 0 <= time_ms <= not_after_ms:
            raise MalformedError("A receipt covers entries and a term.", field="receipt")
        for entry in entries:
            check_entry(entry)
        root, paths = _cover([hash_leaf(entry) for entry in entries])
        text = Receipt(self.origin, time_ms, not_after_ms, len(entries), root).text()
        return text + "\n" + self._signer.line(text), paths


def opening(
    decision_id: str, record: Any, salt: bytes, index: int, path: list[str]
) -> dict[str, Any]:
    """Return one element of a receipt's `openings`, as the door answers it.

    `record` is the record's JSON object (or its raw bytes wrapped by the
    caller's encoder, so that they need not be parsed again).
    """
    return {
        "decision_id": decision_id,
        "record": record,
        "salt": salt.hex(),
        "index": index,
        "path": path,
    }


def format_receipt_keys(vkeys: Sequence[str]) -> str:
    """Write `receipt-keys.txt`: one vkey a line, old keys included."""
    return "".join(f"{parse_vkey(vkey).vkey()}\n" for vkey in vkeys)
