# SPDX-License-Identifier: Apache-2.0
"""The files of a package by name, whether they lie in a folder or in a ZIP."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO, Callable, Dict, Iterator, List, Mapping, Tuple

from vigie.ledger.verify.errors import MalformedError, MissingError
from vigie.ledger.verify.zips import Member, member_bytes, read_members

_STEP = 1 << 20
MAX_READ = 2_000_000_000


class Shelf:
    """Names and bytes, read only. A name is a path below the package, with `/`."""

    def __init__(self, sizes: Mapping[str, int], chunks: Callable[[str], Iterator[bytes]]) -> None:
        self.sizes: Dict[str, int] = dict(sizes)
        self.names: Tuple[str, ...] = tuple(sorted(self.sizes))
        self._chunks = chunks

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file piece by piece. Raises MissingError where there is none."""
        if name not in self.sizes:
            raise MissingError("This file is missing.", field=name)
        return self._chunks(name)

    def read(self, name: str, limit: int = MAX_READ) -> bytes:
        """Return a whole file of at most `limit` bytes."""
        if self.sizes.get(name, 0) > limit:
            raise MalformedError("This file is larger than it can be.", field=name)
        return b"".join(self.chunks(name))


def folder_shelf(folder: str) -> Shelf:
    """Return the files of a folder. Links, devices and empty folders are refused."""
    sizes: Dict[str, int] = {}

    def unreadable(error: OSError) -> None:
        raise MissingError("This folder cannot be read.", field=folder) from error

    for parent, folders, names in os.walk(folder, onerror=unreadable):
        inner = os.path.relpath(parent, folder).replace(os.sep, "/")
        inside = "" if inner == "." else inner + "/"
        for name in folders:
            _check_plain(os.path.join(parent, name), inside + name, stat.S_ISDIR)
        for name in names:
            sizes[inside + name] = _check_plain(
                os.path.join(parent, name), inside + name, stat.S_ISREG
            )
        if not folders and not names:
            raise MalformedError("An empty folder belongs to no package.", field=inside or ".")
    return Shelf(sizes, lambda name: _file_chunks(os.path.join(folder, *name.split("/")), name))


def _check_plain(path: str, name: str, wanted: Callable[[int], bool]) -> int:
    found = os.lstat(path)
    if not wanted(found.st_mode):
        raise MalformedError("Links and devices belong to no package.", field=name)
    return found.st_size


def _file_chunks(path: str, name: str) -> Iterator[bytes]:
    try:
        with open(path, "rb") as file:
            piece = file.read(_STEP)
            while piece:
                yield piece
                piece = file.read(_STEP)
    except OSError:
        raise MissingError("This file cannot be read.", field=name) from None


def zip_shelf(file: BinaryIO) -> Tuple[str, Shelf]:
    """Return the one top folder of a ZIP and the files below it."""
    members: List[Member] = read_members(file)
    tops = {member.name.partition("/")[0] for member in members}
    if len(tops) != 1 or any("/" not in member.name for member in members):
        raise MalformedError("A package is one folder.", field="zip")
    top = tops.pop()
    found = {member.name[len(top) + 1 :]: member for member in members}
    sizes = {name: member.size for name, member in found.items()}
    return top, Shelf(sizes, lambda name: member_bytes(file, found[name]))
