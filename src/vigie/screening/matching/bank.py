# SPDX-License-Identifier: Apache-2.0
"""Banks of known content and the files in which their entries come.

A bad line never stops the others: it is reported with its number and a code,
never with its text (lists are confidential). Flat PDQ hashes (quality below
50, or far from half of the bits set) are refused: they match everything.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from vigie.core.errors import InvalidInputError
from vigie.screening.matching.base import BankClass, IndexRow, Opinion, Ref
from vigie.screening.matching.pdq import MIN_QUALITY, PDQ, is_flat
from vigie.screening.matching.types import hash_type

MAX_LINE: Final = 10_000
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_VALUE_FIELDS: Final = ("value", "hash")


class Bank(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of hashes: what it lists, whose it is, whether it counts."""

    name: str
    cls: BankClass
    owner: str
    """Lists of one owner never count as independent of each other."""
    active: bool = True


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One hash of a bank."""

    algorithm: str
    value: bytes
    quality: int | None = None
    opinion: Opinion = Opinion.POSITIVE


class FileKind(StrEnum):
    """How a file of entries is written."""

    HEX = "hex"
    """One hash a line, optionally as `algorithm:digits`; `#` begins a remark."""
    CSV = "csv"
    """With a heading: `value` (or `hash`), and if known `algorithm`, `quality`, `opinion`."""
    JSONL = "jsonl"
    """One object a line, with the same names."""


class Problem(NamedTuple):
    """A line that was not taken, and why."""

    line: int
    code: str
    message: str


class Parsed(NamedTuple):
    """What a file held."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


_Fields = Mapping[str, Any]


def check_bank(bank: Bank) -> Bank:
    """Return the bank; InvalidInputError for a name or owner that cannot be used."""
    if not _NAME.fullmatch(bank.name):
        raise InvalidInputError(
            "A bank's name is lower-case letters, digits, - and _, at most 64.",
            code="bad_bank_name",
            field="name",
        )
    if not bank.owner.strip():
        raise InvalidInputError("A bank has an owner.", code="bad_bank_owner", field="owner")
    return bank


def _quality(given: Any) -> int | None:
    """Return a quality of 0 to 100, or None where none is given."""
    if given is None or given == "":
        return None
    try:
        quality = msgspec.convert(given, type=int, strict=False)
    except msgspec.ValidationError:
        quality = -1
    if not 0 <= quality <= 100:
        raise InvalidInputError(
            "A quality is a whole number from 0 to 100.", code="bad_quality", field="quality"
        )
    return quality


def _opinion(given: Any) -> Opinion:
    """Return the owner's opinion; positive where none is given."""
    if given is None or given == "":
        return Opinion.POSITIVE
    try:
        return msgspec.convert(given, type=Opinion)
    except msgspec.ValidationError:
        raise InvalidInputError(
            "An opinion is positive, negative or disputed.", code="bad_opinion", field="opinion"
        ) from None


def _algorithm(fields: _Fields, default: str | None) -> str:
    name = fields.get("algorithm") or default
    if not isinstance(name, str):
        raise InvalidInputError(
            "The line does not say which kind of hash it holds.",
            code="algorithm_needed",
            field="algorithm",
            fix="Name the algorithm in the line or for the whole file.",
        )
    return name.strip().lower()


def entry_of(fields: _Fields, algorithm: str | None = None) -> Entry:
    """Return a checked entry from one line's fields; InvalidInputError otherwise."""
    kind = hash_type(_algorithm(fields, algorithm))
    text = next((fields[name] for name in _VALUE_FIELDS if fields.get(name)), None)
    value = kind.validate(text.strip() if isinstance(text, str) else "")
    quality = _quality(fields.get("quality"))
    low = quality is not None and quality < MIN_QUALITY
    if kind.name == PDQ.name and (low or is_flat(value)):
        raise InvalidInputError(
            f"The picture is too flat (quality below {MIN_QUALITY}).",
            code="low_quality",
            field="quality",
        )
    opinion = _opinion(fields.get("opinion"))
    return Entry(algorithm=kind.name, value=value, quality=quality, opinion=opinion)


_Numbered = Iterator[tuple[int, _Fields | Problem]]


def _hex_lines(lines: Iterable[str]) -> _Numbered:
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if text:
            algorithm, colon, digits = text.rpartition(":")
            yield number, {"algorithm": algorithm if colon else None, "value": digits}


def _json_lines(lines: Iterable[str]) -> _Numbered:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeEncodeError):
            yield number, Problem(number, "bad_json", "The line is not a JSON object.")


def _csv_lines(lines: Iterable[str]) -> _Numbered:
    reader = csv.reader(lines, strict=True)
    heading: list[str] | None = None
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            number = reader.line_num
            yield number, Problem(number, "bad_csv", "The line is not valid CSV.")
            continue
        if heading is None:
            heading = [name.strip().lower().removeprefix("\ufeff") for name in row]
            if not set(heading) & set(_VALUE_FIELDS):
                yield 1, Problem(1, "bad_heading", "The first line names no column `value`.")
                return
        elif any(row):
            yield reader.line_num, dict(zip(heading, row, strict=False))


_READERS: Final[dict[FileKind, Callable[[Iterable[str]], _Numbered]]] = {
    FileKind.HEX: _hex_lines,
    FileKind.CSV: _csv_lines,
    FileKind.JSONL: _json_lines,
}


def _short_lines(lines: Iterable[str]) -> Iterator[str]:
    """Cut absurdly long lines, so that one cannot fill the memory twice."""
    for line in lines:
        yield line if len(line) <= MAX_LINE else line[:MAX_LINE] + "\n"


def read_entries(
    lines: Iterable[str], kind: FileKind, algorithm: str | None = None
) -> Iterator[Entry | Problem]:
    """Yield the entry of each line, or the problem with it, one at a time."""
    if algorithm is not None:
        hash_type(algorithm)
    for number, fields in _READERS[kind](_short_lines(lines)):
        if isinstance(fields, Problem):
            yield fields
            continue
        try:
            yield entry_of(fields, algorithm)
        except InvalidInputError as problem:
            yield Problem(number, problem.code, problem.message)


def parse_entries(lines: Iterable[str], kind: FileKind, algorithm: str | None = None) -> Parsed:
    """Return all entries and problems of a file."""
    entries, problems = [], []
    for each in read_entries(lines, kind, algorithm):
        if isinstance(each, Problem):
            problems.append(each)
        else:
            entries.append(each)
    return Parsed(tuple(entries), tuple(problems))


def index_rows(bank: Bank, entries: Iterable[Entry]) -> Iterator[IndexRow]:
    """Yield what the index needs of a bank's entries; nothing of an inactive one."""
    if not bank.active:
        return
    for each in entries:
        ref = Ref(bank.name, bank.owner, bank.cls, each.opinion)
        yield IndexRow(each.algorithm, each.value, ref)
