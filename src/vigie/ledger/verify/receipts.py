# SPDX-License-Identifier: Apache-2.0
"""The text of a receipt: a signed promise to log the entries of one answer.

A receipt is a signed note with a key of its own, never the log's. It names
the time, the end of the promise, and count and root over the answer's entries.
"""

from __future__ import annotations

from typing import List, NamedTuple

from vigie.ledger.verify.errors import MalformedError
from vigie.ledger.verify.notes import ED25519, VerifierKey, parse_vkey
from vigie.ledger.verify.text import decode_decimal, decode_hash, encode_base64

RECEIPT_VERSION = "vigie-receipt/v1"
RECEIPT_SUFFIX = "/receipt"
_LABELS = ("time", "not-after", "count", "root")


class Receipt(NamedTuple):
    """What a receipt promises; times in milliseconds since 1970 UTC."""

    log_origin: str
    time: int
    not_after: int
    total: int
    root: bytes

    def text(self) -> str:
        """Return the note text that the receipt key signs."""
        return "{}{}\n{}\ntime {}\nnot-after {}\ncount {}\nroot {}\n".format(
            self.log_origin,
            RECEIPT_SUFFIX,
            RECEIPT_VERSION,
            self.time,
            self.not_after,
            self.total,
            encode_base64(self.root),
        )


def parse_receipt(text: str) -> Receipt:
    """Read the text of a receipt, not its signature."""
    lines = text.split("\n")
    if len(lines) != len(_LABELS) + 3 or lines[-1] != "" or lines[1] != RECEIPT_VERSION:
        raise MalformedError("This is not a receipt of version 1.", field="receipt")
    origin, suffix = lines[0][: -len(RECEIPT_SUFFIX)], lines[0][-len(RECEIPT_SUFFIX) :]
    if suffix != RECEIPT_SUFFIX or not origin:
        raise MalformedError("A receipt's origin ends in /receipt.", field="receipt.origin")
    values = {label: _labelled(lines[at], label) for at, label in enumerate(_LABELS, 2)}
    time, not_after, total = (decode_decimal(values[label], label) for label in _LABELS[:3])
    if total < 1 or not_after < time:
        raise MalformedError("The receipt promises nothing.", field="receipt")
    return Receipt(origin, time, not_after, total, decode_hash(values["root"], "root"))


def _labelled(line: str, label: str) -> str:
    if not line.startswith(label + " "):
        raise MalformedError("Expected a line of this name.", field="receipt." + label)
    return line[len(label) + 1 :]


def parse_receipt_keys(data: bytes) -> List[VerifierKey]:
    """Read `receipt-keys.txt`: one vkey a line; `#` begins a comment line."""
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise MalformedError("A key file is valid UTF-8.", field="receipt-keys") from None
    keys = [parse_vkey(line.strip()) for line in lines if line.strip() and line[0] != "#"]
    if any(key.kind != ED25519 or not key.name.endswith(RECEIPT_SUFFIX) for key in keys):
        raise MalformedError("Receipt keys are Ed25519 and named /receipt.", field="receipt-keys")
    return keys
