# SPDX-License-Identifier: Apache-2.0
"""Checkpoints (C2SP tlog-checkpoint v1.0.0): origin, size and root of a log.

We write no extension lines and read those of others; empty ones are refused,
as the text of C2SP demands.
"""

from __future__ import annotations

from typing import NamedTuple, Tuple

from vigie.ledger.verify.errors import MalformedError
from vigie.ledger.verify.merkle import EMPTY_ROOT
from vigie.ledger.verify.text import HASH_BYTES, decode_base64, decode_decimal, encode_base64


class Checkpoint(NamedTuple):
    """The size and root that a log commits to."""

    origin: str
    size: int
    root: bytes
    extensions: Tuple[str, ...] = ()

    def text(self) -> str:
        """Return the note text that the log signs."""
        head = [self.origin, str(self.size), encode_base64(self.root)]
        return "\n".join([*head, *self.extensions]) + "\n"


def parse_checkpoint(text: str, *, sha256_root: bool = True) -> Checkpoint:
    """Read the text of a checkpoint, not its signatures.

    `sha256_root` False reads checkpoints of logs with other hashes too.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "" or "" in lines:
        raise MalformedError("A checkpoint is origin, size and root.", field="checkpoint")
    size = decode_decimal(lines[1], "checkpoint.size")
    root = decode_base64(lines[2], "checkpoint.root")
    if sha256_root:
        _check_root(size, root)
    return Checkpoint(lines[0], size, root, tuple(lines[3:]))


def _check_root(size: int, root: bytes) -> None:
    if len(root) != HASH_BYTES:
        raise MalformedError("The root has 32 bytes.", field="checkpoint.root")
    if size == 0 and root != EMPTY_ROOT:
        raise MalformedError("An empty log has the empty root.", field="checkpoint.root")
