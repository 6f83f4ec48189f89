# SPDX-License-Identifier: Apache-2.0
"""Files of a package while it is made: measured once, and never in the clear on disk.

What does not fit in memory waits encrypted to a key that lives in this process
alone: after a crash nobody can read what is left, the next start may delete it.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from vigie.evidence import age
from vigie.ledger.verify.shelves import Shelf

HELD: Final = 64 << 20
"""So many bytes stay in memory."""


class Measured(NamedTuple):
    """Size, checksums and digests of a file."""

    size: int
    crc: int
    sha256: str
    sha512: str


class Spool:
    """Files by name. Closing it deletes what lay on disk."""

    def __init__(self, folder: Path | None = None, *, held: int | None = None) -> None:
        self._parent = folder
        self._held = HELD if held is None else held
        self._memory: dict[str, bytes] = {}
        self._disk: dict[str, Path] = {}
        self._folder: Path | None = None
        self._key = age.generate()
        self.measured: dict[str, Measured] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget everything."""
        self._memory.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def put(self, name: str, data: bytes) -> Measured:
        """Take a file. Raises ValueError for a name that is taken: a defect."""
        if name in self.measured:
            raise ValueError(f"{name} is there already")
        made = Measured(
            len(data),
            zlib.crc32(data),
            hashlib.sha256(data).hexdigest(),
            hashlib.sha512(data).hexdigest(),
        )
        self.measured[name] = made
        if len(data) <= self._held:
            self._held -= len(data)
            self._memory[name] = data
        else:
            self._disk[name] = self._write(data)
        return made

    def _write(self, data: bytes) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="package-", dir=self._parent))
        path = self._folder / f"{len(self._disk)}.age"
        path.write_bytes(age.encrypt(data, [self._key.recipient]))
        return path

    def get(self, name: str) -> bytes:
        """Return a file. Raises KeyError for a name that is not there."""
        if name in self._memory:
            return self._memory[name]
        return age.decrypt(self._disk[name].read_bytes(), [self._key.secret])

    def shelf(self) -> Shelf:
        """Return the files as the verifier reads them."""
        return Shelf({name: one.size for name, one in self.measured.items()}, self._chunks)

    def _chunks(self, name: str) -> Iterator[bytes]:
        yield self.get(name)


def digests(measured: Mapping[str, Measured], kind: str) -> dict[str, str]:
    """Return the digests of one kind (`sha256`, `sha512`) by name."""
    return {name: getattr(one, kind) for name, one in measured.items()}
