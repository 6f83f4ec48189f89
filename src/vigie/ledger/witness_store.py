# SPDX-License-Identifier: Apache-2.0
"""What a witness cosigned last, one file a log, durable before anybody is told.

A file that cannot be read is never taken for "nothing yet": that would let a
log begin anew. Whoever opens the folder holds a lock over all of it.
"""

from __future__ import annotations

import threading
from hashlib import sha256
from pathlib import Path
from typing import Final

from vigie.ledger.files import DurableFiles, Files
from vigie.ledger.verify.canonical import canonical_json, parse_json
from vigie.ledger.verify.errors import MalformedError
from vigie.ledger.verify.text import decode_hash, encode_base64
from vigie.ledger.witness import Seen

_FIELDS: Final = {"v", "origin", "size", "root", "time", "note"}


class FileWitnessStore:
    """A folder of files, each written whole and synced before `compare_and_set` returns True."""

    def __init__(self, folder: Path, files: Files | None = None) -> None:
        self._folder = folder
        self._files = files or DurableFiles()
        self._lock = threading.Lock()

    def _path(self, origin: str) -> Path:
        return self._folder / f"{sha256(origin.encode()).hexdigest()}.json"

    def load(self, origin: str) -> Seen | None:
        """Return what was cosigned last. Raises MalformedError for a damaged file."""
        try:
            data = self._path(origin).read_bytes()
        except FileNotFoundError:
            return None
        value = parse_json(data)
        if not isinstance(value, dict) or set(value) != _FIELDS or value["origin"] != origin:
            raise MalformedError("What was cosigned last cannot be read.", field="witness.seen")
        root = decode_hash(value["root"], "witness.seen")
        return Seen(value["size"], root, value["note"], value["time"])

    def compare_and_set(self, origin: str, old: int, new: Seen) -> bool:
        """Replace the entry if its size still is `old` (0: none); on the disk when True."""
        with self._lock:
            seen = self.load(origin)
            if (seen.size if seen else 0) != old or (seen and new.size < seen.size):
                return False
            self._put(origin, new)
            return True

    def _put(self, origin: str, new: Seen) -> None:
        value = {
            "v": 1,
            "origin": origin,
            "size": new.size,
            "root": encode_base64(new.root),
            "time": new.time,
            "note": new.note,
        }
        self._files.write([(self._path(origin), canonical_json(value))])
