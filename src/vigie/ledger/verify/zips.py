# SPDX-License-Identifier: Apache-2.0
"""A ZIP with one spelling: sorted names, fixed times, nothing compressed, no gaps.

The writer's headers are made here and the reader makes them again: a ZIP that
differs in one byte from what its own files give is refused, so that nothing
hides between files, in a comment or in a second list. Source: PKWARE APPNOTE
6.3, sections 4.3 and 4.5.3 (ZIP64 beyond 4 GiB or 65,534 files).
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO, Iterator, List, NamedTuple, Sequence, Tuple

from vigie.ledger.verify.errors import MalformedError

ZIP_BIG = 0xFFFFFFFF
ZIP_MANY = 0xFFFF
_MAX_LIST = 200_000_000
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_ZIP_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ZIP_TIME, _ZIP_DATE = 0, 0x21  # 1 January 1980: the first day that a ZIP can name
_UNIX = 3 << 8
_MODE = 0o100644 << 16
_ZIP_STEP = 1 << 20


class Member(NamedTuple):
    """One file of the ZIP: its name, size, CRC-32 and where its header begins."""

    name: str
    size: int
    crc: int
    at: int


def _needed(big: bool) -> int:
    return 45 if big else 20


def local_header(member: Member) -> bytes:
    """Return what stands before the bytes of a file."""
    name, big = member.name.encode("ascii"), member.size >= ZIP_BIG
    extra = struct.pack("<2H2Q", 1, 16, member.size, member.size) if big else b""
    size = ZIP_BIG if big else member.size
    fixed = _LOCAL.pack(
        b"PK\3\4",
        _needed(big),
        0,
        0,
        _ZIP_TIME,
        _ZIP_DATE,
        member.crc,
        size,
        size,
        len(name),
        len(extra),
    )
    return fixed + name + extra


def central_entry(member: Member) -> bytes:
    """Return a file's line in the list at the end."""
    name = member.name.encode("ascii")
    wide = [member.size] * 2 if member.size >= ZIP_BIG else []
    wide += [member.at] if member.at >= ZIP_BIG else []
    extra = struct.pack("<2H", 1, 8 * len(wide)) if wide else b""
    extra += b"".join(struct.pack("<Q", value) for value in wide)
    size, at = min(member.size, ZIP_BIG), min(member.at, ZIP_BIG)
    version = _needed(bool(wide))
    fixed = _CENTRAL.pack(
        b"PK\1\2", _UNIX | version, version, 0, 0, _ZIP_TIME, _ZIP_DATE, member.crc, size, size,
        len(name), len(extra), 0, 0, 0, _MODE, at,
    )  # fmt: skip
    return fixed + name + extra


def zip_end(count: int, length: int, start: int) -> bytes:
    """Return the end: how many files, how long the list is and where it begins."""
    wide = count >= ZIP_MANY or length >= ZIP_BIG or start >= ZIP_BIG
    long_form = b""
    if wide:
        long_form = _END64.pack(
            b"PK\6\6", 44, _UNIX | 45, 45, 0, 0, count, count, length, start
        ) + _LOCATOR.pack(b"PK\6\7", 0, start + length, 1)
    few = ZIP_MANY if wide else count
    ends = (ZIP_BIG, ZIP_BIG) if wide else (length, start)
    return long_form + _ZIP_END.pack(b"PK\5\6", 0, 0, few, few, ends[0], ends[1], 0)


def read_members(file: BinaryIO) -> List[Member]:
    """Return the files of a ZIP in order. Raises where it is not spelled as we spell it."""
    total = file.seek(0, 2)
    count, length, start = _ends(file, total)
    if not 0 <= start <= start + length <= total or length > _MAX_LIST:
        raise _zip_refused("its list lies outside the file")
    raw = _zip_piece(file, start, length)
    members = list(_listed(raw))
    names = [member.name for member in members]
    if names != sorted(set(names)) or len(names) != count:
        raise _zip_refused("its names are not sorted, each once")
    end = raw + zip_end(count, length, start)
    if b"".join(map(central_entry, members)) + end[length:] != _zip_piece(
        file, start, total - start
    ):
        raise _zip_refused("its list differs from what we would write")
    _check_headers(file, members, start)
    return members


def _check_headers(file: BinaryIO, members: Sequence[Member], start: int) -> None:
    at = 0
    for member in members:
        header = local_header(member)
        if member.at != at or _zip_piece(file, at, len(header)) != header:
            raise _zip_refused("a header differs from what we would write")
        at += len(header) + member.size
    if at != start:
        raise _zip_refused("something lies between its files and its list")


def _ends(file: BinaryIO, total: int) -> Tuple[int, int, int]:
    if total < _ZIP_END.size:
        raise _zip_refused("it is too short")
    _, _, _, _, count, length, start, _ = _ZIP_END.unpack(
        _zip_piece(file, total - _ZIP_END.size, _ZIP_END.size)
    )
    if count != ZIP_MANY and ZIP_BIG not in (length, start):
        return count, length, start
    at = total - _ZIP_END.size - _LOCATOR.size - _END64.size
    if at < 0:
        raise _zip_refused("it is too short")
    fields = _END64.unpack(_zip_piece(file, at, _END64.size))
    return fields[7], fields[8], fields[9]


def _listed(raw: bytes) -> Iterator[Member]:
    """Take the list apart; whether it is spelled right is compared afterwards."""
    at = 0
    while at + _CENTRAL.size <= len(raw):
        fields = _CENTRAL.unpack_from(raw, at)
        crc, size, names, extras, begins = fields[7], fields[9], fields[10], fields[11], fields[16]
        at += _CENTRAL.size
        name, extra = raw[at : at + names], raw[at + names : at + names + extras]
        at += names + extras
        body = extra[4:]
        wide = [part[0] for part in struct.iter_unpack("<Q", body[: len(body) // 8 * 8])]
        if size == ZIP_BIG and len(wide) >= 2:
            size = wide[0]
            wide = wide[2:]
        if begins == ZIP_BIG and wide:
            begins = wide[0]
        if not name.isascii():
            raise _zip_refused("a name is not ASCII")
        yield Member(name.decode("ascii"), size, crc, begins)


def _zip_piece(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length)


def member_bytes(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """Yield the bytes of a file piece by piece; refuse them where the CRC does not fit."""
    at, left, crc = member.at + len(local_header(member)), member.size, 0
    while left:
        piece = _zip_piece(file, at, min(left, _ZIP_STEP))
        if not piece:
            raise _zip_refused("it is cut short")
        at, left, crc = at + len(piece), left - len(piece), zlib.crc32(piece, crc)
        yield piece
    if crc != member.crc:
        raise MalformedError("A checksum of the ZIP does not fit.", field=member.name)


def _zip_refused(why: str) -> MalformedError:
    return MalformedError(
        "This ZIP is not as Vigie writes it: {}.".format(why),
        field="zip",
        fix="Take the file as it was handed over, or unpack it and check the folder.",
    )
