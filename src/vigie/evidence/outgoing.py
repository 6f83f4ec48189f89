# SPDX-License-Identifier: Apache-2.0
"""How a package leaves: one ZIP with one spelling, encrypted to its recipient as it is read.

The ZIP exists in the clear in no file. A recipient is an age public key or an
SSH Ed25519 key, which age takes as well.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import pyrage

from vigie.core.errors import InvalidInputError
from vigie.evidence import age
from vigie.evidence.spool import Spool
from vigie.ledger.verify.zips import Member, central_entry, local_header, zip_end

SSH: Final = "ssh-ed25519 "
SSH_WORDS: Final = 2
Note = Callable[[int], None]


class Recipient(NamedTuple):
    """To whom a package is encrypted: the key as text, and as pyrage takes it."""

    text: str
    key: pyrage.x25519.Recipient | pyrage.ssh.Recipient


def read_recipient(text: str) -> Recipient:
    """Read a file of one public key; `#` begins a comment line.

    Raises InvalidInputError for none, several, or anything but age and ssh-ed25519.
    """
    lines = [line.strip() for line in text.splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    if len(keys) != 1:
        raise InvalidInputError(
            "A recipient is one public key.", code="recipient", field="recipient",
            fix="Give a file with one line: age1... or ssh-ed25519 ...",
        )  # fmt: skip
    if keys[0].startswith(SSH):
        return _ssh(keys[0])
    name = age.check_recipient(keys[0])
    return Recipient(name, pyrage.x25519.Recipient.from_str(name))


def _ssh(line: str) -> Recipient:
    text = " ".join(line.split()[:SSH_WORDS])
    try:
        return Recipient(text, pyrage.ssh.Recipient.from_str(text))
    except pyrage.RecipientError:
        raise InvalidInputError(
            "This SSH key cannot be read.", code="recipient", field="recipient"
        ) from None


def zip_size(spool: Spool, top: str) -> int:
    """Return how many bytes the ZIP will have."""
    members = list(_members(spool, top))
    length = sum(len(central_entry(one)) for one in members)
    start = members[-1].at + len(local_header(members[-1])) + members[-1].size
    return start + length + len(zip_end(len(members), length, start))


def _members(spool: Spool, top: str) -> Iterator[Member]:
    at = 0
    for name in sorted(f"{top}/{one}" for one in spool.measured):
        measured = spool.measured[name[len(top) + 1 :]]
        member = Member(name, measured.size, measured.crc, at)
        yield member
        at += len(local_header(member)) + member.size


def zip_chunks(spool: Spool, top: str) -> Iterator[bytes]:
    """Yield the ZIP: the same files give the same bytes."""
    listed = []
    start = 0
    for member in _members(spool, top):
        yield local_header(member)
        yield spool.get(member.name[len(top) + 1 :])
        listed.append(central_entry(member))
        start = member.at + len(local_header(member)) + member.size
    whole = b"".join(listed)
    yield whole
    yield zip_end(len(listed), len(whole), start)


class _Reader(io.RawIOBase):
    """Pieces as a file that is read from front to end."""

    def __init__(self, pieces: Iterator[bytes], note: Note) -> None:
        self._pieces, self._note, self._rest = pieces, note, memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            try:
                self._rest = memoryview(next(self._pieces))
            except StopIteration:
                return b""
        taken = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(taken) :]
        self._note(len(taken))
        return bytes(taken)


def write_encrypted(
    spool: Spool, top: str, recipient: Recipient, out: Path, note: Note = lambda _: None
) -> None:
    """Write `<top>.zip.age`. The file appears whole or not at all."""
    with _whole(out) as file:
        pyrage.encrypt_io(_Reader(zip_chunks(spool, top), note), file, [recipient.key])


def write_plain(spool: Spool, top: str, out: Path, note: Note = lambda _: None) -> None:
    """Write `<top>.zip` in the clear: for what holds nothing personal."""
    with _whole(out) as file:
        for piece in zip_chunks(spool, top):
            file.write(piece)
            note(len(piece))


@contextmanager
def _whole(out: Path) -> Iterator[BinaryIO]:
    """Lend a file that takes its name once it is written and on disk."""
    part = out.with_name(out.name + ".part")
    try:
        part.touch(mode=0o600)
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
