# SPDX-License-Identifier: Apache-2.0
"""Items from files: JSON lines, CSV with mapped columns, pictures. Never their text in errors."""

from __future__ import annotations

import base64
import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import click
import msgspec

from vigie.core.errors import ErrorBody, InvalidInputError, VigieError
from vigie.core.item import Item
from vigie.intake.parse import parse
from vigie.intake.rules import check_item

PICTURES: Final = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
JSON_SUFFIXES: Final = (".jsonl", ".ndjson", ".json")
CSV_SUFFIXES: Final = (".csv", ".tsv")
LISTS: Final = frozenset({"countries", "links"})
FIELDS: Final = (
    *(name for name in Item.__struct_fields__ if name not in {"author", "media", "context"}),
    "author.id", "author.country", "author.account_age_days", "author.strikes",
    "context.in_reply_to", "context.generated_by",
)  # fmt: skip
"""What a column can be mapped to."""


@dataclass(slots=True, frozen=True)
class Read:
    """One thing read: an item or why it is none; where it stood; how far the file is read."""

    where: str
    found: Item | ErrorBody
    size: int
    """Bytes of the file that it took, for the progress bar."""


@dataclass(slots=True, frozen=True)
class Columns:
    """How the columns of a CSV file become an item."""

    mapped: Mapping[str, str] = field(default_factory=dict)
    """Field of the item -> name of the column."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Field of the item -> the same value for every row."""


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Return the files to read; a folder stands for the pictures inside it."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += [p for p in sorted(path.rglob("*")) if p.suffix.lower() in PICTURES]
        else:
            found.append(path)
    return found


def read(path: Path, columns: Columns) -> Iterator[Read]:
    """Read one file, by its suffix (a further `.gz` is unpacked on the way)."""
    suffix = _suffix(path)
    if suffix in PICTURES:
        yield _picture(path, PICTURES[suffix], columns)
    elif suffix in CSV_SUFFIXES:
        yield from _csv(path, columns, "\t" if suffix == ".tsv" else ",")
    elif suffix in JSON_SUFFIXES:
        yield from _json_lines(path)
    else:
        raise click.UsageError(
            f"{path}: items come as {', '.join((*JSON_SUFFIXES, *CSV_SUFFIXES, *PICTURES))}."
        )


def pairs_of(given: Iterable[str], option: str) -> dict[str, str]:
    """Read `field=value` options; fields are those of an item."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name not in FIELDS:
            raise click.BadParameter(
                f"{text!r}: write FIELD=VALUE, where FIELD is one of {', '.join(FIELDS)}",
                param_hint=option,
            )
        found[name] = value
    return found


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return suffixes[-2] if suffixes[-1:] == [".gz"] and suffixes[1:] else "".join(suffixes[-1:])


def _open(path: Path) -> tuple[IO[bytes], IO[bytes]]:
    """Return the file for its position, and what to read from."""
    raw = path.open("rb")
    return raw, gzip.open(raw) if path.suffix == ".gz" else raw  # type: ignore[return-value]


def _json_lines(path: Path) -> Iterator[Read]:
    raw, stream = _open(path)
    with raw, stream:
        before = 0
        for number, line in enumerate(stream, 1):
            here = raw.tell() if stream is not raw else before + len(line)
            if line.strip():
                yield Read(f"{path}:{number}", _item_of(line), here - before)
            before = here


def _item_of(line: bytes) -> Item | ErrorBody:
    try:
        parsed = parse(line)
        if parsed.is_batch:
            raise InvalidInputError("A line holds one item.", code="not_an_item")
        return parsed.items[0]
    except VigieError as problem:
        return problem.body()


def _csv(path: Path, columns: Columns, delimiter: str) -> Iterator[Read]:
    raw, stream = _open(path)
    with raw, stream, io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="") as text:
        rows = csv.reader(text, delimiter=delimiter)
        head = next(rows, [])
        places = _places(path, head, columns)
        before = 0
        while True:
            number = rows.line_num + 1
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error:
                problem = ErrorBody(code="bad_csv", message="The row is not valid CSV.")
                yield Read(f"{path}:{number}", problem, 0)
                continue
            here = raw.tell()
            found = _row_item(row, places, columns.fixed, f"{path.name}:{number}")
            yield Read(f"{path}:{number}", found, here - before)
            before = here


def _places(path: Path, head: list[str], columns: Columns) -> dict[str, int]:
    """Return field -> position; a column named like a field needs no mapping."""
    mapped = {name: name for name in head if name in FIELDS} | dict(columns.mapped)
    missing = sorted(set(mapped.values()) - set(head))
    if missing:
        raise click.UsageError(
            f"{path} has no column {', '.join(missing)}; it has: {', '.join(head)}."
        )
    if not {"text", "links"} & set(mapped):
        raise click.UsageError(f"{path}: say which column is the text: --map text=COLUMN.")
    return {name: head.index(column) for name, column in mapped.items()}


def _row_item(
    row: list[str], places: Mapping[str, int], fixed: Mapping[str, str], name: str
) -> Item | ErrorBody:
    values = {field: row[at] for field, at in places.items() if at < len(row) and row[at]}
    return _build({"id": name, "surface": "post", "author.id": "unknown", **fixed, **values})


def _build(flat: Mapping[str, Any]) -> Item | ErrorBody:
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        outer, dot, inner = name.partition(".")
        if dot:
            nested.setdefault(outer, {})[inner] = value
        else:
            nested[name] = value.replace(",", " ").split() if name in LISTS else value
    try:
        item = msgspec.convert(nested, Item, strict=False)
        check_item(item)
    except msgspec.ValidationError as problem:
        return ErrorBody(code="wrong_type", message=str(problem))
    except VigieError as problem:
        return problem.body()
    return item


def _picture(path: Path, mime: str, columns: Columns) -> Read:
    data = path.read_bytes()
    medium = {"base64": base64.b64encode(data).decode(), "mime": mime}
    flat = {"id": str(path), "surface": "post", "author.id": "unknown", **columns.fixed}
    return Read(str(path), _build({**flat, "media": [medium]}), len(data))
